"""What differs between phone systems: the format of the file, its converter, and the project around it.

Everything heavy is imported when a platform is asked to do something.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edgevit.types import AdaptedModel, Artifact, BuildSpec

if TYPE_CHECKING:
    from edgevit.backends.base import ConversionRequest
    from edgevit.mobile.rewrite import Target
    from edgevit.sdk.config import SdkContent

__all__ = ["ANDROID", "IOS", "Platform", "asked_for"]


@dataclass(frozen=True, slots=True)
class Platform:
    """One phone system.

    Attributes:
        name: ``ios`` or ``android``; ends the name of the default folder.
        title: Its name for people.
        file_title: What the model file is called, for people.
        project_title: What the folder is called, for people.
        form: Format of the model file, ``mlpackage`` or ``tflite``.
        file_name: Name of the model file in the folder where it is made.
        rounds_arithmetic: Half precision concerns activations too, so a twin with rounded weights makes a proof.
        target: Returns the format that networks are rewritten for.
        convert: Writes an adapted network to the first path, and its float32 twin to the second one if given.
        write: Fills a folder with the project.
    """

    name: str
    title: str
    file_title: str
    project_title: str
    form: str
    file_name: str
    rounds_arithmetic: bool
    target: Callable[[], Target]
    convert: Callable[[AdaptedModel, ConversionRequest, Path, Path | None], Artifact]
    write: Callable[[Path, SdkContent], Artifact]


def asked_for(request: BuildSpec) -> tuple[Platform, ...]:
    """Return the platforms of a request, in the order of this module."""
    return tuple(platform for platform, asked in ((IOS, request.ios), (ANDROID, request.android)) if asked)


def _core_ml() -> Target:
    from edgevit.mobile.rewrite import Target

    return Target.COREML


def _to_core_ml(model: AdaptedModel, request: ConversionRequest, path: Path, twin: Path | None) -> Artifact:
    from edgevit.backends.coreml import convert

    return convert(model, request, path, twin=twin)


def _swift_package(folder: Path, content: SdkContent) -> Artifact:
    from edgevit.sdk.ios import write_ios_package

    return write_ios_package(folder, content)


def _tflite() -> Target:
    from edgevit.mobile.rewrite import Target

    return Target.TFLITE


def _to_tflite(model: AdaptedModel, request: ConversionRequest, path: Path, twin: Path | None) -> Artifact:
    from edgevit.backends.tflite import convert

    return convert(model, request, path, twin=twin)


def _gradle_project(folder: Path, content: SdkContent) -> Artifact:
    from edgevit.sdk.android import write_android_project

    return write_android_project(folder, content)


IOS = Platform(
    name="ios",
    title="iOS",
    file_title="Core ML package",
    project_title="Swift package",
    form="mlpackage",
    file_name="EdgeVitModel.mlpackage",
    rounds_arithmetic=True,
    target=_core_ml,
    convert=_to_core_ml,
    write=_swift_package,
)
"""Core ML in a Swift package."""

ANDROID = Platform(
    name="android",
    title="Android",
    file_title="TFLite file",
    project_title="Gradle project",
    form="tflite",
    file_name="model.tflite",
    rounds_arithmetic=False,
    target=_tflite,
    convert=_to_tflite,
    write=_gradle_project,
)
"""TFLite in a Gradle project with a Kotlin library."""
