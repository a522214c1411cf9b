"""The Gradle project: the Android template with one build's data in its slots."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from edgevit.errors import UnsupportedError
from edgevit.sdk import jsonfile
from edgevit.sdk.android_readme import readme
from edgevit.sdk.config import SdkContent, config
from edgevit.sdk.manifest import write_manifest
from edgevit.sdk.template import Template
from edgevit.store.diskerrors import writing
from edgevit.types import Artifact

__all__ = ["ANDROID_DATA_FOLDER", "ANDROID_DATA_SLOTS", "ANDROID_MODEL_NAME", "write_android_project"]

ANDROID_DATA_FOLDER = "edgevit/src/main/assets/edgevit"
"""Where the model and its description are in the project; ``edgevit/...`` among an app's assets."""

ANDROID_MODEL_NAME = "model.tflite"
"""The same for every model, so that constant code finds it."""

ANDROID_DATA_SLOTS = ("README.md", f"{ANDROID_DATA_FOLDER}/")
"""All that differs from build to build; a slash ends a folder."""


def write_android_project(folder: Path, content: SdkContent) -> Artifact:
    """Fill ``folder`` with a Gradle project for one model.

    Args:
        folder: Exists; empty but for the artifact, which may lie inside and is then moved.
        content: What was built.

    Returns:
        The artifact at its place in the project.

    Raises:
        UnsupportedError: The artifact is no TFLite file, takes no image, or has no golden outputs.
        InputError: edgevit's own template is damaged.
        DiskError, OutputError: The project cannot be written.
    """
    _check(content)
    template = Template("android")
    with writing(folder):
        template.copy(folder)
        artifact = _place(content.artifact, folder)
        content = dataclasses.replace(content, artifact=artifact)
        data = folder / ANDROID_DATA_FOLDER
        (data / "edgevit.json").write_bytes(jsonfile.encode(config(content)))
        (data / "labels.txt").write_bytes("".join(f"{label}\n" for label in content.labels).encode())
        (data / "golden.json").write_bytes(jsonfile.encode(content.golden))
        _copy_photos(content.photos, data / "photos")
        (folder / "README.md").write_bytes(readme(content).encode())
        write_manifest(folder, platform="android", config=f"{ANDROID_DATA_FOLDER}/edgevit.json")
    return artifact


def _check(content: SdkContent) -> None:
    if content.artifact.format != "tflite":
        raise UnsupportedError(
            f"An Android project cannot hold a {content.artifact.format} file.", help="Convert for TFLite."
        )
    if content.input_kind not in {"centred_pixels", "normalized"}:
        raise UnsupportedError(
            "An Android project needs a model that takes an image.",
            why=f"This one takes input of the kind '{content.input_kind}'.",
            help="Report this as a bug.",
        )
    if not content.golden.get("photos") or not content.photos:
        raise UnsupportedError(
            "An Android project needs golden outputs and their photographs.",
            why="The library checks with them that a phone's processors compute what PyTorch does.",
            help="Report this as a bug.",
        )


def _place(artifact: Artifact, folder: Path) -> Artifact:
    target = folder / ANDROID_DATA_FOLDER / ANDROID_MODEL_NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    if artifact.path.is_relative_to(folder):
        artifact.path.rename(target)
    else:
        shutil.copyfile(artifact.path, target)
    return dataclasses.replace(artifact, path=target)


def _copy_photos(photos: tuple[Path, ...], folder: Path) -> None:
    folder.mkdir()
    for photo in photos:
        (folder / photo.name).write_bytes(photo.read_bytes())
