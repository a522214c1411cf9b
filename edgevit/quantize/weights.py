"""One weight in one format: numbers in, codes out."""

from __future__ import annotations

import numpy as np

from edgevit.quantize.encoding import Encoding, Float
from edgevit.quantize.linear import ScaleType, encode_linear
from edgevit.quantize.palette import Double, encode_palette
from edgevit.quantize.schemes import WeightFormat

__all__ = ["encode"]


def encode(
    values: Float, fmt: WeightFormat, *, scales: ScaleType = ScaleType.SINGLE, importance: Double | None = None
) -> Encoding:
    """Return a weight as codes.

    Args:
        values: float32, output channels first and inputs second, two dimensions or more.
        fmt: How it is stored.
        scales: Numbers that the scales of linear codes must be.
        importance: Of each value's squared error for the values of a palette, positive; None takes all alike.

    Raises:
        ValueError: The weight has NaN or infinite elements, or fewer than two dimensions.
    """
    if values.ndim < 2 or not np.isfinite(values).all():
        raise ValueError(f"a weight of shape {values.shape} with values that are not finite, or no weight at all")
    if fmt.encoding == "palette":
        return encode_palette(values, fmt, importance)
    return encode_linear(values, fmt, scales=scales)
