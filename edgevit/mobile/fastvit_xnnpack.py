"""FastViT's depthwise convolutions with two results a channel, as TFLite's CPU kernels like them.

XNNPACK has depthwise kernels for multiplier 1 only. A convolution with multiplier 2 becomes two side by side; their
results come in another order, which the next layer's weights take up, so nothing is moved at run time.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from edgevit.mobile.rewrite import Shape, Target, rewrites
from edgevit.mobile.xnnpack import interleaving
from edgevit.models.fastvit.blocks import SqueezeExcite
from edgevit.models.fastvit.fused import FusedLargeKernelConv, FusedMobileOneBlock
from edgevit.models.fastvit.net import DownSample, FastViT
from edgevit.reparam.fold import with_children
from edgevit.types import Head

__all__ = ["SideBySide"]

_NAME = "depthwise-multiplier-split"
_REASON = "XNNPACK has depthwise kernels for one result a channel only (dwconv-config.c)"


class SideBySide(nn.Module):
    """A depthwise convolution with multiplier m as m convolutions; results in multiplier-major order."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        multiplier = conv.out_channels // conv.in_channels
        self.parts = nn.ModuleList(_every(conv, j, multiplier) for j in range(multiplier))

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, m * C, H, W): all first results, then all second ones."""
        return torch.cat([part(x) for part in self.parts], dim=1)


def _every(conv: nn.Conv2d, offset: int, multiplier: int) -> nn.Conv2d:
    """Return the convolution that gives the result ``offset`` of every channel."""
    part = nn.Conv2d(
        conv.in_channels,
        conv.in_channels,
        (conv.kernel_size[0], conv.kernel_size[1]),
        stride=(conv.stride[0], conv.stride[1]),
        padding=cast("tuple[int, int]", conv.padding),
        groups=conv.in_channels,
        device="meta",
    )
    bias = conv.weight.new_zeros(conv.out_channels) if conv.bias is None else conv.bias.detach()
    part.weight = nn.Parameter(conv.weight.detach()[offset::multiplier].clone())
    part.bias = nn.Parameter(bias[offset::multiplier].clone())
    return part.eval()


def _order(conv: nn.Conv2d) -> Tensor:
    return interleaving(conv.in_channels, conv.out_channels // conv.in_channels)


def _reading(layer: nn.Module, order: Tensor) -> nn.Module:
    """Return a dense layer that reads its channels in another order."""
    copy = with_children(layer, {})
    copy.weight = nn.Parameter(cast("Tensor", layer.weight).detach()[:, order].clone())
    return copy


def _writing(layer: nn.Module, order: Tensor) -> nn.Module:
    """Return a dense layer that writes its channels in another order."""
    copy = with_children(layer, {})
    copy.weight = nn.Parameter(cast("Tensor", layer.weight).detach()[order].clone())
    copy.bias = nn.Parameter(cast("Tensor", layer.bias).detach()[order].clone())
    return copy


@rewrites(DownSample, name=_NAME, reason=_REASON, target=Target.TFLITE)
def _down_sample(block: DownSample, _: Shape) -> nn.Module:
    large = cast("FusedLargeKernelConv", block.proj[0])
    mix = cast("FusedMobileOneBlock", block.proj[1])
    order = _order(large.lkb_reparam)
    children = {
        "0": with_children(large, {"lkb_reparam": SideBySide(large.lkb_reparam)}),
        "1": _with(mix, {"reparam_conv": _reading(mix.reparam_conv, order)}),
    }
    return with_children(block, {"proj": with_children(block.proj, children)})


@rewrites(
    FastViT,
    name=_NAME,
    reason=_REASON,
    target=Target.TFLITE,
    when=lambda network: network.output is Head.LOGITS,  # an embedding's order must stay
)
def _expansion(network: FastViT, _: Shape) -> nn.Module:
    block = cast("FusedMobileOneBlock", network.conv_exp)
    order = _order(block.reparam_conv)
    squeeze = cast("SqueezeExcite", block.se)
    reduce, expand = _reading(squeeze.reduce, order), _writing(squeeze.expand, order)
    children = {
        "reparam_conv": SideBySide(block.reparam_conv),
        "se": with_children(squeeze, {"reduce": reduce, "expand": expand}),
    }
    return _with(network, {"conv_exp": _with(block, children), "head": _reading(network.head, order)})


def _with(module: nn.Module, changed: dict[str, nn.Module]) -> nn.Module:
    """Return a copy of ``module`` with some of its children replaced."""
    return with_children(module, {**dict(module.named_children()), **changed})
