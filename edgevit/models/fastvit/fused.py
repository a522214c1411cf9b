"""FastViT's blocks in the authors' inference form: each group of branches is one convolution with bias."""

from __future__ import annotations

from torch import Tensor, nn

from edgevit.models.fastvit.blocks import SqueezeExcite

__all__ = [
    "FusedConv",
    "FusedLargeKernelConv",
    "FusedMobileOneBlock",
    "fused_depthwise",
    "fused_large_kernel",
    "fused_mobile_one",
]


class FusedConv(nn.Module):
    """A RepMixer or positional encoding as one depthwise convolution with bias, residual included."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.reparam_conv = conv

    def forward(self, x: Tensor) -> Tensor:
        """Return the convolution of ``x``."""
        y: Tensor = self.reparam_conv(x)
        return y


class FusedLargeKernelConv(nn.Module):
    """The down-sampling of :class:`~edgevit.models.fastvit.blocks.LargeKernelConv` as one 7x7 convolution."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.lkb_reparam = conv

    def forward(self, x: Tensor) -> Tensor:
        """Return the map at half the size (rounded up)."""
        y: Tensor = self.lkb_reparam(x)
        return y


class FusedMobileOneBlock(nn.Module):
    """A MobileOne block whose branches are one convolution, then its channel attention and activation if any."""

    def __init__(self, conv: nn.Conv2d, *, se: nn.Module, activation: nn.Module) -> None:
        super().__init__()
        self.se = se
        self.reparam_conv = conv
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        """Return the activated convolution."""
        y: Tensor = self.activation(self.se(self.reparam_conv(x)))
        return y


def fused_depthwise(channels: int, size: int) -> FusedConv:
    """Return an untrained fused RepMixer (3x3) or positional encoding (7x7)."""
    return FusedConv(nn.Conv2d(channels, channels, size, padding=size // 2, groups=channels))


def fused_large_kernel(inputs: int, outputs: int) -> FusedLargeKernelConv:
    """Return an untrained fused down-sampling convolution."""
    return FusedLargeKernelConv(nn.Conv2d(inputs, outputs, 7, stride=2, padding=3, groups=inputs))


def fused_mobile_one(
    inputs: int, outputs: int, size: int, *, stride: int = 1, groups: int = 1, squeeze_excite: bool = False
) -> FusedMobileOneBlock:
    """Return an untrained fused block with GELU; arguments as of the training form."""
    conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups)
    se = SqueezeExcite(outputs) if squeeze_excite else nn.Identity()
    return FusedMobileOneBlock(conv, se=se, activation=nn.GELU())
