"""Even steps: the scale and zero point of each channel or block, and the codes."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edgevit.quantize.encoding import Encoding, Float, LinearEncoding, spread
from edgevit.quantize.schemes import Granularity, Observer, WeightFormat

__all__ = ["ScaleType", "encode_linear", "has_subnormal_scales"]


class ScaleType(StrEnum):
    """Numbers that scales must be.

    ``HALF``: half precision, as in Core ML. ``SHORT``: half precision with no more significant bits than bfloat16 has,
    for TFLite's blocks: files hold their scales in the one, XNNPACK computes with the other.
    """

    SINGLE = "single"
    HALF = "half"
    SHORT = "short"


_SHORT_BITS = 8

_SHRINKS = tuple(np.linspace(1.0, 0.5, 21))
"""Shares of the whole range that are tried for the least squared error; the whole range comes first."""

_WHOLE = (1.0,)

_HALF_TINY = 2.0**-14
"""Smallest normal half-precision number."""

_TINY = np.finfo(np.float32).tiny
"""Smallest normal float32; steps below have too few bits to count with."""

_LOST_SHARE = 1e-4
"""Share of a weight's energy that may lie in channels whose scale is subnormal: -40 dB if they all become zero."""

_SYMMETRIC = {8: (-127, 127), 4: (-8, 7)}
"""Bits -> least and largest code. At 8 bits -128 is left out, as TFLite asks; at 4 bits it is one code of sixteen."""


def encode_linear(values: Float, fmt: WeightFormat, *, scales: ScaleType) -> LinearEncoding:
    """Return ``values`` on evenly spaced grids, one for each tensor, channel or block.

    Every value inside the range of its grid decodes to within half a step. Where blocks do not divide the inputs
    evenly, as in depthwise convolutions, there is one 8-bit scale a channel instead.

    Args:
        values: A weight, output channels first and inputs second, finite.
        fmt: Bits, symmetry, granularity, observer.
        scales: Numbers that scales are rounded up to.
    """
    shape, bits = _grids(values.shape, fmt)
    rows = _rows(values, shape)
    lows, highs = _ranges(rows, fmt)
    least, largest = _SYMMETRIC[bits] if fmt.symmetric else (0, 2**bits - 1)
    best = np.full(len(rows), np.inf)
    steps, zeros = np.ones(len(rows), np.float32), np.zeros(len(rows), np.int32)
    for shrink in _SHRINKS if fmt.observer is Observer.MSE else _WHOLE:
        scale, zero = _grid(lows * shrink, highs * shrink, largest, symmetric=fmt.symmetric, scales=scales)
        codes = _codes(rows, scale, zero, least, largest)
        errors = np.square(scale[:, None] * (codes - zero[:, None]) - rows, dtype=np.float64).sum(axis=1)
        better = errors < best
        best[better], steps[better], zeros[better] = errors[better], scale[better], zero[better]
    scale, zero = steps.reshape(shape), zeros.reshape(shape)
    codes = np.rint(values / spread(scale, values.shape)) + spread(zero.astype(np.float32), values.shape)
    kind = np.int8 if fmt.symmetric else np.uint8
    return LinearEncoding(np.clip(codes, least, largest).astype(kind), scale, zero, bits)


def has_subnormal_scales(encoding: Encoding) -> bool:
    """Return whether a noticeable part of a weight is lost if subnormal scales are taken for zero.

    Arithmetic units may flush half-precision numbers below 6e-5 to zero. For single weights that is harmless, but a
    scale stands for a whole channel.
    """
    if not isinstance(encoding, LinearEncoding):
        return False
    values = np.square(encoding.decode(), dtype=np.float64)
    tiny = np.broadcast_to(spread(encoding.scale, values.shape), values.shape) < _HALF_TINY
    return bool(values[tiny].sum() > _LOST_SHARE * values.sum())


def _grids(shape: tuple[int, ...], fmt: WeightFormat) -> tuple[tuple[int, ...], int]:
    """Return the shape of the scales, and bits."""
    rest = (1,) * (len(shape) - 2)
    if fmt.granularity is Granularity.TENSOR:
        return (1, 1, *rest), fmt.bits
    if fmt.granularity is Granularity.CHANNEL:
        return (shape[0], 1, *rest), fmt.bits
    if shape[1] % fmt.block:
        return (shape[0], 1, *rest), 8
    return (shape[0], shape[1] // fmt.block, *rest), fmt.bits


def _rows(values: Float, grids: tuple[int, ...]) -> Float:
    """Return ``values`` with one row a grid."""
    split = [part for size, count in zip(values.shape, grids, strict=True) for part in (count, size // count)]
    order = [*range(0, len(split), 2), *range(1, len(split), 2)]
    return np.ascontiguousarray(values.reshape(split).transpose(order)).reshape(int(np.prod(grids)), -1)


def _ranges(rows: Float, fmt: WeightFormat) -> tuple[Float, Float]:
    """Return what each grid has to span; zero is always inside."""
    if fmt.observer is Observer.PERCENTILE:
        lows, highs = np.percentile(rows, [100.0 - fmt.percentile, fmt.percentile], axis=1).astype(np.float32)
    else:
        lows, highs = rows.min(axis=1), rows.max(axis=1)
    lows, highs = np.minimum(lows, 0.0), np.maximum(highs, 0.0)
    if fmt.symmetric:
        highs = np.maximum(highs, -lows)
        lows = -highs
    return lows, highs


def _grid(
    lows: Float, highs: Float, largest: int, *, symmetric: bool, scales: ScaleType
) -> tuple[Float, NDArray[np.int32]]:
    """Return scale and zero point of grids over ranges; an empty range gets scale 1."""
    scale = highs / np.float32(largest) if symmetric else (highs - lows) / np.float32(largest)
    scale = np.where(scale > 0.0, np.maximum(scale, _TINY), 1.0).astype(np.float32)
    if scales is not ScaleType.SINGLE:
        scale = _half_at_least(scale, short=scales is ScaleType.SHORT)
    zero = np.zeros(len(scale), np.int32) if symmetric else np.rint(-lows / scale).astype(np.int32)
    return scale, np.clip(zero, 0, largest, out=zero)


def _half_at_least(scale: Float, *, short: bool) -> Float:
    """Return the smallest half-precision numbers, of 8 significant bits if short, not below ``scale``, as float32."""
    half = scale.astype(np.float16)
    half = np.where(half.astype(np.float32) < scale, np.nextafter(half, np.float16(np.inf)), half).astype(np.float32)
    if not short:
        return np.asarray(half, np.float32)
    fraction, exponent = np.frexp(half)
    return np.asarray(np.ldexp(np.ceil(np.ldexp(fraction, _SHORT_BITS)), exponent - _SHORT_BITS), np.float32)


def _codes(rows: Float, scale: Float, zero: NDArray[np.int32], least: int, largest: int) -> Float:
    codes = np.rint(rows / scale[:, None]) + zero[:, None].astype(np.float32)
    return np.asarray(np.clip(codes, least, largest, out=codes))
