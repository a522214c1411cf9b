"""A generated Android project as a signed APK: compile, pack, align, sign."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edgevit.errors import UsageError
from edgevit.sdk.apk.archive import Entry, write_archive
from edgevit.sdk.apk.bytecode import compile_sources, to_dex
from edgevit.sdk.apk.dexcache import cached, code_key
from edgevit.sdk.apk.gradle import MODULES, AppFacts, read_app
from edgevit.sdk.apk.keys import SigningKey, debug_key
from edgevit.sdk.apk.resources import compile_resources
from edgevit.sdk.apk.runtime import Runtime, find_runtime, read_runtime
from edgevit.sdk.apk.signing import sign
from edgevit.sdk.apk.toolchain import Toolchain, toolchain
from edgevit.store.digest import tree_files
from edgevit.store.diskerrors import writing
from edgevit.store.publish import write_file_atomically
from edgevit.types import Event, EventSink

__all__ = ["Apk", "build_apk"]

_DECLARATIONS = Path(__file__).parent / "api" / "litert"
_STORED = (".tflite", ".png", ".jpg")
"""Suffixes of assets that are stored: Android maps models into memory, and pictures are compressed already."""

_NO_RUNTIME = Runtime((), (), (), ())


@dataclass(frozen=True, slots=True)
class Apk:
    """What was built.

    Attributes:
        application_id: Name of the app on the phone.
        min_sdk: Oldest API level that installs it.
        abi_bytes: Processor family that it can run on -> size of the runtime for it; empty without a runtime.
        runtime: Name and sha256 of each AAR that is inside.
        signer_sha256: Digest of the signer's certificate, as ``apksigner verify --print-certs`` shows it.
        tools: Part of the tool chain -> whose it was.
    """

    path: Path
    sha256: str
    size_bytes: int
    application_id: str
    min_sdk: int
    abi_bytes: dict[str, int]
    runtime: tuple[tuple[str, str], ...]
    signer_sha256: str
    tools: dict[str, str]


def build_apk(
    project: Path,
    out: Path,
    *,
    aars: Sequence[Path] = (),
    with_runtime: bool = True,
    key: SigningKey | None = None,
    use_cache: bool = True,
    on_event: EventSink | None = None,
) -> Apk:
    """Build the benchmark app of a generated Android project, without Gradle.

    Equal projects, tools and RSA keys give equal bytes.

    Args:
        project: Folder that :func:`~edgevit.sdk.android.write_android_project` filled.
        out: The APK to write.
        aars: LiteRT's AARs; none looks for them in the local Gradle and Maven caches.
        with_runtime: False leaves LiteRT out: the APK installs, and says on the phone that it cannot run.
        key: Whose signature it gets; None takes this user's debug key.
        use_cache: Take code that was compiled before from the same sources by the same tools.
        on_event: Receives progress.

    Raises:
        UsageError: AARs were passed for an APK without a runtime.
        InputError: The project is not as it was generated.
        ToolMissingError: A tool or the runtime is missing; the help says how to get it.
        ConversionError: A compiler failed.
        DiskError, OutputError: The APK cannot be written.
    """
    if aars and not with_runtime:
        raise UsageError("An APK without a runtime takes no AAR.", help="Choose one of the two.")
    app = read_app(project)
    runtime = read_runtime(aars or find_runtime(app.litert)) if with_runtime else _NO_RUNTIME
    signer = key or debug_key()
    tools = toolchain(on_event)
    with _stage(on_event, "compile", "Compiling the app"), _scratch() as scratch:
        code = partial(_code, project, app, runtime, tools, scratch)
        key_of_code = code_key(project, tools, runtime.classes, app.min_sdk)
        dex = cached(key_of_code, code) if use_cache else code()
        compiled = [*_resources(project, app, runtime, tools, scratch), *dex]
    with _stage(on_event, "apk", "Packing and signing the APK"):
        data = sign(write_archive([*compiled, *_assets(project), *runtime.libraries]), signer)
        write_file_atomically(out, data)
    return Apk(
        path=out,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        application_id=app.application_id,
        min_sdk=app.min_sdk,
        abi_bytes=runtime.abi_bytes,
        runtime=runtime.sources,
        signer_sha256=hashlib.sha256(signer.certificate_der).hexdigest(),
        tools=tools.origins,
    )


def _resources(project: Path, app: AppFacts, runtime: Runtime, tools: Toolchain, scratch: Path) -> tuple[Entry, ...]:
    folder = scratch / "resources"
    folder.mkdir()
    return compile_resources(project, app, runtime.manifests, tools, folder)


def _code(project: Path, app: AppFacts, runtime: Runtime, tools: Toolchain, scratch: Path) -> tuple[Entry, ...]:
    own = scratch / "app.jar"
    others = [scratch / f"runtime{number}.jar" for number in range(len(runtime.classes))]
    for jar, data in zip(others, runtime.classes, strict=True):
        jar.write_bytes(data)
    compile_sources(project, tools, others or [_DECLARATIONS], own)
    dex = scratch / "dex"
    dex.mkdir()
    return to_dex([own, *others], tools, app.min_sdk, dex)


def _assets(project: Path) -> Iterator[Entry]:
    for module in MODULES:
        folder = project / module / "src/main/assets"
        if folder.is_dir():
            for name, file in tree_files(folder):
                yield Entry(f"assets/{name}", file.read_bytes(), compressed=not name.endswith(_STORED))


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="edgevit-apk-") as folder, writing(Path(folder)):
        yield Path(folder)


@contextmanager
def _stage(on_event: EventSink | None, name: str, message: str) -> Iterator[None]:
    start = time.monotonic()
    if on_event is not None:
        on_event(Event(name, "start", message))
    yield
    if on_event is not None:
        on_event(Event(name, "end", message, seconds=time.monotonic() - start))
