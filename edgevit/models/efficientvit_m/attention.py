"""Cascaded group attention, on windows where the map is larger than one."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from edgevit.models.efficientvit_m.blocks import ConvFactory
from edgevit.models.efficientvit_m.windows import join_windows, split_windows

__all__ = ["KEY_DIM", "WINDOW", "CascadedGroupAttention", "Grid", "WindowAttention", "bias_indices"]

KEY_DIM = 16
"""Channels of one head's queries and keys, in every stage of every variant."""

WINDOW = 7
"""Side of an attention window on maps that are larger than that."""


@dataclass(frozen=True, slots=True)
class Grid:
    """How a square map is cut into windows.

    Attributes:
        side: Side of a window.
        count: Windows along each axis.
        padding: Rows and columns of zeros appended, so that the windows fit. They are not masked: as in the authors'
            code, padded positions take part in the attention of their window.
    """

    side: int
    count: int
    padding: int

    @classmethod
    def of(cls, resolution: int) -> Grid:
        """Return the grid of a ``resolution`` x ``resolution`` map: one window where it fits in one."""
        if resolution <= WINDOW:
            return cls(resolution, 1, 0)
        count = -(-resolution // WINDOW)
        return cls(WINDOW, count, count * WINDOW - resolution)


def bias_indices(side: int) -> Tensor:
    """Return which entry of a head's bias table each pair of positions of a window uses: int64 (side^2, side^2).

    The bias depends on the distance alone: entry ``|dy| * side + |dx|``, positions in raster order.
    """
    # Even in a network without storage: torch's arithmetic on the meta device takes a second to import.
    position = torch.arange(side * side, device="cpu")
    y, x = position // side, position % side
    return (y[:, None] - y).abs() * side + (x[:, None] - x).abs()


class CascadedGroupAttention(nn.Module):
    """Attention whose heads read one slice of the channels each, plus what the head before them wrote.

    The bias table is gathered anew in every forward pass: the authors' code caches it when ``eval()`` is called, and
    weights that are loaded later are then ignored in silence.

    Args:
        channels: Channels of the map, a multiple of the number of heads.
        kernels: Side of each head's depthwise convolution over its queries.
        side: Side of the window.
        conv: Makes the convolutions.
    """

    def __init__(self, channels: int, kernels: tuple[int, ...], side: int, conv: ConvFactory) -> None:
        super().__init__()
        heads = len(kernels)
        self.value_dim = channels // heads
        self.side = side
        self.attention_biases = nn.Parameter(torch.zeros(heads, side * side))
        self.attention_bias_idxs: Tensor
        self.register_buffer("attention_bias_idxs", bias_indices(side))
        self.qkvs = nn.ModuleList(conv(self.value_dim, 2 * KEY_DIM + self.value_dim, 1) for _ in kernels)
        self.dws = nn.ModuleList(conv(KEY_DIM, KEY_DIM, size, groups=KEY_DIM) for size in kernels)
        self.proj = nn.Sequential(nn.ReLU(), conv(channels, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return the attended windows (B, C, side, side)."""
        biases = self.attention_biases[:, self.attention_bias_idxs]
        outputs: list[Tensor] = []
        for head, chunk in enumerate(x.chunk(len(self.qkvs), 1)):
            outputs.append(self._head(head, chunk + outputs[-1] if outputs else chunk, biases[head]))
        y: Tensor = self.proj(torch.cat(outputs, 1))
        return y

    def _head(self, head: int, x: Tensor, bias: Tensor) -> Tensor:
        q, k, v = self.qkvs[head](x).split((KEY_DIM, KEY_DIM, self.value_dim), 1)
        q = self.dws[head](q).flatten(2) * KEY_DIM**-0.5
        weights = (q.transpose(-2, -1) @ k.flatten(2) + bias).softmax(dim=-1)
        mixed = v.flatten(2) @ weights.transpose(-2, -1)
        return torch.unflatten(mixed, 2, (self.side, self.side))


class WindowAttention(nn.Module):
    """Cascaded group attention within each window of a square map.

    Args:
        channels: Channels of the map.
        kernels: Side of each head's depthwise convolution over its queries.
        resolution: Side of the map.
        conv: Makes the convolutions.
    """

    def __init__(self, channels: int, kernels: tuple[int, ...], resolution: int, conv: ConvFactory) -> None:
        super().__init__()
        self.grid = Grid.of(resolution)
        self.attn = CascadedGroupAttention(channels, kernels, self.grid.side, conv)

    def forward(self, x: Tensor) -> Tensor:
        """Return the attended map, of the shape of ``x``."""
        count, padding = self.grid.count, self.grid.padding
        if count == 1:
            y: Tensor = self.attn(x)
            return y
        windows = self.attn(split_windows(x, self.grid.side, right=padding, bottom=padding))
        return join_windows(windows, count, count, right=padding, bottom=padding)
