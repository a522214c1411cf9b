"""The blocks of Next-ViT (arXiv:2207.05501, sections 3.2-3.4). All map (B, C, H, W) to (B, C', H', W').

Batch normalization (eps 1e-5) and ReLU only. Submodules are registered in the order of the authors' checkpoints.
"""

from __future__ import annotations

from torch import Tensor, cat, nn

__all__ = [
    "HEAD_WIDTH",
    "CeilAveragePool",
    "ConvBlock",
    "ConvNormAct",
    "EfficientAttention",
    "GroupedConvAttention",
    "Mlp",
    "PatchEmbed",
    "TransformerBlock",
]

HEAD_WIDTH = 32
"""Channels of one attention head, and of one group of the grouped convolutions."""


class ConvNormAct(nn.Module):
    """3x3 convolution without bias, batch normalization, ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, outputs, ceil(H / stride), ceil(W / stride))."""
        y: Tensor = self.act(self.norm(self.conv(x)))
        return y


class CeilAveragePool(nn.AvgPool2d):
    """Average over 2x2 squares. Odd maps round up: squares on the border average the pixels that they have."""

    def __init__(self) -> None:
        super().__init__(2, 2, ceil_mode=True, count_include_pad=False)


class PatchEmbed(nn.Module):
    """Changes resolution or width, and passes its input on where neither changes."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.pool = CeilAveragePool() if stride == 2 else nn.Identity()
        changes = stride == 2 or inputs != outputs
        self.conv = nn.Conv2d(inputs, outputs, 1, bias=False) if changes else nn.Identity()
        self.norm = nn.BatchNorm2d(outputs) if changes else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, outputs, ceil(H / stride), ceil(W / stride))."""
        y: Tensor = self.norm(self.conv(self.pool(x)))
        return y


class GroupedConvAttention(nn.Module):
    """Multi-head convolutional attention (MHCA): grouped 3x3 convolution, norm, ReLU, 1x1 projection; no biases."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        groups = channels // HEAD_WIDTH
        self.group_conv3x3 = nn.Conv2d(channels, channels, 3, padding=1, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.act = nn.ReLU()
        self.projection = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return a map of the shape of ``x``."""
        y: Tensor = self.projection(self.act(self.norm(self.group_conv3x3(x))))
        return y


class Mlp(nn.Module):
    """Two 1x1 convolutions with bias and a ReLU between them."""

    def __init__(self, channels: int, ratio: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels * ratio, 1)
        self.act = nn.ReLU()
        self.conv2 = nn.Conv2d(channels * ratio, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return a map of the shape of ``x``."""
        y: Tensor = self.conv2(self.act(self.conv1(x)))
        return y


class ConvBlock(nn.Module):
    """Next convolution block (NCB)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.patch_embed = PatchEmbed(inputs, outputs, stride)
        self.mhca = GroupedConvAttention(outputs)
        self.norm = nn.BatchNorm2d(outputs)
        self.mlp = Mlp(outputs, ratio=3)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, outputs, ceil(H / stride), ceil(W / stride))."""
        x = self.patch_embed(x)
        x = x + self.mhca(x)
        y: Tensor = x + self.mlp(self.norm(x))
        return y


class EfficientAttention(nn.Module):
    """Multi-head self-attention (E-MHSA) whose keys and values come from averaged tokens.

    ``pooling ** 2`` *consecutive tokens in raster order* are averaged to one key, across the ends of rows, and not
    squares of the map: the released weights were trained so. Tokens left over at the end are no keys.
    """

    def __init__(self, channels: int, pooling: int) -> None:
        super().__init__()
        self.heads = channels // HEAD_WIDTH
        self.scale = HEAD_WIDTH**-0.5
        self.pooling = pooling
        self.q = nn.Linear(channels, channels)
        self.k = nn.Linear(channels, channels)
        self.v = nn.Linear(channels, channels)
        self.proj = nn.Linear(channels, channels)
        if pooling > 1:
            self.sr: nn.Module = nn.AvgPool1d(pooling**2, pooling**2)
            self.norm: nn.Module = nn.BatchNorm1d(channels)
        else:
            self.sr, self.norm = nn.Identity(), nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Return a map of the shape of ``x`` (B, C, H, W)."""
        channel_first = x.flatten(2)
        pooled = self.norm(self.sr(channel_first)).transpose(1, 2)
        q = self._split_heads(self.q(channel_first.transpose(1, 2)))
        k, v = self._split_heads(self.k(pooled)), self._split_heads(self.v(pooled))
        weights = ((q * self.scale) @ k.transpose(-2, -1)).softmax(dim=-1)
        mixed = (weights @ v).transpose(1, 2).flatten(2)
        projected: Tensor = self.proj(mixed).transpose(1, 2)
        return projected.reshape_as(x)

    def _split_heads(self, tokens: Tensor) -> Tensor:
        """Return tokens (B, N, C) as (B, heads, N, C / heads)."""
        heads: Tensor = tokens.unflatten(2, (self.heads, HEAD_WIDTH))  # type: ignore[no-untyped-call]
        return heads.transpose(1, 2)


class TransformerBlock(nn.Module):
    """Next transformer block (NTB): attention for three quarters of the channels, convolution for the last quarter.

    The two parts are concatenated and mixed by an MLP.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, pooling: int) -> None:
        super().__init__()
        attended = outputs * 3 // 4
        self.patch_embed = PatchEmbed(inputs, attended, stride)
        self.norm1 = nn.BatchNorm2d(attended)
        self.e_mhsa = EfficientAttention(attended, pooling)
        self.projection = PatchEmbed(attended, outputs - attended, stride=1)
        self.mhca = GroupedConvAttention(outputs - attended)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.mlp = Mlp(outputs, ratio=2)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, outputs, ceil(H / stride), ceil(W / stride))."""
        x = self.patch_embed(x)
        x = x + self.e_mhsa(self.norm1(x))
        local = self.projection(x)
        local = local + self.mhca(local)
        x = cat([x, local], dim=1)
        y: Tensor = x + self.mlp(self.norm2(x))
        return y
