"""Golden vectors of camera frames: YUV 4:2:0 planes with all kinds of strides, and the RGB pixels that they mean."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]

_ROUND = 1 << 15


@dataclass(frozen=True)
class _Case:
    """A frame's size, and how its chroma planes are stored: distance of samples, bytes after each row."""

    name: str
    width: int
    height: int
    pixel_stride: int = 1
    padding: int = 0


_CASES = (
    _Case("planar", 12, 8),
    _Case("planar, padded rows", 12, 8, 1, 5),
    _Case("interleaved, as most phones give it", 16, 10, 2, 4),
    _Case("odd size", 7, 5, 2, 1),
    _Case("one pixel", 1, 1),
)


def frame_vectors() -> Mapping[str, object]:
    """Return seeded frames, every value of a channel among them, with the pixels of :func:`to_rgb`."""
    return {"schema": "edgevit-vectors/1", "cases": [_vector(case, index) for index, case in enumerate(_CASES)]}


def to_rgb(y: Plane, u: Plane, v: Plane) -> Plane:
    """Return RGB (H, W, 3) of planes of equal size (H, W): JFIF's equations in 16-bit fixed point, rounded and clipped.

    The coefficients are ITU-R BT.601's, full range: 1.402, 0.344136, 0.714136, 1.772.
    """
    luma, blue, red = (y.astype(np.int64) << 16) + _ROUND, u.astype(np.int64) - 128, v.astype(np.int64) - 128
    channels = (luma + 91881 * red, luma - 22554 * blue - 46802 * red, luma + 116130 * blue)
    return np.clip(np.stack(channels, axis=-1) >> 16, 0, 255).astype(np.uint8)


def _vector(case: _Case, seed: int) -> Mapping[str, object]:
    random = np.random.default_rng(seed)
    half = ((case.height + 1) // 2, (case.width + 1) // 2)
    y = random.integers(0, 256, (case.height, case.width), dtype=np.uint8)
    u, v = (random.choice(np.array([0, 1, 64, 127, 128, 129, 200, 254, 255], np.uint8), half) for _ in range(2))
    upsampled = [plane.repeat(2, 0).repeat(2, 1)[: case.height, : case.width] for plane in (u, v)]
    planes = {"y": _stored(y, 1, case.padding), "u": _stored(u, case.pixel_stride, case.padding)}
    planes["v"] = _stored(v, case.pixel_stride, case.padding)
    vector: dict[str, object] = {"name": case.name, "width": case.width, "height": case.height}
    for name, (stored, row_stride, pixel_stride) in planes.items():
        vector |= {name: stored, f"{name}_row_stride": row_stride, f"{name}_pixel_stride": pixel_stride}
    return vector | {"expected": base64.b64encode(to_rgb(y, *upsampled).tobytes()).decode()}


def _stored(plane: Plane, pixel_stride: int, padding: int) -> tuple[str, int, int]:
    """Return a plane as a camera stores it, ending with its last sample, and its two strides."""
    height, width = plane.shape
    row_stride = width * pixel_stride + padding
    stored = np.full((height, row_stride), 0xAA, np.uint8)
    stored[:, : width * pixel_stride : pixel_stride] = plane
    used = (height - 1) * row_stride + (width - 1) * pixel_stride + 1
    return base64.b64encode(stored.tobytes()[:used]).decode(), row_stride, pixel_stride
