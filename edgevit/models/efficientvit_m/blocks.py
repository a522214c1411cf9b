"""EfficientViT-M's building blocks, under the names of the authors' checkpoints.

Training and inference form share one structure and differ in their leaves: a convolution with batch normalization, or
one convolution with bias. A :data:`ConvFactory` says which. Maps are (B, C, H, W), float.
"""

from __future__ import annotations

from typing import Protocol

from torch import Tensor, nn

__all__ = [
    "ConvFactory",
    "ConvNorm",
    "FeedForward",
    "NormLinear",
    "PatchMerging",
    "Residual",
    "SqueezeExcite",
    "fused_conv",
]


class ConvFactory(Protocol):
    """Makes a convolution padded by half its side, with whatever normalizes it."""

    def __call__(self, inputs: int, outputs: int, size: int, *, stride: int = 1, groups: int = 1) -> nn.Module:
        """Return the layer."""
        ...


class ConvNorm(nn.Module):
    """A convolution without bias and its batch normalization: the leaf of the training form."""

    def __init__(self, inputs: int, outputs: int, size: int, *, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.c = nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalized convolution of ``x``."""
        y: Tensor = self.bn(self.c(x))
        return y


def fused_conv(inputs: int, outputs: int, size: int, *, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    """Return a convolution with bias: the leaf of the inference form."""
    return nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups)


class NormLinear(nn.Module):
    """Batch normalization and a linear layer: the classifier of the training form."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.bn = nn.BatchNorm1d(inputs)
        self.l = nn.Linear(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, outputs) of (B, inputs)."""
        y: Tensor = self.l(self.bn(x))
        return y


class Residual(nn.Module):
    """``x + m(x)``."""

    def __init__(self, m: nn.Module) -> None:
        super().__init__()
        self.m = m

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum of ``x`` and its branch."""
        y: Tensor = x + self.m(x)
        return y


class FeedForward(nn.Module):
    """Two 1x1 convolutions around a ReLU, with twice the channels between them."""

    def __init__(self, channels: int, conv: ConvFactory) -> None:
        super().__init__()
        self.pw1 = conv(channels, 2 * channels, 1)
        self.pw2 = conv(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the branch's output, of the shape of ``x``."""
        y: Tensor = self.pw2(self.pw1(x).relu())
        return y


class SqueezeExcite(nn.Module):
    """Channel attention from the global average, through a bottleneck of a quarter of the channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, channels // 4, 1)
        self.fc2 = nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` with each channel scaled by a number between 0 and 1."""
        y: Tensor = x * self.fc2(self.fc1(x.mean((2, 3), keepdim=True)).relu()).sigmoid()
        return y


class PatchMerging(nn.Module):
    """Half the size: 1x1 to four times the channels, 3x3 stride-2 depthwise, channel attention, 1x1 to ``outputs``."""

    def __init__(self, inputs: int, outputs: int, conv: ConvFactory) -> None:
        super().__init__()
        hidden = 4 * inputs
        self.conv1 = conv(inputs, hidden, 1)
        self.conv2 = conv(hidden, hidden, 3, stride=2, groups=hidden)
        self.se = SqueezeExcite(hidden)
        self.conv3 = conv(hidden, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the map at half the size (rounded up)."""
        hidden = self.conv2(self.conv1(x).relu()).relu()
        y: Tensor = self.conv3(self.se(hidden))
        return y
