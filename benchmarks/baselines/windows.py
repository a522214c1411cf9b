"""Blocks of Swin (arXiv:2103.14030) and Twins-SVT (arXiv:2104.13840) on a channels-last map of one image."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn

from benchmarks.baselines.layers import heads_attend
from edgevit.models.sepvit.windows import WindowGrid

__all__ = ["GlobalSubsampledBlock", "WindowBlock"]

_HEAD_WIDTH = 32
_RATIO = 4


class _Block(nn.Module):
    """Attention, given by :meth:`attend`, and an MLP, each after a layer norm and with a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.heads = channels // _HEAD_WIDTH
        self.scale = _HEAD_WIDTH**-0.5
        self.norm1, self.norm2 = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.query, self.key, self.value = (nn.Linear(channels, channels) for _ in range(3))
        self.proj = nn.Linear(channels, channels)
        self.mlp = nn.Sequential(
            nn.Linear(channels, _RATIO * channels), nn.GELU(), nn.Linear(_RATIO * channels, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attend(self.norm1(x))
        y: Tensor = x + self.mlp(self.norm2(x))
        return y

    @abstractmethod
    def attend(self, x: Tensor) -> Tensor:
        """Return the mixed tokens, in the shape of ``x``."""


class WindowBlock(_Block):
    """Attention within windows.

    With ``biased`` it is Swin's, which adds a bias by relative position and with ``shift`` moves the map first and
    masks what does not belong together; without it is Twins' local one.
    """

    def __init__(self, grid: WindowGrid, *, biased: bool, shift: int = 0) -> None:
        super().__init__(grid.channels)
        self.grid, self.shift = grid, shift
        self.windows = (grid.count, grid.tokens, grid.channels)
        self.bias: Tensor | None
        shape = (self.heads, grid.count if shift else 1, grid.tokens, grid.tokens)
        self.register_buffer("bias", torch.randn(shape) if biased else None)

    def attend(self, x: Tensor) -> Tensor:
        """Return (1, H, W, C)."""
        if self.shift:
            x = torch.roll(x, (-self.shift, -self.shift), (1, 2))
        tokens = self.grid.split(x).reshape(self.windows)
        q, k, v = self.query(tokens) * self.scale, self.key(tokens), self.value(tokens)
        mixed = self.proj(heads_attend(q, k, v, self.heads, self.bias))
        joined = self.grid.join(mixed.reshape(1, *self.windows))
        return torch.roll(joined, (self.shift, self.shift), (1, 2)) if self.shift else joined


class GlobalSubsampledBlock(_Block):
    """Twins' global attention: keys and values of the map lowered by a convolution."""

    def __init__(self, grid: WindowGrid, *, ratio: int) -> None:
        super().__init__(grid.channels)
        channels = grid.channels
        self.map = (1, grid.rows * grid.side, grid.columns * grid.side, channels)
        self.tokens = (1, grid.count * grid.tokens, channels)
        self.lower = nn.Conv2d(channels, channels, ratio, ratio)
        self.norm = nn.LayerNorm(channels)
        self.lowered = (1, grid.count * grid.tokens // ratio**2, channels)

    def attend(self, x: Tensor) -> Tensor:
        """Return (1, H, W, C)."""
        few = self.norm(self.lower(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1).reshape(self.lowered))
        queries = self.query(x.reshape(self.tokens)) * self.scale
        mixed = heads_attend(queries, self.key(few), self.value(few), self.heads)
        attended: Tensor = self.proj(mixed).reshape(self.map)
        return attended
