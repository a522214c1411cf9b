from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgevit.errors import BadImageError
from edgevit.images.preprocess import MAX_PIXELS, centre, normalize, open_image, resized_size, to_pixels
from edgevit.types import Preprocessing

PREPROCESSING = Preprocessing()
WHOLE = Preprocessing(crop_pct=1.0)


def gradient(height: int, width: int) -> Image.Image:
    rows, columns = np.mgrid[:height, :width]
    channels = (rows * 255 // max(height - 1, 1), columns * 255 // max(width - 1, 1), (rows + columns) % 256)
    return Image.fromarray(np.stack(channels, -1).astype(np.uint8))


@pytest.mark.parametrize(
    ("source", "target", "crop_pct", "expected"),
    [
        ((480, 640), (224, 224), 0.875, (256, 341)),
        ((640, 480), (224, 224), 0.875, (341, 256)),
        ((300, 300), (256, 256), 0.9, (284, 284)),
        ((100, 400), (224, 224), 1.0, (224, 896)),
        ((100, 100), (192, 256), 1.0, (256, 256)),
        ((480, 640), (192, 256), 1.0, (192, 256)),
    ],
)
def test_the_resized_image_covers_the_target_and_keeps_its_proportions(
    source: tuple[int, int], target: tuple[int, int], crop_pct: float, expected: tuple[int, int]
) -> None:
    assert resized_size(source, target, crop_pct) == expected


def test_the_centre_is_cropped_after_an_antialiased_bicubic_resize() -> None:
    image = gradient(480, 640)
    expected = np.asarray(image.resize((341, 256), Image.Resampling.BICUBIC))[16:240, 58:282]
    assert np.array_equal(to_pixels(image, (224, 224), PREPROCESSING), expected)


def test_an_image_of_the_right_size_is_left_as_it_is() -> None:
    image = gradient(64, 48)
    assert np.array_equal(to_pixels(image, (64, 48), WHOLE), np.asarray(image))


def test_the_orientation_tag_is_obeyed(tmp_path: Path) -> None:
    upright = gradient(32, 48)
    sideways = upright.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate 90 degrees clockwise to display"
    sideways.save(tmp_path / "photo.png", exif=exif)
    assert np.array_equal(to_pixels(open_image(tmp_path / "photo.png"), (32, 48), WHOLE), np.asarray(upright))


def test_grey_and_16_bit_grey_become_equal_channels() -> None:
    grey = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 16
    wide = to_pixels(Image.fromarray(grey), (64, 64), WHOLE)
    narrow = to_pixels(Image.fromarray((grey >> 8).astype(np.uint8)), (64, 64), WHOLE)
    assert np.array_equal(wide, narrow)
    assert np.array_equal(wide[..., 0], grey >> 8)


def test_transparent_pixels_lie_on_black() -> None:
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[..., 0] = 200
    rgba[:4, :, 3] = 255
    pixels = to_pixels(Image.fromarray(rgba), (8, 8), WHOLE)
    assert pixels[0, 0].tolist() == [200, 0, 0]
    assert pixels[7, 0].tolist() == [0, 0, 0]


def test_cmyk_is_converted_to_rgb(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "red.jpg", quality=95)
    red, green, blue = to_pixels(open_image(tmp_path / "red.jpg"), (8, 8), WHOLE)[4, 4].tolist()
    assert red > 240
    assert max(green, blue) < 15


def test_normalized_and_centred_values_are_those_of_the_definition() -> None:
    pixels = np.asarray(gradient(4, 6))
    mean, std = np.array(PREPROCESSING.mean), np.array(PREPROCESSING.std)
    expected = ((pixels / 255.0 - mean) / std).transpose(2, 0, 1)[None]
    normalized, centred = normalize(pixels, PREPROCESSING), centre(pixels, PREPROCESSING)
    assert normalized.dtype == centred.dtype == np.float32
    assert np.array_equal(normalized, expected.astype(np.float32))
    assert centred.shape == (1, 3, 4, 6)
    assert centred[0, :, 1, 2] == pytest.approx(pixels[1, 2] - 255 * mean, abs=1e-4)


@pytest.mark.parametrize("name", ["photo.png", "photo.jpg", "photo.webp", "photo.bmp", "photo.gif"])
def test_every_allowed_format_opens(tmp_path: Path, name: str) -> None:
    gradient(20, 30).save(tmp_path / name)
    assert open_image(tmp_path / name).size == (30, 20)


@pytest.mark.parametrize("name", ["photo.tiff", "photo.ppm", "photo.ico"])
def test_other_formats_are_refused_even_under_an_allowed_name(tmp_path: Path, name: str) -> None:
    gradient(16, 16).save(tmp_path / name)
    (tmp_path / name).rename(tmp_path / "photo.png")
    with pytest.raises(BadImageError, match=r"photo\.png"):
        open_image(tmp_path / "photo.png")


@pytest.mark.parametrize("name", ["photo.png", "photo.jpg", "photo.webp", "photo.gif"])
def test_truncated_and_mutated_files_end_in_our_error_or_an_image(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    gradient(40, 60).save(path)
    good = path.read_bytes()
    generator = np.random.default_rng(0)
    refused = 0
    for _ in range(60):
        data = bytearray(good)
        for position in generator.integers(0, len(data), 4):
            data[position] = generator.integers(0, 256)
        path.write_bytes(data[: generator.integers(1, len(data) + 1)])
        try:
            open_image(path)
        except BadImageError:
            refused += 1
    assert refused > 30


def test_too_many_pixels_are_refused_before_decoding(tmp_path: Path) -> None:
    side = int(MAX_PIXELS**0.5) + 1
    Image.new("1", (side, side)).save(tmp_path / "big.png")
    with pytest.raises(BadImageError, match="big"):
        open_image(tmp_path / "big.png")


def test_a_missing_file_and_an_absurdly_narrow_image_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadImageError):
        open_image(tmp_path / "none.png")
    with pytest.raises(BadImageError, match="cannot be resized"):
        to_pixels(Image.new("RGB", (1, 60_000)), (224, 224), PREPROCESSING)
