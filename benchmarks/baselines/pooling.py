"""PoolFormer's token mixer (arXiv:2111.11418): what RepMixer is compared with."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["PoolingMixer"]


class PoolingMixer(nn.Module):
    """``x + scale * (average(x) - x)`` over 3x3 squares, the padding not counted; the scale is learned a channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
        self.scale = nn.Parameter(torch.full((channels, 1, 1), 0.1))

    def forward(self, x: Tensor) -> Tensor:
        """Return a map of the shape of ``x`` (B, C, H, W)."""
        mixed: Tensor = x + self.scale * (self.pool(x) - x)
        return mixed
