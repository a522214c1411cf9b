"""The tools of one build, all found before the first one runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgevit.sdk.apk.wheels import obtain
from edgevit.types import EventSink

__all__ = ["Toolchain", "toolchain"]

_PARTS = ("java", "kotlin", "d8", "aapt2", "android-api")


@dataclass(frozen=True, slots=True)
class Toolchain:
    """Files of :data:`~edgevit.sdk.apk.tools.PARTS`.

    Attributes:
        java: The program.
        kotlin: Compiler, standard library, coroutines, annotations, in this order.
        d8: Jar with D8.
        aapt2: The program.
        framework: Android's resources, for aapt2.
        android: What the sources are compiled against: jars, or folders of declarations in Java; the first one wins.
        origins: Part -> who installed it.
    """

    java: Path
    kotlin: tuple[Path, ...]
    d8: Path
    aapt2: Path
    framework: Path
    android: tuple[Path, ...]
    origins: dict[str, str]


def toolchain(on_event: EventSink | None = None) -> Toolchain:
    """Return all tools; what edgevit can fetch is fetched the first time.

    Raises:
        ToolMissingError: One is not there and cannot be fetched.
        DigestMismatchError, LockedError, DiskError, OutputError: As in :func:`~edgevit.sdk.apk.wheels.fetch`.
    """
    found = {name: obtain(name, on_event) for name in _PARTS}
    aapt2, framework = found["aapt2"].paths
    return Toolchain(
        java=found["java"].paths[0],
        kotlin=found["kotlin"].paths,
        d8=found["d8"].paths[0],
        aapt2=aapt2,
        framework=framework,
        android=found["android-api"].paths,
        origins={name: part.origin.value for name, part in found.items()},
    )
