"""Rewrites for TFLite's CPU kernels: large depthwise convolutions as sums of smaller ones.

XNNPACK has depthwise kernels for at most 25 taps (``dwconv-config.c``); more taps run as a general convolution with
one channel a group, seven times slower in our measurements. The rows of a k x k kernel are dealt out to dilated
kernels with few rows each: the rows of every part are symmetric about the centre, so its padding is as exact as the
whole kernel's.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from edgevit.mobile.rewrite import Shape, Target, rewrites

__all__ = ["MAX_TAPS", "RowSplit", "Rows", "interleaving", "row_parts"]

MAX_TAPS = 25
"""Largest depthwise kernel, in taps, that XNNPACK has a kernel of its own for."""

_LARGEST_SIDE = 11
"""From 13 on, a part could only hold a single row."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows ``first, first + step, ...`` of a kernel, ``count`` of them."""

    first: int
    step: int
    count: int

    @property
    def indices(self) -> tuple[int, ...]:
        """The rows themselves."""
        return tuple(range(self.first, self.first + self.step * self.count, self.step))


def row_parts(side: int) -> tuple[Rows, ...]:
    """Deal out the rows of a ``side`` x ``side`` kernel so that no part has more than :data:`MAX_TAPS` taps.

    Args:
        side: Odd, 7..11.

    Returns:
        The middle row with the outermost two where three rows fit, else alone, then pairs about the middle.
    """
    centre = side // 2
    triple = MAX_TAPS // side >= 3
    middle = Rows(0, centre, 3) if triple else Rows(centre, 1, 1)
    return (middle, *(Rows(centre - d, 2 * d, 2) for d in range(centre - triple, 0, -1)))


class RowSplit(nn.Module):
    """A depthwise convolution with an odd square kernel as the sum of dilated ones with some of its rows each."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.parts = nn.ModuleList(_part(conv, rows) for rows in row_parts(conv.kernel_size[0]))
        if conv.bias is not None:
            self.parts[0].bias = nn.Parameter(conv.bias.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        """Return the convolution of ``x`` (B, C, H, W)."""
        first, *others = self.parts
        y: Tensor = first(x)
        for part in others:
            y = y + part(x)
        return y


def _part(conv: nn.Conv2d, rows: Rows) -> nn.Conv2d:
    """Return the convolution with the given rows of the kernel, and no bias."""
    side, channels = conv.kernel_size[0], conv.in_channels
    part = nn.Conv2d(
        channels,
        channels,
        (rows.count, side),
        stride=(conv.stride[0], conv.stride[1]),
        padding=(side // 2 - rows.first, side // 2),
        dilation=(rows.step if rows.count > 1 else 1, 1),
        groups=channels,
        bias=False,
        device="meta",
    )
    part.weight = nn.Parameter(conv.weight.detach()[:, :, list(rows.indices)].clone())
    return part.eval()


def _is_large_depthwise(conv: nn.Conv2d) -> bool:
    side = conv.kernel_size[0]
    return (
        conv.groups == conv.in_channels == conv.out_channels
        and conv.kernel_size == (side, side)
        and side % 2 == 1
        and MAX_TAPS < side * side <= _LARGEST_SIDE**2
        and conv.padding == (side // 2, side // 2)
        and conv.padding_mode == "zeros"
        and conv.dilation == (1, 1)
    )


@rewrites(
    nn.Conv2d,
    name="depthwise-row-split",
    reason="XNNPACK has depthwise kernels for at most 25 taps (dwconv-config.c); a 7x7 one as three dilated ones made "
    "FastViT-T8 twice as fast",
    target=Target.TFLITE,
    when=_is_large_depthwise,
)
def _split_rows(conv: nn.Conv2d, _: Shape) -> nn.Module:
    return RowSplit(conv)


def interleaving(channels: int, multiplier: int) -> Tensor:
    """Return the index that takes channels as a depthwise convolution writes them to multiplier-major order.

    A depthwise convolution with multiplier m writes its j-th result of channel c to ``c * m + j``; as m convolutions
    side by side the results are at ``j * channels + c``.
    """
    return torch.arange(channels * multiplier).reshape(channels, multiplier).t().flatten()
