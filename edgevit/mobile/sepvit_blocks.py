"""The blocks of a folded SepViT on channel-first tensors of rank 4 at most, for one image at a time.

Maps are (1, C, H, W), or windows (1, C, windows, tokens): norms, MLPs and projections act on each position alone, so
they take either. Heads share an axis with channels, or with windows, where rank 5 would be needed otherwise.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from edgevit.mobile.channel_norm import ChannelLayerNorm
from edgevit.models.sepvit.blocks import HEAD_WIDTH, Block, Mlp, PatchEmbed, SeparableAttention
from edgevit.models.sepvit.windows import WindowGrid
from edgevit.reparam.algebra import pointwise, scale_rows
from edgevit.reparam.layers import convolution, convolution_like, kernel_of
from edgevit.types import Size

__all__ = ["ChannelFirstBlock", "ChannelFirstPatchEmbed", "JoinWindows", "SplitWindows"]


class ChannelFirstPatchEmbed(nn.Module):
    """A convolution that lowers the resolution, and a layer norm over channels."""

    def __init__(self, embed: PatchEmbed) -> None:
        super().__init__()
        self.proj = convolution_like(embed.proj, kernel_of(embed.proj))
        self.norm = ChannelLayerNorm(embed.norm)

    def forward(self, x: Tensor) -> Tensor:
        """Return (1, outputs, H / stride, W / stride) of a map (1, inputs, H, W)."""
        y: Tensor = self.norm(self.proj(x))
        return y


class SplitWindows(nn.Module):
    """Turns a map (1, C, H, W) into windows (1, C, windows, tokens), both in raster order, by one transpose."""

    def __init__(self, grid: WindowGrid) -> None:
        super().__init__()
        self.rows = (grid.channels * grid.rows, grid.side, grid.columns, grid.side)
        self.windows = (1, grid.channels, grid.count, grid.tokens)

    def forward(self, x: Tensor) -> Tensor:
        """Return windows (1, C, windows, tokens)."""
        return x.reshape(self.rows).transpose(1, 2).reshape(self.windows)


class JoinWindows(nn.Module):
    """Turns windows (1, C, windows, tokens) back into a map (1, C, H, W); undoes :class:`SplitWindows`."""

    def __init__(self, grid: WindowGrid) -> None:
        super().__init__()
        self.rows = (grid.channels * grid.rows, grid.columns, grid.side, grid.side)
        self.map = (1, grid.channels, grid.rows * grid.side, grid.columns * grid.side)

    def forward(self, x: Tensor) -> Tensor:
        """Return a map (1, C, H, W)."""
        return x.reshape(self.rows).transpose(1, 2).reshape(self.map)


class ChannelFirstMlp(nn.Module):
    """Two 1x1 convolutions with an exact (erf) GELU between them."""

    def __init__(self, mlp: Mlp) -> None:
        super().__init__()
        self.fc1 = convolution(pointwise(kernel_of(mlp.fc1)))
        self.act = nn.GELU()
        self.fc2 = convolution(pointwise(kernel_of(mlp.fc2)))

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the shape of ``x`` (1, C, A, B)."""
        y: Tensor = self.fc2(self.act(self.fc1(x)))
        return y


class GlobalAttention(nn.Module):
    """Attention among all positions, for blocks with a single window."""

    def __init__(self, attention: SeparableAttention, positions: Size) -> None:
        super().__init__()
        self.shape = (1, attention.grid.channels, *positions)
        self.heads = attention.heads
        self.query_key_value = _projection(attention.DSA_qkv, attention)
        self.proj = convolution(pointwise(kernel_of(attention.proj)))

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the shape of normalized ``x`` (1, C, A, B)."""
        heads = self.query_key_value(x).reshape(1, 3 * self.heads, HEAD_WIDTH, -1)
        gathered = _attend(*heads.chunk(3, dim=1))
        projected: Tensor = self.proj(gathered.reshape(self.shape) + x)
        return projected


class WindowAttention(nn.Module):
    """Attention within windows (DSA), then among them by their window tokens (PSA).

    The window tokens do not depend on the image: they are a constant, appended to each window behind its pixels.
    """

    def __init__(self, attention: SeparableAttention, window_tokens: Tensor) -> None:
        """Take the weights of ``attention`` and its normalized window tokens (1, windows, 1, C)."""
        super().__init__()
        grid, heads = attention.grid, attention.heads
        self.heads = heads
        self.tokens = grid.tokens
        self.windows_of_heads = (3 * heads, HEAD_WIDTH, grid.count, grid.tokens + 1)
        self.positions_and_token = (1, grid.channels, grid.count, grid.tokens + 1)
        self.heads_of_windows = (2 * heads, 1, HEAD_WIDTH, grid.count)
        self.pixels_of_heads = (heads, HEAD_WIDTH, grid.count, grid.tokens)
        self.positions = (1, grid.channels, grid.count, grid.tokens)
        self.register_buffer("window_tokens", window_tokens.detach().permute(0, 3, 1, 2).contiguous())
        self.query_key_value = _projection(attention.DSA_qkv, attention)
        self.norm = ChannelLayerNorm(attention.win_tokens_norm)
        self.act = nn.GELU()
        self.query_key = _projection(attention.PSA_qk, attention)
        self.proj = convolution(pointwise(kernel_of(attention.proj)))

    window_tokens: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the shape of normalized ``x`` (1, C, windows, tokens)."""
        x = torch.cat([x, self.window_tokens], dim=3)
        heads = self.query_key_value(x).reshape(self.windows_of_heads).transpose(1, 2)
        gathered = _attend(*heads.chunk(3, dim=0)).transpose(1, 2)
        x = x + gathered.reshape(self.positions_and_token)
        pixels, tokens = torch.split(x, [self.tokens, 1], dim=3)
        pixels = pixels.reshape(self.pixels_of_heads)
        pixels = pixels + self._weights(tokens) @ pixels
        projected: Tensor = self.proj(pixels.reshape(self.positions))
        return projected

    def _weights(self, tokens: Tensor) -> Tensor:
        """Return how much each window takes from each other, (heads, 1, windows, windows).

        Args:
            tokens: What the window tokens (1, C, windows, 1) gathered within their windows.
        """
        queries_keys: Tensor = self.query_key(self.act(self.norm(tokens)))
        q, k = queries_keys.reshape(self.heads_of_windows).chunk(2, dim=0)
        return (q.transpose(-2, -1) @ k).softmax(dim=-1)


class ChannelFirstBlock(nn.Module):
    """Attention and MLP, each after a layer norm and with a shortcut."""

    def __init__(self, block: Block, positions: Size) -> None:
        """Take the weights of ``block``, which gets maps (1, C, *positions) here."""
        super().__init__()
        self.norm1 = ChannelLayerNorm(block.norm1)
        self.attn = (
            WindowAttention(block.attn, block.normalized_window_tokens())
            if block.grid.count > 1
            else GlobalAttention(block.attn, positions)
        )
        self.norm2 = ChannelLayerNorm(block.norm2)
        self.mlp = ChannelFirstMlp(block.mlp)

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the shape of ``x`` (1, C, A, B)."""
        x = x + self.attn(self.norm1(x))
        y: Tensor = x + self.mlp(self.norm2(x))
        return y


def _attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Return attention of channel-first heads (..., 32, N); both transposes are flags of matrix products."""
    weights = (q.transpose(-2, -1) @ k).softmax(dim=-1)
    return v @ weights.transpose(-2, -1)


def _projection(layer: nn.Linear, attention: SeparableAttention) -> nn.Conv2d:
    """Return a projection to queries and more as a 1x1 convolution, with the attention scale in the queries."""
    kernel = kernel_of(layer)
    scale = kernel.bias.new_ones(kernel.bias.shape)
    scale[: attention.grid.channels] = attention.scale
    return convolution(pointwise(scale_rows(kernel, scale)))
