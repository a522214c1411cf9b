"""Cutting maps into windows and putting them together again, by slices: no tensor has a rank above 4."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["join_windows", "split_windows"]


def split_windows(x: Tensor, side: int, *, right: int, bottom: int) -> Tensor:
    """Return the windows of a map, padded with zeros, as a batch: all samples of window 0, then of window 1 ...

    Args:
        x: (B, C, H, W) with H + bottom and W + right multiples of ``side``.
        side: Height and width of a window.
        right: Columns of zeros to append.
        bottom: Rows of zeros to append.
    """
    if right or bottom:
        x = F.pad(x, (0, right, 0, bottom))
    return torch.cat([window for row in torch.split(x, side, 2) for window in torch.split(row, side, 3)])


def join_windows(windows: Tensor, rows: int, columns: int, *, right: int, bottom: int) -> Tensor:
    """Return the map of which ``windows`` came from :func:`split_windows`, its padding cut off.

    Args:
        windows: (rows * columns * B, C, side, side).
        rows: Windows from top to bottom.
        columns: Windows from left to right.
        right: Columns to cut off.
        bottom: Rows to cut off.
    """
    parts = windows.chunk(rows * columns)
    bands = [torch.cat(parts[start : start + columns], 3) for start in range(0, rows * columns, columns)]
    x = torch.cat(bands, 2)
    if right or bottom:
        side = windows.shape[-1]
        x = x[:, :, : rows * side - bottom, : columns * side - right]
    return x
