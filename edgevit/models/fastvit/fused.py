"""FastViT's blocks in the authors' inference form: each group of branches is one convolution with bias."""

from __future__ import annotations

from torch import Tensor, nn

from edgevit.models.fastvit.blocks import SqueezeExcite

__all__ = ["FusedConv", "FusedLargeKernelConv", "FusedMobileOneBlock"]


class FusedConv(nn.Module):
    """A RepMixer or positional encoding as one depthwise convolution with bias, residual included."""

    def __init__(self, channels: int, size: int) -> None:
        super().__init__()
        self.reparam_conv = nn.Conv2d(channels, channels, size, padding=size // 2, groups=channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return the convolution of ``x``."""
        y: Tensor = self.reparam_conv(x)
        return y


class FusedLargeKernelConv(nn.Module):
    """The down-sampling of :class:`~edgevit.models.fastvit.blocks.LargeKernelConv` as one 7x7 convolution."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.lkb_reparam = nn.Conv2d(inputs, outputs, 7, stride=2, padding=3, groups=inputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the map at half the size (rounded up)."""
        y: Tensor = self.lkb_reparam(x)
        return y


class FusedMobileOneBlock(nn.Module):
    """A MobileOne block whose branches are one convolution; same arguments as the training form."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        size: int,
        *,
        stride: int = 1,
        groups: int = 1,
        squeeze_excite: bool = False,
        activation: bool = True,
    ) -> None:
        super().__init__()
        self.se = SqueezeExcite(outputs) if squeeze_excite else nn.Identity()
        self.reparam_conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups)
        self.activation = nn.GELU() if activation else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Return the activated convolution."""
        y: Tensor = self.activation(self.se(self.reparam_conv(x)))
        return y
