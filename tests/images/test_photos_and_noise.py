from __future__ import annotations

import numpy as np
import pytest

from edgevit.images.noise import stress_images, structured_noise
from edgevit.images.photos import photos
from edgevit.types import Preprocessing


def test_four_small_photographs_ship_with_their_attribution() -> None:
    shipped = photos()
    attribution = (shipped[0].path.parent / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert len({photo.name for photo in shipped}) == 4
    for photo in shipped:
        assert photo.path.name in attribution
        assert photo.path.stat().st_size <= 150_000


def test_photographs_differ_and_have_contrast() -> None:
    pixels = [photo.pixels((96, 128), Preprocessing()) for photo in photos()]
    assert all(image.shape == (96, 128, 3) and image.std() > 30 for image in pixels)
    assert len({image.tobytes() for image in pixels}) == 4


def test_structured_noise_is_seeded_and_has_a_falling_spectrum() -> None:
    image = structured_noise((128, 128), seed=3)
    assert image.dtype == np.uint8
    assert np.array_equal(image, structured_noise((128, 128), seed=3))
    assert not np.array_equal(image, structured_noise((128, 128), seed=4))
    power = np.abs(np.fft.fft2(image[..., 0].astype(float) - image[..., 0].mean())) ** 2
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(128), np.fft.fftfreq(128)))
    assert power[(radius > 0.02) & (radius < 0.05)].mean() > 20 * power[radius > 0.4].mean()
    assert np.corrcoef(image[..., 0].ravel(), image[..., 1].ravel())[0, 1] > 0.4


@pytest.mark.parametrize("size", [(32, 32), (24, 40)])
def test_stress_images_are_at_the_limits(size: tuple[int, int]) -> None:
    images = stress_images(size)
    assert list(images) == ["black", "white", "binary", "checker1", "checker8"]
    assert all(set(np.unique(image)) <= {0, 255} and image.shape == (*size, 3) for image in images.values())
    assert images["black"].max() == 0
    assert images["white"].min() == 255
    assert 0.4 < (images["binary"] > 0).mean() < 0.6
    assert images["checker1"][0, 1, 0] == 255
    assert images["checker8"][0, 7, 0] == 0
