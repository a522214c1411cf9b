"""How far an output is from its reference, in float64."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from edgevit.types import InputMetrics

__all__ = ["Vector", "compare", "top1_margin"]

Vector: TypeAlias = "NDArray[np.float64]"


def compare(name: str, reference: Vector, actual: Vector, *, peak: float | None = None) -> InputMetrics:
    """Return the figures of one output on one input.

    A difference that is not finite (the file overflows, or the shapes differ) is infinitely bad: ``max_abs`` and
    ``max_rel`` are infinite, ``psnr_db`` minus infinity, ``cosine`` 0.

    Args:
        name: What was compared, for reports.
        reference: What PyTorch computes, any shape.
        actual: What the file computes, same shape.
        peak: Range that the PSNR is measured against; None takes the reference's own, max - min.
    """
    if reference.shape != actual.shape or not (np.isfinite(reference).all() and np.isfinite(actual).all()):
        return InputMetrics(name, math.inf, math.inf, -math.inf, 0.0, top1_equal=False)
    expected, computed = reference.ravel(), actual.ravel()
    difference = computed - expected
    max_abs = float(np.abs(difference).max())
    return InputMetrics(
        name=name,
        max_abs=max_abs,
        max_rel=_ratio(max_abs, float(np.abs(expected).max())),
        psnr_db=_psnr(
            float(np.ptp(expected)) if peak is None else peak, float(np.sqrt(np.mean(np.square(difference))))
        ),
        cosine=_cosine(expected, computed),
        top1_equal=bool(expected.argmax() == computed.argmax()),
    )


def top1_margin(reference: Vector) -> float:
    """Return how far the largest value is above the second, as a share of max - min; 1 where there is no second."""
    values = np.sort(reference.ravel())
    spread = values[-1] - values[0]
    return float((values[-1] - values[-2]) / spread) if values.size > 1 and spread > 0 else 1.0


def _psnr(spread: float, rms: float) -> float:
    """Return 20 log10(range / RMS difference) in dB."""
    if rms == 0.0:
        return math.inf
    return 20.0 * math.log10(spread / rms) if spread > 0.0 else -math.inf


def _cosine(a: Vector, b: Vector) -> float:
    if np.array_equal(a, b):
        return 1.0
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    if norms == 0.0:
        return 0.0
    return min(1.0, float(np.dot(a, b)) / norms)


def _ratio(value: float, scale: float) -> float:
    if value == 0.0:
        return 0.0
    return value / scale if scale > 0.0 else math.inf
