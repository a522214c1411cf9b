"""EfficientViT-M's rewrites for phones: static shapes and constant biases in its attention."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from edgevit.mobile.rewrite import rewrites
from edgevit.models.efficientvit_m.attention import KEY_DIM
from edgevit.models.efficientvit_m.folded import FoldedGroupAttention
from edgevit.reparam.algebra import select_rows
from edgevit.reparam.layers import convolution, convolution_like, kernel_of

__all__ = ["StaticGroupAttention", "StaticHead"]


class StaticHead(nn.Module):
    """One attention head on windows of fixed size.

    Queries have a convolution of their own, so that they need not be cut out of the others' output; keys and values
    are flattened together and parted afterwards, where the cut runs along whole rows.

    Args:
        query: 1x1 convolution to the queries.
        mix: Depthwise convolution over the queries, attention scale included.
        key_value: 1x1 convolution to keys and values.
        bias: (N, N), N positions of a window.
    """

    def __init__(self, query: nn.Conv2d, mix: nn.Conv2d, key_value: nn.Conv2d, *, bias: Tensor, side: int) -> None:
        super().__init__()
        self.query = query
        self.mix = mix
        self.key_value = key_value
        self.bias: Tensor
        self.register_buffer("bias", bias.detach().clone())
        value_dim = key_value.out_channels - KEY_DIM
        self.value_dim = value_dim
        self.query_shape = (-1, KEY_DIM, side * side)
        self.key_value_shape = (-1, KEY_DIM + value_dim, side * side)
        self.map_shape = (-1, value_dim, side, side)

    def forward(self, x: Tensor) -> Tensor:
        """Return the head's output (windows, value channels, side, side)."""
        q = self.mix(self.query(x)).reshape(self.query_shape)
        k, v = self.key_value(x).reshape(self.key_value_shape).split((KEY_DIM, self.value_dim), dim=1)
        weights = (q.transpose(-2, -1) @ k + self.bias).softmax(dim=-1)
        mixed: Tensor = (v @ weights.transpose(-2, -1)).reshape(self.map_shape)
        return mixed


class StaticGroupAttention(nn.Module):
    """Cascaded group attention of :class:`StaticHead`."""

    def __init__(self, heads: list[StaticHead], proj: nn.Module) -> None:
        super().__init__()
        self.heads = nn.ModuleList(heads)
        self.proj = proj

    def forward(self, x: Tensor) -> Tensor:
        """Return the attended windows, of the shape of ``x``."""
        outputs: list[Tensor] = []
        for head, chunk in zip(self.heads, x.chunk(len(self.heads), dim=1), strict=True):
            outputs.append(head(chunk + outputs[-1] if outputs else chunk))
        y: Tensor = self.proj(torch.cat(outputs, dim=1))
        return y


@rewrites(
    FoldedGroupAttention,
    name="attention-static-heads",
    reason="phone compilers want constant shapes and biases: the bias table is gathered once, keys and values share "
    "a reshape, queries are not cut from them, and nothing is transposed",
)
def _static(attention: FoldedGroupAttention, _: tuple[int, ...]) -> nn.Module:
    rows = zip(attention.qkvs, attention.dws, attention.biases(), strict=True)
    heads = [
        _static_head(cast("nn.Conv2d", qkv), cast("nn.Conv2d", mix), bias, side=attention.side)
        for qkv, mix, bias in rows
    ]
    return StaticGroupAttention(heads, attention.proj)


def _static_head(qkv: nn.Conv2d, mix: nn.Conv2d, bias: Tensor, *, side: int) -> StaticHead:
    kernel = kernel_of(qkv)
    query = convolution(select_rows(kernel, 0, KEY_DIM))
    key_value = convolution(select_rows(kernel, KEY_DIM, qkv.out_channels))
    return StaticHead(query, convolution_like(mix, kernel_of(mix)), key_value, bias=bias, side=side)
