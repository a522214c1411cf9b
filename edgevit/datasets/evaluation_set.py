"""Labelled images in memory: what a search measures accuracy on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgevit.datasets.decoding import decode
from edgevit.datasets.folder import pick
from edgevit.datasets.labelled import labelled_images
from edgevit.types import ModelSpec

__all__ = ["EvaluationSet", "evaluation_images"]


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationSet:
    """Images as the network gets them, and their classes.

    Attributes:
        images: uint8 RGB (N, H, W, 3).
        labels: Index of each image's class.
        source: For reports, for example ``1000 of 10000 images in 'test', seed 0``.
    """

    images: NDArray[np.uint8]
    labels: tuple[int, ...]
    source: str


def evaluation_images(folder: Path, labels: Sequence[str], count: int, seed: int, spec: ModelSpec) -> EvaluationSet:
    """Return labelled images with exactly the preprocessing of the app.

    Args:
        folder: One folder for each class, see :func:`~edgevit.datasets.labelled_images`.
        labels: The model's labels, in the order of its outputs.
        count: How many, drawn from all classes in turns; all where there are fewer.
        seed: Of the choice.
        spec: Its input size and preprocessing decide the pixels.

    Raises:
        UsageError: ``count`` is below 1.
        BadDataError: The folder does not exist, or its folders are no classes.
        BadImageError: Chosen files cannot be decoded; all are named.
    """
    classes = {image.path: image.label for image in labelled_images(folder, labels)}
    chosen = pick(tuple(classes), count, seed)
    images = decode(chosen, spec.input_size, spec.preprocessing)
    source = f"{len(chosen)} of {len(classes)} images in '{folder.resolve().name}', seed {seed}"
    return EvaluationSet(images, tuple(classes[path] for path in chosen), source)
