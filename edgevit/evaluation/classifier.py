"""What is measured, as a function from pixels to a score for each class."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from edgevit.errors import UnsupportedError, UsageError
from edgevit.types import Head, Preprocessing, Size

__all__ = ["Classifier", "Pixels", "Scores", "Target", "check_head", "open_classifier"]

Pixels: TypeAlias = NDArray[np.uint8]
"""Images as the app hands them over: RGB (N, H, W, 3)."""

Scores: TypeAlias = NDArray[np.float64]
"""One row an image, one column a class; larger means likelier."""


@dataclass(frozen=True, slots=True)
class Target:
    """What to measure, in words that another process understands.

    Attributes:
        path: An ``.mlpackage``, a ``.tflite`` file, an SDK folder, or a weight file of ``save_training``; None for a
            network by its name.
        model: Registry name, or an empty string where the file says it.
        weights: As :func:`edgevit.load_model` takes them.
        num_classes: None takes 1000, or what the weight file says.
        input_size: None takes the native size, or what the weight file says.
        seed: Of random weights.
    """

    path: Path | None
    model: str = ""
    weights: str = "auto"
    num_classes: int | None = None
    input_size: int | Size | None = None
    seed: int = 0


class Classifier(Protocol):
    """Something that classifies images."""

    @property
    def title(self) -> str:
        """Return its name for reports."""

    @property
    def runtime(self) -> str:
        """Return what computes."""

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the file, or of the weights."""

    @property
    def size(self) -> Size:
        """Return height and width of its images."""

    @property
    def preprocessing(self) -> Preprocessing:
        """Return how photographs become its images."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Return its class names; empty where it has none."""

    def scores(self, images: Pixels) -> Scores:
        """Return the scores of images (N, H, W, 3), N at least 1."""


def open_classifier(target: Target) -> Classifier:
    """Return what ``target`` names, ready to run.

    Raises:
        InputError: A file is missing or damaged, or weights cannot be had.
        UnsupportedError: It does not classify, or edgevit did not write it.
    """
    if target.path is None:
        from edgevit.evaluation.network import NetworkClassifier

        return NetworkClassifier(target)
    if target.path.is_file() and target.path.suffix != ".tflite":
        return _open_weights(target, target.path)
    return _open_artifact(target.path)


def _open_weights(target: Target, path: Path) -> Classifier:
    from edgevit.evaluation.network import NetworkClassifier
    from edgevit.weights.checkpoint import read_checkpoint
    from edgevit.weights.described_file import describe

    about = describe(read_checkpoint(path))
    if about is None:
        raise UsageError(
            f"'{path}' does not say which network it is.", help=f"Say it: edgevit eval MODEL --weights {path}"
        )
    return NetworkClassifier(Target(None, about.model, str(path), target.num_classes, target.input_size))


def _open_artifact(path: Path) -> Classifier:
    from edgevit.evaluation.artifact import PackageClassifier, TFLiteClassifier
    from edgevit.verification.verify import artifact_path

    artifact = artifact_path(path)
    return PackageClassifier(artifact) if artifact.is_dir() else TFLiteClassifier(artifact)


def check_head(head: Head, name: str) -> None:
    """Return if a network with this head classifies.

    Raises:
        UnsupportedError: It does not.
    """
    if head not in (Head.PROBABILITIES, Head.LOGITS):
        raise UnsupportedError(
            f"{name} does not classify: it returns {head.value}.",
            help="Measure what was built with --head probabilities or logits.",
        )
