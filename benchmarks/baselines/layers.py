"""Layers that several baselines share."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

__all__ = ["ConvNormAct", "fused", "head_major", "heads_attend", "token_major"]


class ConvNormAct(nn.Sequential):
    """A convolution without bias, batch normalization, and an activation (None for none)."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, *, groups: int = 1, act: nn.Module | None = None
    ) -> None:
        conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        super().__init__(conv, nn.BatchNorm2d(outputs), *([act] if act is not None else []))


def fused(network: nn.Module) -> nn.Module:
    """Return the network in eval mode with its batch normalizations in the convolutions' weights, in place."""
    network.eval()
    for layer in network.modules():
        if isinstance(layer, ConvNormAct):
            conv, norm, *_ = layer
            layer[0], layer[1] = fuse_conv_bn_eval(cast("nn.Conv2d", conv), cast("nn.BatchNorm2d", norm)), nn.Identity()
    return network


def head_major(x: Tensor, heads: int) -> Tensor:
    """Return windows of tokens (windows, tokens, C) as (heads, windows, tokens, C / heads), with one move of memory."""
    windows, tokens, channels = x.shape
    width = channels // heads
    return x.reshape(windows * tokens, heads, width).transpose(0, 1).reshape(heads, windows, tokens, width)


def token_major(x: Tensor) -> Tensor:
    """Undo :func:`head_major`."""
    heads, windows, tokens, width = x.shape
    return x.reshape(heads, windows * tokens, width).transpose(0, 1).reshape(windows, tokens, heads * width)


def heads_attend(q: Tensor, k: Tensor, v: Tensor, heads: int, bias: Tensor | None = None) -> Tensor:
    """Return what windows of queries (windows, tokens, C) gather from windows of keys and values.

    Args:
        q: Scaled queries.
        k: Keys; as many windows as ``q``, or one for all.
        v: Values, of the shape of ``k``.
        heads: Attention heads.
        bias: Added before the softmax; broadcasts to (heads, windows, tokens, tokens).
    """
    scores = head_major(q, heads) @ head_major(k, heads).transpose(-2, -1)
    weights = (scores if bias is None else scores + bias).softmax(dim=-1)
    return token_major(weights @ head_major(v, heads))
