"""Images to calibrate a quantized network with: the user's, or the built-in photographs and variations of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgevit.datasets.decoding import decode
from edgevit.datasets.folder import image_files, pick
from edgevit.errors import UsageError
from edgevit.images.photos import photos
from edgevit.images.preprocess import open_image, to_pixels
from edgevit.images.variations import vary
from edgevit.types import ModelSpec

__all__ = ["CalibrationSet", "calibration_images"]

_MAX_BYTES = 2 * 2**30
"""Of all images together; 10,000 of 224 x 224 pixels take 1.4 GiB."""

_FEW = 16
"""Below this many images, ranges of activations depend on chance."""

_BUILT_IN = "built-in photographs"


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationSet:
    """Images as the network gets them, and where they come from.

    Attributes:
        images: uint8 RGB (N, H, W, 3).
        digest: SHA-256 of their pixels and shape: equal digests mean equal calibration.
        source: For reports, for example ``100 of 5000 images in 'photos', seed 0``; no absolute path.
        warning: What the user must know about them, or None.
    """

    images: NDArray[np.uint8]
    digest: str
    source: str
    warning: str | None


def calibration_images(folder: Path | None, count: int, seed: int, spec: ModelSpec) -> CalibrationSet:
    """Return images with exactly the preprocessing of the app.

    Args:
        folder: Images at any depth, flat or with a folder for each class; None takes the four built-in photographs,
            whole and in variations of crop, mirroring, brightness and contrast.
        count: How many; all where the folder has fewer.
        seed: Of the choice, or of the variations.
        spec: Its input size and preprocessing decide the pixels.

    Raises:
        UsageError: ``count`` is below 1, or so large that the images do not fit into 2 GiB.
        BadDataError: The folder does not exist, cannot be read, or holds no image.
        BadImageError: Chosen files cannot be decoded; all are named.
    """
    _check(count, spec)
    if folder is None:
        images = _variations(count, seed, spec)
        warning = (
            f"Calibrated on {len(images)} variations of four built-in photographs: good enough for a first look only. "
            "Give images of your own task with --calib."
        )
        return CalibrationSet(images, _digest(images), f"{len(images)} of {_BUILT_IN}, seed {seed}", warning)
    files = image_files(folder)
    chosen = pick(files, count, seed)
    images = decode(chosen, spec.input_size, spec.preprocessing)
    name = folder.resolve().name
    source = f"{len(chosen)} of {len(files)} images in '{name}', seed {seed}"
    return CalibrationSet(images, _digest(images), source, _warning(len(chosen), count, name))


def _check(count: int, spec: ModelSpec) -> None:
    if count < 1:
        raise UsageError(f"The number of calibration images must be at least 1, not {count}.")
    one = 3 * spec.input_size[0] * spec.input_size[1]
    if count * one > _MAX_BYTES:
        raise UsageError(
            f"{count} calibration images of {spec.input_size[0]}x{spec.input_size[1]} take too much memory.",
            help=f"Use at most {_MAX_BYTES // one}; a few hundred suffice.",
        )


def _variations(count: int, seed: int, spec: ModelSpec) -> NDArray[np.uint8]:
    """Return the photographs as they are, then one variation of each in turn."""
    opened = [open_image(photo.path).convert("RGB") for photo in photos()]
    generator = np.random.default_rng(seed)
    chosen = [opened[place % len(opened)] for place in range(count)]
    shown = [image if place < len(opened) else vary(image, generator) for place, image in enumerate(chosen)]
    return np.stack([to_pixels(image, spec.input_size, spec.preprocessing) for image in shown])


def _warning(found: int, asked: int, name: str) -> str | None:
    if found == 1:
        return f"Calibrated on a single image ('{name}' holds no more): ranges of activations are a guess."
    if found < _FEW:
        return f"Calibrated on {found} images: ranges of activations depend on chance below {_FEW}."
    if found < asked:
        return f"'{name}' holds {found} images; {asked} were asked for."
    return None


def _digest(images: NDArray[np.uint8]) -> str:
    total = hashlib.sha256(repr(images.shape).encode())
    total.update(np.ascontiguousarray(images).tobytes())
    return total.hexdigest()
