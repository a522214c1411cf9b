"""The integers of an activation: scale and zero point from its range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgevit.quantize.model import ActivationRange
from edgevit.quantize.schemes import ActivationFormat

__all__ = ["ActivationGrid", "activation_grid"]


@dataclass(frozen=True, slots=True)
class ActivationGrid:
    """Integers ``least`` to ``most`` that stand for ``scale * (integer - zero_point)``; scale is a float32."""

    scale: float
    zero_point: int
    least: int
    most: int


def activation_grid(seen: ActivationRange, fmt: ActivationFormat) -> ActivationGrid:
    """Return the grid of a range, widened to hold zero, which padding needs exactly.

    Symmetric codes have no zero point: they are signed, or unsigned where nothing is negative, such as behind a ReLU.

    Raises:
        ValueError: The range has no finite size.
    """
    low, high = min(seen.low, 0.0), max(seen.high, 0.0)
    if not np.isfinite(high - low):
        raise ValueError(f"a range from {seen.low} to {seen.high}")
    most = 2 ** (fmt.bits - 1) - 1
    if fmt.symmetric and low == 0.0:
        return ActivationGrid(_scale(high, 2 * most + 1), 0, 0, 2 * most + 1)
    if fmt.symmetric:
        return ActivationGrid(_scale(max(high, -low), most), 0, -most, most)
    least = -most - 1
    scale = _scale(high - low, most - least)
    return ActivationGrid(scale, int(np.clip(np.rint(least - low / scale), least, most)), least, most)


def _scale(span: float, steps: int) -> float:
    """Return the size of a step; ranges of nothing get 1."""
    scale = float(np.float32(span / steps))
    return scale if scale > 0.0 else 1.0
