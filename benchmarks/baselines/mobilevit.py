"""MobileViT-XXS (arXiv:2110.02178, table 4 and figure 1b)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchmarks.baselines.layers import ConvNormAct, heads_attend

__all__ = ["MobileViTXXS"]

_HEADS = 4
_EXPANSION = 2
_PATCH = 2


class _Bottleneck(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        wide = inputs * _EXPANSION
        self.body = nn.Sequential(
            ConvNormAct(inputs, wide, 1, act=nn.SiLU()),
            ConvNormAct(wide, wide, 3, stride, groups=wide, act=nn.SiLU()),
            ConvNormAct(wide, outputs, 1),
        )
        self.has_shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.body(x)
        return x + y if self.has_shortcut else y


class _Transformer(nn.Module):
    """A pre-norm layer on tokens (patch positions, patches, C)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width))
        self.scale = (width // _HEADS) ** -0.5

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(self.norm1(x)).chunk(3, dim=-1)
        x = x + self.proj(heads_attend(q * self.scale, k, v, _HEADS))
        y: Tensor = x + self.mlp(self.norm2(x))
        return y


class _MobileViTBlock(nn.Module):
    def __init__(self, channels: int, width: int, depth: int, side: int) -> None:
        super().__init__()
        self.local = nn.Sequential(
            ConvNormAct(channels, channels, 3, act=nn.SiLU()), nn.Conv2d(channels, width, 1, bias=False)
        )
        self.layers = nn.Sequential(*(_Transformer(width) for _ in range(depth)), nn.LayerNorm(width))
        self.proj = ConvNormAct(width, channels, 1, act=nn.SiLU())
        self.fuse = ConvNormAct(2 * channels, channels, 3, act=nn.SiLU())
        patches = side // _PATCH
        self.rows = (width * patches, _PATCH, patches, _PATCH)
        self.tokens = (width, patches**2, _PATCH**2)
        self.map = (1, width, side, side)

    def forward(self, x: Tensor) -> Tensor:
        y = self.local(x).reshape(self.rows).transpose(1, 2).reshape(self.tokens).permute(2, 1, 0)
        y = self.layers(y).permute(2, 1, 0)
        patches = self.rows[2]
        y = y.reshape(self.rows[0], patches, _PATCH, _PATCH).transpose(1, 2).reshape(self.map)
        fused: Tensor = self.fuse(torch.cat([x, self.proj(y)], dim=1))
        return fused


class MobileViTXXS(nn.Module):
    """One image (1, 3, 256, 256) to logits (1, 1000); 1,272,024 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            ConvNormAct(3, 16, 3, 2, act=nn.SiLU()),
            _Bottleneck(16, 16),
            _Bottleneck(16, 24, 2),
            *(_Bottleneck(24, 24) for _ in range(2)),
            _Bottleneck(24, 48, 2),
            _MobileViTBlock(48, 64, 2, side=32),
            _Bottleneck(48, 64, 2),
            _MobileViTBlock(64, 80, 4, side=16),
            _Bottleneck(64, 80, 2),
            _MobileViTBlock(80, 96, 3, side=8),
            ConvNormAct(80, 320, 1, act=nn.SiLU()),
        )
        self.head = nn.Linear(320, 1000)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.head(self.body(x).mean((2, 3)))
        return logits
