"""From the values of a tensor over many images to the range that it is stored with."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edgevit.quantize.model import ActivationRange
from edgevit.quantize.schemes import ActivationFormat, Observer

__all__ = ["Histogram", "choose_range"]

_HALF = 8192
"""Bins on either side of zero; a quarter of an 8-bit step at a range 256 times narrower than the largest value."""

_SMALLEST_EXPONENT = -60
"""Narrower tensors count as zero: float32 squares of their steps would."""

_FRACTIONS = np.linspace(1.0, 0.02, 99)
"""Shares of the extreme value that the search for the least squared error tries."""

Float = NDArray[np.float64]


class Histogram:
    """Counts of values in even bins over -limit..limit, which grows by powers of two; exact extremes beside it.

    One pass over the images is enough, and their order does not matter: bins of a narrower range nest in those of a
    wider one.

    Attributes:
        low: Smallest value seen.
        high: Largest value seen.
        limit: Power of two above every magnitude; 0 before any value.
        counts: (2 * bins), from -limit to limit.
    """

    def __init__(self, *, counting: bool = True) -> None:
        """Start empty; without ``counting``, only the extremes are kept, which is much faster."""
        self.low, self.high, self.limit = math.inf, -math.inf, 0.0
        self._counting = counting
        self.counts: Float = np.zeros(2 * _HALF)

    def add(self, values: Tensor) -> None:
        """Count the values of a tensor.

        Raises:
            ValueError: A value is not finite.
        """
        low, high = (float(bound) for bound in torch.aminmax(values))
        if not (math.isfinite(low) and math.isfinite(high)):
            raise ValueError("a value is not finite")
        self.low, self.high = min(self.low, low), max(self.high, high)
        if self._counting:
            self._grow(max(-low, high))
            # A power of two scales without rounding, so that bins nest exactly; torch.histc subtracts the limit first.
            bins = (values.flatten() * (_HALF / self.limit)).floor().long() + _HALF
            self.counts += torch.bincount(bins, minlength=2 * _HALF).numpy()

    @property
    def centres(self) -> Float:
        """Return the middle of each bin."""
        return np.asarray((np.arange(2 * _HALF) - _HALF + 0.5) * (self.limit / _HALF), np.float64)

    def _grow(self, magnitude: float) -> None:
        """Double the range until it is above ``magnitude``, joining bins in pairs."""
        if self.limit == 0.0:
            self.limit = 2.0 ** max(math.frexp(magnitude)[1], _SMALLEST_EXPONENT)
        while self.limit <= magnitude:
            joined = self.counts.reshape(-1, 2).sum(1)
            self.counts = np.concatenate([np.zeros(_HALF // 2), joined, np.zeros(_HALF // 2)])
            self.limit *= 2.0


def choose_range(seen: Histogram, fmt: ActivationFormat) -> ActivationRange:
    """Return the range for a format: it contains zero, and is never empty.

    For symmetric codes it mirrors itself, unless nothing is negative.

    ``percentile`` leaves out an equal share of values at either end, or of magnitudes for symmetric codes. ``mse``
    weighs what is clipped against the width of a step. A tensor that is always zero gets 0..1.
    """
    low, high = min(seen.low, 0.0), max(seen.high, 0.0)
    if low == high:
        low, high = 0.0, 1.0
    elif fmt.observer is Observer.PERCENTILE:
        low, high = _percentile(seen, fmt, low, high)
    elif fmt.observer is Observer.MSE:
        low, high = _least_error(seen, fmt, low, high)
    if fmt.symmetric and low < 0.0:
        high = max(-low, high)
        low = -high
    return ActivationRange(float(low), float(high))


def _percentile(seen: Histogram, fmt: ActivationFormat, low: float, high: float) -> tuple[float, float]:
    """Return the bounds that hold the asked share of values, at bin edges, within the extremes."""
    outside = seen.counts.sum() * (100.0 - fmt.percentile) / 100.0
    step = seen.limit / _HALF
    if fmt.symmetric:
        magnitudes = seen.counts[_HALF:] + seen.counts[:_HALF][::-1]
        bound = min(step * _kept(magnitudes, outside), max(-low, high))
        return (-bound if low < 0.0 else 0.0), bound
    above, below = (_kept(side, outside / 2) for side in (seen.counts[_HALF:], seen.counts[:_HALF][::-1]))
    return max(low, -step * below), min(high, step * above)


def _kept(counts: Float, outside: float) -> int:
    """Return how many of the bins, from zero outwards, leave at most ``outside`` values beyond; at least one."""
    beyond = counts[::-1].cumsum()[::-1]
    return max(int(np.count_nonzero(beyond > outside)), 1)


def _least_error(seen: Histogram, fmt: ActivationFormat, low: float, high: float) -> tuple[float, float]:
    """Return the bounds with the least squared error; one end after the other for asymmetric codes, twice."""
    used = np.flatnonzero(seen.counts)
    values, counts = seen.centres[used], seen.counts[used]

    def best(candidates: list[tuple[float, float]]) -> tuple[float, float]:
        return min(candidates, key=lambda bounds: _error(values, counts, bounds, fmt.bits))

    if fmt.symmetric:
        bound = max(-low, high)
        mirrored = -1.0 if low < 0.0 else 0.0
        return best([(mirrored * bound * f, bound * f) for f in _FRACTIONS])
    bounds = (low, high)
    for _ in range(2):
        bounds = best([(bounds[0], high * f) for f in _FRACTIONS]) if high > 0.0 else bounds
        bounds = best([(low * f, bounds[1]) for f in _FRACTIONS]) if low < 0.0 else bounds
    return bounds


def _error(values: Float, counts: Float, bounds: tuple[float, float], bits: int) -> float:
    """Return the squared error of storing the values with evenly spaced codes between the bounds."""
    low, high = bounds
    step = (high - low) / (2**bits - 1)
    stored = np.rint((np.clip(values, low, high) - low) / step) * step + low
    return float(np.dot(counts, np.square(values - stored)))
