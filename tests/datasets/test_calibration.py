from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgevit.datasets import calibration_images
from edgevit.errors import BadDataError, BadImageError, UsageError
from edgevit.images.photos import photos
from edgevit.models.registry import resolve

SPEC = resolve("fastvit_t8", input_size=32)


def fill(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        Image.fromarray(np.full((40, 40, 3), number, np.uint8)).save(folder / f"{number:03d}.png")
    return folder


def test_images_are_preprocessed_as_in_the_app(tmp_path: Path) -> None:
    photo = photos()[0]
    (tmp_path / "one.png").write_bytes(photo.path.read_bytes())
    found = calibration_images(tmp_path, 5, 0, SPEC)
    assert np.array_equal(found.images[0], photo.pixels(SPEC.input_size, SPEC.preprocessing))


def test_the_digest_names_the_pixels(tmp_path: Path) -> None:
    folder = fill(tmp_path / "data", 40)
    one, same, other = (calibration_images(folder, 20, seed, SPEC) for seed in (0, 0, 1))
    assert one.digest == same.digest != other.digest
    assert one.images.shape == (20, 32, 32, 3)
    assert one.source == "20 of 40 images in 'data', seed 0"
    assert one.warning is None


@pytest.mark.parametrize(("count", "expected"), [(1, "single image"), (3, "3 images"), (20, "20 images; 30")])
def test_too_few_images_are_said(tmp_path: Path, count: int, expected: str) -> None:
    assert expected in (calibration_images(fill(tmp_path / "data", count), 30, 0, SPEC).warning or "")


def test_without_a_folder_the_photographs_are_varied_and_that_is_said() -> None:
    found = calibration_images(None, 12, 0, SPEC)
    shipped = [photo.pixels(SPEC.input_size, SPEC.preprocessing) for photo in photos()]
    assert np.array_equal(found.images[:4], np.stack(shipped))
    assert len({image.tobytes() for image in found.images}) == 12
    assert found.digest == calibration_images(None, 12, 0, SPEC).digest != calibration_images(None, 12, 1, SPEC).digest
    assert "first look" in (found.warning or "")


def test_bad_images_and_bad_requests_are_refused(tmp_path: Path) -> None:
    folder = fill(tmp_path / "data", 3)
    (folder / "text.png").write_text("no image")
    with pytest.raises(BadImageError, match="1 of 4"):
        calibration_images(folder, 10, 0, SPEC)
    with pytest.raises(BadDataError):
        calibration_images(tmp_path / "nowhere", 10, 0, SPEC)
    for count in (0, 10**7):
        with pytest.raises(UsageError):
            calibration_images(folder, count, 0, SPEC)
