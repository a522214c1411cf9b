"""Grids of encodings, column by column: the nearest of the values that a code can stand for."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edgevit.quantize.encoding import Encoding, LinearEncoding, PaletteEncoding

__all__ = ["Grid", "grid_of", "recoded"]


class Grid(Protocol):
    """The values that each element of a weight, seen as rows (output channels, K), can take."""

    def permuted(self, order: Tensor) -> Grid:
        """Return the grid with the columns of each row in another order, (rows, K)."""

    def nearest(self, values: Tensor, column: int) -> tuple[Tensor, Tensor]:
        """Return codes and what they stand for, nearest to the values (rows,) of a column."""


def grid_of(encoding: Encoding) -> Grid:
    """Return the grid that an encoding's codes lie on."""
    if isinstance(encoding, PaletteEncoding):
        return _palette_grid(encoding)
    spread = dataclasses.replace(encoding, codes=np.ones_like(encoding.codes))
    scale = dataclasses.replace(spread, zero_point=np.zeros_like(encoding.zero_point)).decode()
    zero = np.rint(1.0 - spread.decode() / scale)
    least, largest = _limits(encoding)
    scales, zeros = (torch.from_numpy(each.reshape(len(encoding.codes), -1)).double() for each in (scale, zero))
    return _Even(scales, zeros, least, largest)


def recoded(encoding: Encoding, codes: NDArray[np.int64]) -> Encoding:
    """Return the encoding with other codes."""
    return dataclasses.replace(encoding, codes=codes.astype(encoding.codes.dtype))


@dataclass(frozen=True, slots=True)
class _Even:
    """Even steps: scale and zero point of each element, least and largest code."""

    scale: Tensor
    zero: Tensor
    least: int
    largest: int

    def permuted(self, order: Tensor) -> _Even:
        return dataclasses.replace(self, scale=self.scale.gather(1, order), zero=self.zero.gather(1, order))

    def nearest(self, values: Tensor, column: int) -> tuple[Tensor, Tensor]:
        scale, zero = self.scale[:, column], self.zero[:, column]
        codes = ((values / scale).round() + zero).clamp(self.least, self.largest)
        return codes.long(), scale * (codes - zero)


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of values for each row, sorted, and the codes in that order."""

    values: Tensor
    codes: Tensor
    middles: Tensor

    def permuted(self, order: Tensor) -> _Table:  # noqa: ARG002 - a table does not depend on the column
        return self

    def nearest(self, values: Tensor, column: int) -> tuple[Tensor, Tensor]:  # noqa: ARG002 - as above
        places = torch.searchsorted(self.middles, values[:, None].contiguous())
        return self.codes.gather(1, places)[:, 0], self.values.gather(1, places)[:, 0]


def _palette_grid(encoding: PaletteEncoding) -> _Table:
    """Return the tables; entries that no code uses may be fillers, and stay unused."""
    tables = torch.from_numpy(encoding.palette).double()
    rows = torch.from_numpy(encoding.codes.reshape(len(tables), -1).astype(np.int64))
    used = torch.zeros(tables.shape, dtype=torch.bool).scatter_(1, rows, value=True)
    values, codes = torch.where(used, tables, torch.inf).sort(dim=1, stable=True)
    middles = torch.nan_to_num((values[:, 1:] + values[:, :-1]) / 2, nan=torch.inf)
    each = len(encoding.codes) // len(tables)
    values, codes, middles = (part.repeat_interleave(each, 0).contiguous() for part in (values, codes, middles))
    return _Table(values, codes, middles)


def _limits(encoding: LinearEncoding) -> tuple[int, int]:
    """Return the least and largest code: at 8 bits -128 is not used, see :mod:`edgevit.quantize.linear`."""
    if encoding.codes.dtype == np.uint8:
        return 0, 2**encoding.bits - 1
    return (-127, 127) if encoding.bits == 8 else (-(2 ** (encoding.bits - 1)), 2 ** (encoding.bits - 1) - 1)
