"""Labelled images in memory."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgevit.datasets import evaluation_images
from edgevit.errors import BadDataError, BadImageError, UsageError
from edgevit.models.registry import resolve

LABELS = ("ape", "bee", "cat")
SPEC = dataclasses.replace(resolve("fastvit_t8", num_classes=3, input_size=32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for label, name in enumerate(LABELS):
        (tmp_path / name).mkdir()
        for place in range(4):
            Image.new("RGB", (40, 40), (60 * label + place, 0, 0)).save(tmp_path / name / f"{place}.png")
    return tmp_path


def test_each_image_comes_with_its_class(folder: Path) -> None:
    found = evaluation_images(folder, LABELS, 100, 0, SPEC)
    assert found.images.shape == (12, 32, 32, 3)
    assert found.labels == (0,) * 4 + (1,) * 4 + (2,) * 4
    assert [int(image[0, 0, 0]) // 60 for image in found.images] == list(found.labels)
    assert found.source == f"12 of 12 images in '{folder.name}', seed 0"


def test_few_images_show_all_classes_and_depend_on_the_seed(folder: Path) -> None:
    first, again, other = (evaluation_images(folder, LABELS, 6, seed, SPEC) for seed in (1, 1, 2))
    assert sorted(first.labels) == [0, 0, 1, 1, 2, 2]
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)


def test_folders_that_are_no_classes_are_refused(folder: Path) -> None:
    with pytest.raises(BadDataError):
        evaluation_images(folder, ("ape", "bee", "dog"), 4, 0, SPEC)


def test_bad_images_and_counts_are_refused(folder: Path) -> None:
    (folder / "ape" / "0.png").write_bytes(b"nothing")
    with pytest.raises(BadImageError, match="1 of 12 images"):
        evaluation_images(folder, LABELS, 12, 0, SPEC)
    with pytest.raises(UsageError):
        evaluation_images(folder, LABELS, 0, 0, SPEC)
