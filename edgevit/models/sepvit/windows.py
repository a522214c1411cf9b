"""Cutting a channel-last map into windows and joining them again, with tensors of rank 4 at most."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from edgevit.types import Size

__all__ = ["WindowGrid"]


@dataclass(frozen=True, slots=True)
class WindowGrid:
    """How a map of a fixed size is tiled by square windows.

    Attributes:
        rows: Windows from top to bottom.
        columns: Windows from left to right.
        side: Height and width of a window in tokens.
        channels: Channels of the map, known so that no shape is read while a network is traced.
    """

    rows: int
    columns: int
    side: int
    channels: int

    @classmethod
    def of(cls, map_size: Size, side: int, channels: int) -> WindowGrid:
        """Return the grid of windows of this side on a map whose height and width are multiples of it."""
        return cls(map_size[0] // side, map_size[1] // side, side, channels)

    @property
    def count(self) -> int:
        """Windows on the map."""
        return self.rows * self.columns

    @property
    def tokens(self) -> int:
        """Tokens of a window."""
        return self.side**2

    def split(self, x: Tensor) -> Tensor:
        """Return a map (B, H, W, C) as windows (B, count, tokens, C), both in raster order."""
        x = x.reshape(-1, self.side, self.columns, self.side * self.channels).transpose(1, 2)
        return x.reshape(-1, self.count, self.tokens, self.channels)

    def join(self, x: Tensor) -> Tensor:
        """Return windows (B, count, tokens, C) as a map (B, H, W, C); undoes :meth:`split`."""
        x = x.reshape(-1, self.columns, self.side, self.side * self.channels).transpose(1, 2)
        return x.reshape(-1, self.rows * self.side, self.columns * self.side, self.channels)
