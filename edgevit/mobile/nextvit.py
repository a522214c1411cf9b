"""Phone rewrites of Next-ViT: attention on channel-first tensors, and pooling without ceil mode."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from edgevit.mobile.rewrite import Shape, rewrites
from edgevit.models.nextvit.blocks import HEAD_WIDTH, CeilAveragePool, EfficientAttention
from edgevit.reparam.algebra import Kernel, pointwise, scale_rows
from edgevit.reparam.layers import convolution, kernel_of

__all__ = ["ChannelFirstAttention", "EvenMap"]


class ChannelFirstAttention(nn.Module):
    """Attention of a folded Next-ViT block with 1x1 convolutions, rank 4 at most and no transpose of its own.

    The two transposes are operands of matrix products, which every runtime takes as flags. Averaging consecutive
    tokens is a pooling of width ``pooling ** 2`` over the map laid out as one row.
    """

    def __init__(self, attention: EfficientAttention, height: int, width: int) -> None:
        super().__init__()
        self.heads = attention.heads
        self.map_shape = (-1, attention.heads * HEAD_WIDTH, height, width)
        self.pooling = attention.pooling
        self.positions = height * width
        query = kernel_of(attention.q)
        query = scale_rows(query, query.weight.new_tensor(attention.scale))
        key, value = kernel_of(attention.k), kernel_of(attention.v)
        if self.pooling > 1:
            self.query = _convolution(query)
            self.key_value = _convolution(key, value)
        else:
            self.query_key_value = _convolution(query, key, value)
        self.proj = _convolution(kernel_of(attention.proj))

    def forward(self, x: Tensor) -> Tensor:
        """Return a map of the shape of ``x`` (B, C, H, W)."""
        q, k, v = self._pooled(x) if self.pooling > 1 else self._split(self.query_key_value(x), 3, self.positions)
        weights = (q.transpose(-2, -1) @ k).softmax(dim=-1)
        mixed = (v @ weights.transpose(-2, -1)).reshape(self.map_shape)
        projected: Tensor = self.proj(mixed)
        return projected

    def _pooled(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return queries (B, heads, 32, H * W), and keys and values of averaged tokens."""
        averaged = self.pooling**2
        pooled = F.avg_pool2d(x.reshape(-1, self.map_shape[1], 1, self.positions), (1, averaged), (1, averaged))
        queries = self._split(self.query(x), 1, self.positions)
        return (*queries, *self._split(self.key_value(pooled), 2, self.positions // averaged))

    def _split(self, x: Tensor, parts: int, positions: int) -> tuple[Tensor, ...]:
        """Return (B, parts * C, ...) as that many (B, heads, 32, positions)."""
        heads = x.reshape(-1, parts * self.heads, HEAD_WIDTH, positions)
        return heads.chunk(parts, dim=1) if parts > 1 else (heads,)


class EvenMap(nn.Module):
    """Repeats the last row or column of maps of odd height or width.

    The average over a square of repeated pixels is the average over the distinct ones, so pooling needs neither ceil
    mode nor uncounted padding, which converters get wrong.
    """

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.last = tuple((axis, side - 1) for axis, side in ((2, height), (3, width)) if side % 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C, H, W) with H and W rounded up to even numbers."""
        for axis, index in self.last:  # not -1: coremltools 9.0 takes that for an empty range
            x = torch.cat([x, x.narrow(axis, index, 1)], dim=axis)
        return x


@rewrites(
    EfficientAttention,
    name="attention-channel-first",
    reason="phone accelerators run 1x1 convolutions on (B, C, H, W) and copy memory for every transpose of tokens "
    "(Apple, Deploying Transformers on the Apple Neural Engine)",
)
def _attention(module: EfficientAttention, shape: Shape) -> nn.Module:
    if not isinstance(module.norm, nn.Identity):
        raise TypeError("the attention still has its norm: fold the network first")
    return ChannelFirstAttention(module, shape[2], shape[3])


@rewrites(
    CeilAveragePool,
    name="pooling-without-ceil",
    reason="converters treat ceil mode and uncounted padding differently from PyTorch; on even maps neither matters",
)
def _pooling(_: CeilAveragePool, shape: Shape) -> nn.Module:
    pool = nn.AvgPool2d(2, 2)
    odd = shape[2] % 2 or shape[3] % 2
    return nn.Sequential(EvenMap(shape[2], shape[3]), pool) if odd else pool


def _convolution(*kernels: Kernel) -> nn.Conv2d:
    """Return linear layers that read the same input as one 1x1 convolution."""
    weight, bias = (torch.cat(parts) for parts in zip(*kernels, strict=True))
    return convolution(pointwise(Kernel(weight, bias)))
