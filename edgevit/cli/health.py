"""What edgevit needs of a machine, and whether it is there. Imports none of it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

__all__ = ["REQUIREMENTS", "Check", "State", "allows", "check_machine", "hub_cache"]


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warn"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        found: What is there.
        fix: What to do about it, or an empty string.
        required: Whether builds for iOS fail without it.
    """

    name: str
    state: State
    found: str
    fix: str = ""
    required: bool = True


REQUIREMENTS = {
    "torch": "==2.13.0",
    "numpy": ">=2.3,<2.4",
    "click": ">=8.5,<9",
    "rich": ">=14,<16",
    "safetensors": ">=0.8,<1",
    "huggingface_hub": ">=2.4,<3",
    "pillow": ">=13,<14",
    "coremltools": "==9.0",
    "flatbuffers": ">=25.9,<26",
    "ai-edge-litert": ">=2.3,<3",
}
"""Distribution -> tested versions, as in ``pyproject.toml`` (a test compares them)."""

_FOR_ANDROID = frozenset({"flatbuffers", "ai-edge-litert"})

_NATIVE_LIBRARIES = ("libmilstoragepython", "libmodelpackage")
"""coremltools installs without them on a Python that it has no wheel for, and fails at the end of a conversion."""

_GIB = 2**30
_DISK_WANTED = 2 * _GIB
_MEMORY_WANTED = 4 * _GIB
_TOOL_PATIENCE = 20.0


def check_machine() -> Iterator[Check]:
    """Yield one check after the other; the slowest start a child process for a moment."""
    yield _python()
    yield from (_package(name, tested) for name, tested in REQUIREMENTS.items())
    yield from (_native_library(name) for name in _NATIVE_LIBRARIES)
    yield _memory()
    yield _disk("working folder", Path.cwd())
    yield _disk("weights cache", hub_cache())
    yield _hub()
    yield _tool("swift", ["swift", "--version"], "Get it from swift.org to run the package's tests here.")
    yield _xcode()


def hub_cache() -> Path:
    """Return where huggingface_hub keeps files, by its documented variables."""
    variables = os.environ
    base = Path(variables.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    home = Path(variables.get("HF_HOME", base / "huggingface"))
    return Path(variables.get("HF_HUB_CACHE", home / "hub"))


def _python() -> Check:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if _numbers(platform.python_version()) < (3, 14):
        return Check("Python", State.OK, found)
    return Check(
        "Python", State.WARNING, found, "coremltools 9.0 has wheels up to Python 3.13: use that or an older one."
    )


def _package(name: str, tested: str) -> Check:
    required = name not in _FOR_ANDROID
    fix = f"pip install '{name}{tested}'"
    try:
        found = version(name)
    except PackageNotFoundError:
        return Check(name, State.MISSING, "not installed", fix, required)
    if allows(tested, found):
        return Check(name, State.OK, found, required=required)
    return Check(name, State.WARNING, f"{found}, tested is {tested}", fix, required)


def allows(tested: str, found: str) -> bool:
    """Return whether a version lies in a range written as ``>=a,<b`` or ``==a``."""
    return all(_holds(found, operator, bound) for operator, bound in _CLAUSE.findall(tested))


_CLAUSE = re.compile(r"(==|>=|<)([\d.]+)")


def _holds(found: str, operator: str, bound: str) -> bool:
    left, right = _numbers(found), _numbers(bound)
    return {"==": left[: len(right)] == right, ">=": left >= right, "<": left < right}[operator]


def _numbers(text: str) -> tuple[int, ...]:
    release = re.match(r"\d+(\.\d+)*", text)
    return tuple(int(part) for part in release[0].split(".")) if release else ()


def _native_library(name: str) -> Check:
    """Load a library of coremltools in a child: it may be missing, or made for another Python."""
    title = f"coremltools {name}"
    spec = find_spec("coremltools")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    files = [file for folder in folders for file in Path(folder).glob(f"{name}*.so")]
    fix = "Use Python 3.11, 3.12 or 3.13 and reinstall: pip install --force-reinstall 'coremltools==9.0'"
    if not files:
        return Check(title, State.MISSING, "not in this installation", fix)
    done = _run([sys.executable, "-c", _LOAD, name, str(files[0])])
    if done is None or done.returncode != 0:
        return Check(title, State.MISSING, "there, but cannot be loaded", fix)
    return Check(title, State.OK, "loads")


_LOAD = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location(*sys.argv[1:])
spec.loader.exec_module(importlib.util.module_from_spec(spec))
"""


def _memory() -> Check:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    found = f"{total / _GIB:.1f} GiB"
    if total >= _MEMORY_WANTED:
        return Check("memory", State.OK, found)
    return Check("memory", State.WARNING, found, "The largest variants take up to 4 GiB; take a smaller one.")


def _disk(title: str, path: Path) -> Check:
    """Check the space where ``path`` is, or will be."""
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    found = f"{path} ({free / _GIB:.1f} GiB free)"
    if not os.access(existing, os.W_OK):
        return Check(title, State.WARNING, f"{path} (not writable)", "Change its permissions, or use another folder.")
    if free < _DISK_WANTED:
        return Check(title, State.WARNING, found, f"Free some space: {_DISK_WANTED // _GIB} GiB are comfortable.")
    return Check(title, State.OK, found)


def _hub() -> Check:
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}:
        fix = "Unset HF_HUB_OFFLINE to fetch pretrained weights; cached ones are used as it is."
        return Check("weights hub", State.WARNING, "switched off by HF_HUB_OFFLINE", fix, required=False)
    return Check("weights hub", State.OK, f"{endpoint} (not contacted)", required=False)


def _tool(name: str, command: list[str], fix: str) -> Check:
    if shutil.which(command[0]) is None:
        return Check(name, State.MISSING, "not found (optional)", fix, required=False)
    done = _run(command)
    if done is None or done.returncode != 0:
        return Check(name, State.WARNING, "found, but does not run", fix, required=False)
    return Check(name, State.OK, next(iter(done.stdout.splitlines()), "found"), required=False)


def _xcode() -> Check:
    if platform.system() != "Darwin":
        fix = "Open the finished package on a Mac."
        return Check("Xcode", State.MISSING, "needs macOS (optional here)", fix, required=False)
    return _tool("Xcode", ["xcodebuild", "-version"], "Install Xcode from the App Store.")


def _run(command: list[str]) -> subprocess.CompletedProcess[str] | None:
    """Run a short command; None if it does not start or does not end."""
    try:
        return subprocess.run(  # noqa: S603 - fixed commands, no shell
            command, capture_output=True, text=True, timeout=_TOOL_PATIENCE, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
