"""The blocks of SepViT (arXiv:2203.15380, section 3), written from a description of the authors' architecture.

Within a stage, maps are channel-last (B, H, W, C). Submodules are registered in the order of the authors' key list.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from edgevit.models.sepvit.windows import WindowGrid

__all__ = ["BLOCK_EPS", "HEAD_WIDTH", "Block", "Mlp", "PatchEmbed", "PositionalConv", "SeparableAttention"]

HEAD_WIDTH = 32
"""Channels of one attention head."""

BLOCK_EPS = 1e-6
"""Epsilon of the layer norms of blocks and of the last one; patch embeddings and window tokens have 1e-5."""

_MLP_RATIO = 4


class PatchEmbed(nn.Module):
    """A convolution that lowers the resolution, and a layer norm over channels."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int, stride: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2)
        self.norm = nn.LayerNorm(outputs, eps=1e-5)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, H / stride, W / stride, outputs) of a map (B, inputs, H, W)."""
        y: Tensor = self.norm(self.proj(x).permute(0, 2, 3, 1))
        return y


class PositionalConv(nn.Module):
    """Conditional positional encoding (PEG): ``x`` plus its 3x3 depthwise convolution, channel-first."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.proj = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, groups=channels))

    def forward(self, x: Tensor) -> Tensor:
        """Return a map of the shape of ``x`` (B, C, H, W)."""
        encoded: Tensor = x + self.proj(x)
        return encoded


class Mlp(nn.Module):
    """Two linear layers with an exact (erf) GELU between them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, channels * _MLP_RATIO)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(channels * _MLP_RATIO, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the shape of ``x`` (..., C)."""
        y: Tensor = self.fc2(self.act(self.fc1(x)))
        return y


class SeparableAttention(nn.Module):
    """Attention within windows (DSA), then among them (PSA), both with an inner shortcut, then a projection.

    With a single window there is neither a window token nor the second step.
    """

    def __init__(self, grid: WindowGrid) -> None:
        super().__init__()
        channels = grid.channels
        self.grid = grid
        self.heads = channels // HEAD_WIDTH
        self.scale = HEAD_WIDTH**-0.5
        self.DSA_qkv = nn.Linear(channels, 3 * channels)
        if grid.count > 1:
            self.win_tokens_norm = nn.LayerNorm(channels, eps=1e-5)
            self.act = nn.GELU()
            self.PSA_qk = nn.Linear(channels, 2 * channels)
        self.proj = nn.Linear(channels, channels)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return windows (B, windows, side**2, C).

        Args:
            tokens: Windows (B, windows, N, C), normalized; N is side**2, plus the window token in front where there
                is more than one window.
        """
        tokens = tokens + self._within_windows(tokens)  # the first inner shortcut adds the normalized tokens
        if self.grid.count > 1:
            pixels = tokens[:, :, 1:]
            tokens = pixels + self._among_windows(tokens[:, :, 0], pixels)
        projected: Tensor = self.proj(tokens)
        return projected

    def _within_windows(self, tokens: Tensor) -> Tensor:
        """Return what each token of windows (B, windows, N, C) gathers from its own window."""
        windows = tokens.flatten(0, 1)
        q, k, v = (self._split_heads(part) for part in self.DSA_qkv(windows).chunk(3, dim=-1))
        mixed: Tensor = ((q * self.scale) @ k.transpose(-2, -1)).softmax(dim=-1) @ v
        return mixed.transpose(1, 2).reshape_as(tokens)

    def _among_windows(self, window_tokens: Tensor, pixels: Tensor) -> Tensor:
        """Return for each window the pixel tokens of all windows, weighted by how their window tokens match.

        Args:
            window_tokens: (B, windows, C).
            pixels: (B, windows, side**2, C); the values, without a projection of their own.
        """
        queries_keys = self.PSA_qk(self.act(self.win_tokens_norm(window_tokens)))
        q, k = (self._split_heads(part) for part in queries_keys.chunk(2, dim=-1))
        weights = ((q * self.scale) @ k.transpose(-2, -1)).softmax(dim=-1)
        # (B, windows, tokens, heads, 32) -> (B, heads, windows, tokens * 32)
        values: Tensor = pixels.unflatten(3, (self.heads, HEAD_WIDTH))  # type: ignore[no-untyped-call]
        mixed: Tensor = weights @ values.permute(0, 3, 1, 2, 4).flatten(3)
        apart: Tensor = mixed.unflatten(3, (self.grid.tokens, HEAD_WIDTH))  # type: ignore[no-untyped-call]
        return apart.permute(0, 2, 3, 1, 4).flatten(3)

    def _split_heads(self, tokens: Tensor) -> Tensor:
        """Return tokens (B, N, C) as (B, heads, N, 32)."""
        heads: Tensor = tokens.unflatten(2, (self.heads, HEAD_WIDTH))  # type: ignore[no-untyped-call]
        return heads.transpose(1, 2)


class Block(nn.Module):
    """Separable attention and MLP, each after a layer norm and with a shortcut."""

    window_tokens_are_normalized = False
    """Whether ``win_tokens`` holds what the first norm makes of the learned tokens, as folding leaves it."""

    def __init__(self, grid: WindowGrid) -> None:
        super().__init__()
        channels = grid.channels
        if grid.count > 1:
            self.win_tokens = nn.Parameter(torch.zeros(1, grid.count, 1, channels))
        self.norm1 = nn.LayerNorm(channels, eps=BLOCK_EPS)
        self.norm2 = nn.LayerNorm(channels, eps=BLOCK_EPS)
        self.mlp = Mlp(channels)
        self.attn = SeparableAttention(grid)

    @property
    def grid(self) -> WindowGrid:
        """How windows tile the map."""
        return self.attn.grid

    def forward(self, x: Tensor) -> Tensor:
        """Return a map of the shape of ``x`` (B, H, W, C)."""
        tokens = self.grid.split(self.norm1(x))
        if self.grid.count > 1:
            window_tokens = self.normalized_window_tokens().expand_as(tokens[:, :, :1])
            tokens = torch.cat([window_tokens, tokens], dim=2)
        x = x + self.grid.join(self.attn(tokens))
        y: Tensor = x + self.mlp(self.norm2(x))
        return y

    def normalized_window_tokens(self) -> Tensor:
        """Return this block's window tokens (1, windows, 1, C) after the first norm, which they share with pixels."""
        normalized: Tensor = self.win_tokens if self.window_tokens_are_normalized else self.norm1(self.win_tokens)
        return normalized
