"""Points of accuracy between two rows of :mod:`benchmarks.quantization`, and whether chance explains them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.quantization_rows import Figures

__all__ = ["Lost", "points_lost", "top1"]

_CHANCE = 1.96
"""Standard errors within which 95 of 100 differences lie that come from the choice of images alone."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Points (percent of images) by which one file is right less often than another, on the same images.

    Attributes:
        points: Negative where it is right more often.
        error: Standard error: only images on which the two differ count.
    """

    points: float
    error: float

    @property
    def significant(self) -> bool:
        """Return whether the choice of images alone does not explain the difference, at 95 %."""
        return abs(self.points) > _CHANCE * self.error


def top1(figures: Figures) -> float | None:
    """Return the share of right answers in percent; None without labels."""
    return None if figures.right is None else 100.0 * float(_bits(figures).mean())


def points_lost(before: Figures, after: Figures) -> Lost | None:
    """Return what ``after`` loses; None where there are no labels, or other images."""
    if before.right is None or after.right is None or before.images != after.images:
        return None
    first, second = _bits(before), _bits(after)
    lost, gained = int((first & ~second).sum()), int((second & ~first).sum())
    count = before.images
    spread = lost + gained - (lost - gained) ** 2 / count
    return Lost(100.0 * (lost - gained) / count, 100.0 * math.sqrt(spread) / count)


def _bits(figures: Figures) -> NDArray[np.bool_]:
    packed = np.frombuffer(bytes.fromhex(figures.right or ""), np.uint8)
    return np.unpackbits(packed, count=figures.images).astype(bool)
