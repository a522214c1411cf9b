"""Images for proofs that are not photographs: structured noise like natural images, and stress images."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edgevit.types import Size

__all__ = ["stress_images", "structured_noise"]

_EXPONENT = 1.0
"""Amplitude falls as 1/f, as in natural scenes (Field 1987, J. Opt. Soc. Am. A 4, 2379)."""

_MEAN, _STD = 118.0, 55.0
_SHARED = 0.8
_CHECKER_SIDES = (1, 8)


def structured_noise(size: Size, seed: int = 0) -> NDArray[np.uint8]:
    """Return noise with the spectrum of natural images, channels correlated, uint8 RGB (H, W, 3).

    The same size and seed give the same image.
    """
    generator = np.random.default_rng(seed)
    shared = _field(size, generator)
    channels = [_SHARED * shared + (1 - _SHARED**2) ** 0.5 * _field(size, generator) for _ in range(3)]
    return _to_bytes(_MEAN + _STD * np.stack(channels, axis=-1))


def stress_images(size: Size, seed: int = 0) -> Mapping[str, NDArray[np.uint8]]:
    """Return images at the limits of what a network can be handed, by name, uint8 RGB (H, W, 3).

    ``black``, ``white``, ``binary`` (each pixel black or white at random) and checkerboards of 1 and 8 pixels.
    """
    height, width = size
    binary = np.random.default_rng(seed).integers(0, 2, (height, width, 1))
    rows, columns = np.mgrid[:height, :width]
    boards = {f"checker{side}": ((rows // side + columns // side) % 2)[..., np.newaxis] for side in _CHECKER_SIDES}
    grids = {"black": np.zeros((height, width, 1)), "white": np.ones((height, width, 1)), "binary": binary, **boards}
    return {name: _to_bytes(np.repeat(255.0 * grid, 3, axis=2)) for name, grid in grids.items()}


def _field(size: Size, generator: np.random.Generator) -> NDArray[np.float64]:
    """Return one channel of 1/f noise with mean 0 and standard deviation 1."""
    spectrum = np.fft.rfft2(generator.standard_normal(size))
    frequency = np.hypot(np.fft.fftfreq(size[0])[:, np.newaxis], np.fft.rfftfreq(size[1])[np.newaxis])
    frequency[0, 0] = np.inf
    field = np.fft.irfft2(spectrum / frequency**_EXPONENT, s=size)
    return np.asarray(field / field.std(), np.float64)


def _to_bytes(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
