"""From an image file to the network's input, the way an app does it.

The steps are those of the families' published evaluation: resize the shorter side with antialiased bicubic
interpolation, crop the centre, ``(rgb / 255 - mean) / std``. Pillow's 8-bit resampling defines the exact pixels. Colour
profiles are ignored, as in training.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from edgevit.errors import BadImageError
from edgevit.types import Preprocessing, Size

__all__ = ["MAX_PIXELS", "centre", "normalize", "open_image", "resized_size", "to_pixels"]

MAX_PIXELS = 40_000_000
"""Images with more pixels are refused before they are decoded."""

_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
_INTERPOLATIONS = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
_DECODER_ERRORS = (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError, MemoryError, TypeError)


def open_image(path: Path | str) -> Image.Image:
    """Return the decoded first frame of a PNG, JPEG, WebP, BMP or GIF file.

    Raises:
        BadImageError: The file is missing, of another format, damaged, or has more than :data:`MAX_PIXELS` pixels.
    """
    path = Path(path)
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)
            image = Image.open(file, formats=_FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise _bad(path, f"it has {image.width} x {image.height} pixels; at most {MAX_PIXELS} are allowed")
            image.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _bad(path, f"it has more than {MAX_PIXELS} pixels") from error
    except FileNotFoundError as error:
        raise _bad(path, "there is no such file") from error
    except UnidentifiedImageError as error:
        raise _bad(path, f"it is not an image of these formats: {', '.join(_FORMATS)}") from error
    except _DECODER_ERRORS as error:
        raise _bad(path, f"it is damaged ({str(error) or type(error).__name__})") from error
    return image


def to_pixels(image: Image.Image, size: Size, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """Return the part of an image that the network sees, uint8 RGB (H, W, 3).

    The orientation tag is obeyed. Grey becomes RGB, 16-bit grey keeps its upper byte, transparency lies on black (as a
    bitmap context on a phone has it).

    Args:
        image: Any mode that Pillow decodes to.
        size: Height and width of the result.
        preprocessing: Says how much is cropped and how pixels are interpolated.

    Raises:
        BadImageError: The image is empty, or too narrow to be resized to a sensible size.
    """
    rgb = _to_rgb(ImageOps.exif_transpose(image))
    height, width = resized_size((rgb.height, rgb.width), size, preprocessing.crop_pct)
    if height * width > MAX_PIXELS:
        raise BadImageError(
            f"An image of {rgb.width} x {rgb.height} pixels cannot be resized to {size[1]} x {size[0]}.",
            why="It is too narrow.",
            help="Crop it first.",
        )
    if (height, width) != (rgb.height, rgb.width):
        rgb = rgb.resize((width, height), _INTERPOLATIONS[preprocessing.interpolation])
    top, left = _centre_offset(height, size[0]), _centre_offset(width, size[1])
    return np.asarray(rgb.crop((left, top, left + size[1], top + size[0])), np.uint8)


def resized_size(source: Size, target: Size, crop_pct: float) -> Size:
    """Return height and width after resizing, before the crop.

    The image is scaled, keeping its proportions, until it covers ``int(side / crop_pct)`` on both sides; for square
    targets that is the shorter side. The side that hangs over is rounded down.
    """
    cover = (int(target[0] / crop_pct), int(target[1] / crop_pct))
    if min(source) < 1:
        raise BadImageError("The image is empty.")
    # Which side limits the scale is decided in whole numbers, so that every implementation agrees.
    if cover[0] * source[1] >= cover[1] * source[0]:
        return cover[0], max(cover[0] * source[1] // source[0], cover[1])
    return max(cover[1] * source[0] // source[1], cover[0]), cover[1]


def normalize(pixels: NDArray[np.uint8], preprocessing: Preprocessing) -> NDArray[np.float32]:
    """Return ``(rgb / 255 - mean) / std`` as float32 (1, 3, H, W) of uint8 RGB (H, W, 3), rounded once."""
    values = (pixels.astype(np.float64) / 255.0 - np.array(preprocessing.mean)) / np.array(preprocessing.std)
    return _batch(values.astype(np.float32))


def centre(pixels: NDArray[np.uint8], preprocessing: Preprocessing) -> NDArray[np.float32]:
    """Return ``rgb - 255 * mean`` as float32 (1, 3, H, W) of uint8 RGB (H, W, 3).

    The offset is rounded to float32 first, as in a Core ML package, where it is a bias on the image input.
    """
    offset = np.array([-255.0 * mean for mean in preprocessing.mean], np.float32)
    return _batch(pixels.astype(np.float32) + offset)


def _batch(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(values.transpose(2, 0, 1)[np.newaxis])


def _centre_offset(length: int, crop: int) -> int:
    """Return where the centre crop starts; odd margins round half to even, as Python and torchvision do."""
    return round((length - crop) / 2)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        image = _upper_byte(image)
    elif image.mode == "F":
        raise BadImageError("The image has floating-point pixels.", help="Save it as 8-bit PNG or JPEG.")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, (0, 0, 0, 255)), rgba).convert("RGB")
    return image.convert("RGB")


def _upper_byte(image: Image.Image) -> Image.Image:
    """Return 16-bit grey as 8-bit grey."""
    values = np.asarray(image).astype(np.int64)
    return Image.fromarray((np.clip(values, 0, 0xFFFF) >> 8).astype(np.uint8))


def _bad(path: Path, why: str) -> BadImageError:
    return BadImageError(
        f"The image {path.name} cannot be used.",
        why=f"{why[0].upper()}{why[1:]}.",
        help="Give a PNG, JPEG, WebP, BMP or GIF file of ordinary size.",
    )
