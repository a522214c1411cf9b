"""A parameter as codes and what they stand for, independent of any file format."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Codes", "Encoding", "Float", "LinearEncoding", "PaletteEncoding", "spread"]

Float = NDArray[np.float32]
Codes = NDArray[np.int8 | np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class LinearEncoding:
    """Evenly spaced values: ``scale * (code - zero_point)``.

    Attributes:
        codes: One integer an element, unpacked, in the parameter's shape; int8 if signed, uint8 if not.
        scale: float32, as many dimensions as ``codes``; along each, 1 (shared), the full size (one each), or the
            number of blocks that divides the size evenly.
        zero_point: int32 in the shape of ``scale``; all zero for symmetric schemes.
        bits: 4 or 8; codes lie within.
    """

    codes: Codes
    scale: Float
    zero_point: NDArray[np.int32]
    bits: int

    def decode(self) -> Float:
        """Return the values, float32 in the parameter's shape."""
        shape = self.codes.shape
        steps = self.codes.astype(np.float32) - spread(self.zero_point.astype(np.float32), shape)
        return spread(self.scale, shape) * steps

    @property
    def size_bits(self) -> int:
        """Bits of codes, scales (half precision) and zero points."""
        points = self.zero_point.size * self.bits if self.zero_point.any() else 0
        return self.codes.size * self.bits + self.scale.size * 16 + points


@dataclass(frozen=True, slots=True, eq=False)
class PaletteEncoding:
    """Values from a table: ``palette[group, code]``; groups are runs of output channels.

    Attributes:
        codes: uint8 indices, unpacked, in the parameter's shape.
        palette: float32 (groups, 2 ** bits), values that half precision holds exactly; the first dimension of
            ``codes`` is divided evenly among the groups.
        bits: 1, 2, 3, 4, 6 or 8.
    """

    codes: NDArray[np.uint8]
    palette: Float
    bits: int

    def decode(self) -> Float:
        """Return the values, float32 in the parameter's shape."""
        groups = len(self.palette)
        rows = self.codes.reshape(groups, -1)
        values = np.take_along_axis(self.palette, rows.astype(np.int64), axis=1)
        return np.asarray(values.reshape(self.codes.shape), np.float32)

    @property
    def size_bits(self) -> int:
        """Bits of codes and tables (half precision)."""
        return self.codes.size * self.bits + self.palette.size * 16


Encoding = LinearEncoding | PaletteEncoding


def spread(array: Float, shape: tuple[int, ...]) -> Float:
    """Return ``array`` repeated along each dimension until it has ``shape``."""
    for axis, (have, wanted) in enumerate(zip(array.shape, shape, strict=True)):
        if have not in (1, wanted):
            array = np.repeat(array, wanted // have, axis=axis)
    return array
