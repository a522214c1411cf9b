"""The Swift package: the iOS template with one build's data in its slots."""

from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path

from edgevit.errors import ConversionError, UnsupportedError
from edgevit.sdk import jsonfile
from edgevit.sdk.config import SdkContent, config
from edgevit.sdk.ios_readme import readme
from edgevit.sdk.manifest import write_manifest
from edgevit.sdk.template import Template
from edgevit.store.diskerrors import writing
from edgevit.types import Artifact

__all__ = ["DATA_FOLDER", "DATA_SLOTS", "MODEL_NAME", "write_ios_package"]

DATA_FOLDER = "Sources/EdgeVitKit/ModelData"
"""Where the model and its description are in the package."""

MODEL_NAME = "EdgeVitModel.mlpackage"
"""The same for every model: Xcode would name a class after it if it ever compiled it, and no type of ours has it."""

_APP_SETTINGS = "BenchConfig/Bench.xcconfig"
"""Build settings of the benchmark app that depend on the model."""

DATA_SLOTS = ("README.md", f"{DATA_FOLDER}/", _APP_SETTINGS)
"""What differs from build to build besides :data:`_PLATFORMS`; a slash ends a folder."""

_PLATFORMS = b"platforms: [.iOS(.v16), .macOS(.v13)],"
"""The one line of ``Package.swift`` that depends on the model."""

_MACOS_OF_IOS = {15: 12, 16: 13, 17: 14, 18: 15}
"""iOS major version -> the macOS of the same year, which has the same Core ML."""

_APP_IOS = 16
"""Oldest iOS major version of the benchmark app, which draws with Swift Charts."""


def write_ios_package(folder: Path, content: SdkContent) -> Artifact:
    """Fill ``folder`` with a SwiftPM package for one model.

    Args:
        folder: Exists; empty but for the artifact, which may lie inside and is then moved.
        content: What was built.

    Returns:
        The artifact at its place in the package.

    Raises:
        UnsupportedError: The artifact is no Core ML package, or takes no image.
        InputError: edgevit's own template is damaged.
        DiskError, OutputError: The package cannot be written.
    """
    _check(content)
    template = Template("ios")
    with writing(folder):
        template.copy(folder)
        ios = _ios(content.artifact.minimum_os)
        _set_platforms(folder / "Package.swift", ios)
        _write_app_settings(folder / _APP_SETTINGS, ios)
        artifact = _place(content.artifact, folder)
        content = dataclasses.replace(content, artifact=artifact)
        data = folder / DATA_FOLDER
        (data / "edgevit.json").write_bytes(jsonfile.encode(config(content)))
        (data / "labels.txt").write_bytes("".join(f"{label}\n" for label in content.labels).encode())
        (data / "golden.json").write_bytes(jsonfile.encode(content.golden))
        _copy_photos(content.photos, data / "photos")
        (folder / "README.md").write_bytes(readme(content).encode())
        write_manifest(folder, platform="ios", config=f"{DATA_FOLDER}/edgevit.json")
    return artifact


def _check(content: SdkContent) -> None:
    if content.artifact.format != "mlpackage":
        raise UnsupportedError(
            f"A Swift package cannot hold a {content.artifact.format} file.", help="Convert for Core ML."
        )
    if content.input_kind != "centred_pixels":
        raise UnsupportedError(
            "A Swift package needs a model that takes an image.",
            why=f"This one takes input of the kind '{content.input_kind}'.",
            help="Do not skip the rewrite 'image-input'.",
        )


def _place(artifact: Artifact, folder: Path) -> Artifact:
    target = folder / DATA_FOLDER / MODEL_NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    if artifact.path.is_relative_to(folder):
        artifact.path.rename(target)
    else:
        shutil.copytree(artifact.path, target)
    return dataclasses.replace(artifact, path=target)


def _copy_photos(photos: tuple[Path, ...], folder: Path) -> None:
    folder.mkdir()
    for photo in photos:
        (folder / photo.name).write_bytes(photo.read_bytes())


def _ios(minimum_os: str) -> int:
    match = re.fullmatch(r"iOS (\d+)", minimum_os)
    ios = int(match[1]) if match else 0
    if ios not in _MACOS_OF_IOS:
        raise ConversionError(
            f"The Swift package cannot state '{minimum_os}' as its oldest system.", help="Report this as a bug."
        )
    return ios


def _set_platforms(package: Path, ios: int) -> None:
    """Put the model's oldest system into ``Package.swift``, so that Xcode refuses older deployment targets."""
    source = package.read_bytes()
    if source.count(_PLATFORMS) != 1:
        raise ConversionError("The template's Package.swift states no platforms.", help="Report this as a bug.")
    line = f"platforms: [.iOS(.v{ios}), .macOS(.v{_MACOS_OF_IOS[ios]})],"
    package.write_bytes(source.replace(_PLATFORMS, line.encode()))


def _write_app_settings(settings: Path, ios: int) -> None:
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_bytes(f"IPHONEOS_DEPLOYMENT_TARGET = {max(ios, _APP_IOS)}.0\n".encode())
