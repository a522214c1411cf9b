"""FastViT's building blocks in training form, under the names of the authors' checkpoints.

Every block whose branches merge into one convolution has its inference form in :mod:`edgevit.models.fastvit.fused`.
Maps are (B, C, H, W), float. BatchNorm follows its zero-padded convolution everywhere, which makes all merges exact.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from edgevit.models.drop_path import DropPath

__all__ = [
    "HEAD_DIM",
    "Attention",
    "AttentionBlock",
    "BatchNormSkip",
    "ConvFfn",
    "ConvNorm",
    "LargeKernelConv",
    "MobileOneBlock",
    "PositionalEncoding",
    "RepMixer",
    "RepMixerBlock",
    "SqueezeExcite",
    "attend",
]

HEAD_DIM = 32
"""Channels of one attention head."""


class ConvNorm(nn.Module):
    """A convolution without bias, padded by half its side, and its batch normalization."""

    def __init__(self, inputs: int, outputs: int, size: int, *, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalized convolution of ``x``."""
        y: Tensor = self.bn(self.conv(x))
        return y


class SqueezeExcite(nn.Module):
    """Channel attention from the global average, through a bottleneck of a sixteenth of the channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, channels // 16, 1)
        self.expand = nn.Conv2d(channels // 16, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` with each channel scaled by a number between 0 and 1."""
        squeezed = self.reduce(x.mean((2, 3), keepdim=True)).relu()
        y: Tensor = x * self.expand(squeezed).sigmoid()
        return y


class MobileOneBlock(nn.Module):
    """Parallel branches that merge into one convolution: k x k, 1x1 (when k > 1) and a skip (where shapes fit).

    Args:
        inputs: Input channels.
        outputs: Output channels.
        size: Side k of the kernel.
        stride: Of both axes.
        groups: Channel groups.
        squeeze_excite: Append channel attention.
        activation: Append an exact GELU.
    """

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
        self.activation = nn.GELU() if activation else nn.Identity()
        self.rbr_skip = nn.BatchNorm2d(inputs) if inputs == outputs and stride == 1 else None
        # A list of one: the released networks use a single k x k branch, MobileOne's code allows several.
        self.rbr_conv = nn.ModuleList([ConvNorm(inputs, outputs, size, stride=stride, groups=groups)])
        self.rbr_scale = ConvNorm(inputs, outputs, 1, stride=stride, groups=groups) if size > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        """Return the activated sum of the branches."""
        y: Tensor = self.rbr_conv[0](x)
        if self.rbr_scale is not None:
            y = y + self.rbr_scale(x)
        if self.rbr_skip is not None:
            y = y + self.rbr_skip(x)
        activated: Tensor = self.activation(self.se(y))
        return activated


class BatchNormSkip(nn.Module):
    """RepMixer's ``norm``: a MobileOne block whose only branch is the skip, that is, a bare batch normalization."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.rbr_skip = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` normalized."""
        y: Tensor = self.rbr_skip(x)
        return y


class RepMixer(nn.Module):
    """Token mixing by ``x + layer_scale * (mixer(x) - norm(x))``, which merges into one 3x3 depthwise convolution."""

    def __init__(self, channels: int, layer_scale_init: float) -> None:
        super().__init__()
        self.norm = BatchNormSkip(channels)
        self.mixer = MobileOneBlock(channels, channels, 3, groups=channels, activation=False)
        self.layer_scale = nn.Parameter(torch.full((channels, 1, 1), layer_scale_init))

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` with each pixel mixed with its neighbours, channel by channel."""
        y: Tensor = x + self.layer_scale * (self.mixer(x) - self.norm(x))
        return y


class ConvFfn(nn.Module):
    """Feed-forward network: 7x7 depthwise convolution with norm, then 1x1, exact GELU, 1x1."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.conv = ConvNorm(channels, channels, 7, groups=channels)
        self.fc1 = nn.Conv2d(channels, hidden, 1)
        self.act = nn.GELU()
        self.fc2 = nn.Conv2d(hidden, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the branch's output, of the shape of ``x``."""
        y: Tensor = self.fc2(self.act(self.fc1(self.conv(x))))
        return y


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Return multi-head attention over tokens, for tensors (B, N, C) of heads of :data:`HEAD_DIM` channels.

    ``q`` is scaled already: scaling the scores instead lets them leave the range of fp16.
    """
    q, k, v = (torch.unflatten(t, -1, (-1, HEAD_DIM)).transpose(1, 2) for t in (q, k, v))
    weights = (q @ k.transpose(-2, -1)).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2)


class Attention(nn.Module):
    """Multi-head self-attention over all positions of a map, without positional table; tokens in raster order."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(channels, 3 * channels, bias=False)
        self.proj = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return the attended map, of the shape of ``x``."""
        q, k, v = self.qkv(x.flatten(2).transpose(1, 2)).chunk(3, dim=-1)
        mixed: Tensor = self.proj(attend(q * HEAD_DIM**-0.5, k, v))
        return mixed.transpose(1, 2).reshape_as(x)


class RepMixerBlock(nn.Module):
    """RepMixer, then the feed-forward network in a scaled residual."""

    def __init__(
        self, channels: int, hidden: int, *, token_mixer: nn.Module, layer_scale_init: float, drop: float
    ) -> None:
        super().__init__()
        self.token_mixer = token_mixer
        self.convffn = ConvFfn(channels, hidden)
        self.drop_path = DropPath(drop)
        self.layer_scale = nn.Parameter(torch.full((channels, 1, 1), layer_scale_init))

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output, of the shape of ``x``."""
        x = self.token_mixer(x)
        y: Tensor = x + self.drop_path(self.layer_scale * self.convffn(x))
        return y


class AttentionBlock(nn.Module):
    """Normalized attention and the feed-forward network, each in a scaled residual."""

    def __init__(self, channels: int, hidden: int, *, layer_scale_init: float, drop: float) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.token_mixer = Attention(channels)
        self.convffn = ConvFfn(channels, hidden)
        self.drop_path = DropPath(drop)
        self.layer_scale_1 = nn.Parameter(torch.full((channels, 1, 1), layer_scale_init))
        self.layer_scale_2 = nn.Parameter(torch.full((channels, 1, 1), layer_scale_init))

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output, of the shape of ``x``."""
        x = x + self.drop_path(self.layer_scale_1 * self.token_mixer(self.norm(x)))
        y: Tensor = x + self.drop_path(self.layer_scale_2 * self.convffn(x))
        return y


class LargeKernelConv(nn.Module):
    """Stride-2 depthwise down-sampling: a 7x7 and a 3x3 branch, added, from ``inputs`` to twice as many channels.

    The authors' code also computes a GELU of the sum and discards it; the released weights were trained without.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.lkb_origin = ConvNorm(inputs, outputs, 7, stride=2, groups=inputs)
        self.small_conv = ConvNorm(inputs, outputs, 3, stride=2, groups=inputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the map at half the size (rounded up)."""
        y: Tensor = self.lkb_origin(x) + self.small_conv(x)
        return y


class PositionalEncoding(nn.Module):
    """Conditional positional encoding: ``x`` plus its 7x7 depthwise convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.pe = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` with position information added."""
        y: Tensor = x + self.pe(x)
        return y
