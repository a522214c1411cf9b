"""SepViT's attention as TFLite's CPU kernels like it: channels innermost, heads outermost, rank 4 at most.

Maps are channels-last in a TFLite file, and so are the published network's blocks. Everything within an attention is
held as (heads, windows, tokens, 32), with the windows of all images in a row: queries, keys, values and the tokens of
the inner shortcut are brought there once each, in runs of 32 values, and both steps of the attention are matrix
products of operands as they lie.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from edgevit.mobile import sepvit_range  # noqa: F401 - its rewrite is registered first: it reads the folded network
from edgevit.mobile.rewrite import Shape, Target, rewrites
from edgevit.models.sepvit.blocks import HEAD_WIDTH, Block, SeparableAttention
from edgevit.reparam.algebra import Kernel, scale_rows, select_rows
from edgevit.reparam.fold import fold
from edgevit.reparam.layers import kernel_of, linear

__all__ = ["HeadMajorBlock"]


class _GlobalAttention(nn.Module):
    """Attention of a single window an image, (B, 1, N, C)."""

    def __init__(self, attention: SeparableAttention) -> None:
        super().__init__()
        self.heads = attention.heads
        self.query, self.key, self.value = _projections(attention.DSA_qkv, attention, parts=3)
        self.proj = linear(kernel_of(attention.proj))

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the shape of normalized ``x``."""
        windows = (*_leading(self.heads, x.shape[0]), x.shape[2], HEAD_WIDTH)
        q, k, v = (_head_major(part(x), windows) for part in (self.query, self.key, self.value))
        gathered = _token_major(_attend(q, k, v)).reshape(x.shape)
        projected: Tensor = self.proj(gathered + x)
        return projected


class _WindowAttention(nn.Module):
    """Attention within windows (DSA), then among them by their window tokens (PSA); those do not depend on the image.

    Each window's token lies behind its pixels.
    """

    def __init__(self, attention: SeparableAttention, window_tokens: Tensor) -> None:
        """Take the weights of ``attention`` and its normalized window tokens (1, windows, 1, C)."""
        super().__init__()
        self.heads = attention.heads
        self.tokens = attention.grid.tokens
        self.count = attention.grid.count
        self.register_buffer("window_tokens", window_tokens.detach().clone())
        self.query, self.key, self.value = _projections(attention.DSA_qkv, attention, parts=3)
        self.norm = fold(attention.win_tokens_norm)
        self.act = nn.GELU()
        self.window_query, self.window_key = _projections(attention.PSA_qk, attention, parts=2)
        self.proj = linear(kernel_of(attention.proj))

    window_tokens: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the shape of normalized ``x`` (B, windows, tokens, C)."""
        with_token = torch.cat([x, self.window_tokens.expand(x.shape[0], -1, -1, -1)], dim=2)
        projected = (self.query(with_token), self.key(with_token), self.value(with_token), with_token)
        windows = (self.heads, -1, self.tokens + 1, HEAD_WIDTH)
        q, k, v, shortcut = (_head_major(part, windows) for part in projected)
        # The sum is laid out like its first operand, and the second step wants its operand like that.
        pixels, tokens = torch.split(_attend(q, k, v) + shortcut, [self.tokens, 1], dim=2)
        leading = _leading(self.heads, x.shape[0])
        mixed = self._weights(tokens, leading) @ pixels.reshape(*leading, self.count, self.tokens * HEAD_WIDTH)
        result: Tensor = self.proj(_token_major(pixels + mixed.reshape_as(pixels)).reshape(x.shape))
        return result

    def _weights(self, tokens: Tensor, leading: Sequence[int]) -> Tensor:
        """Return how much each window takes from each other, (*leading, windows, windows).

        Args:
            tokens: What the window tokens (heads, B * windows, 1, 32) gathered within their windows.
            leading: See :func:`_leading`.
        """
        gathered = self.act(self.norm(_token_major(tokens)))
        windows = (*leading, self.count, HEAD_WIDTH)
        q, k = (_head_major(part(gathered), windows) for part in (self.window_query, self.window_key))
        return (q @ k.transpose(-2, -1)).softmax(dim=-1)


class HeadMajorBlock(nn.Module):
    """A SepViT block on channels-last maps."""

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.grid = block.grid
        self.norm1 = fold(block.norm1)
        self.attn = (
            _WindowAttention(block.attn, block.normalized_window_tokens())
            if block.grid.count > 1
            else _GlobalAttention(block.attn)
        )
        self.norm2 = fold(block.norm2)
        self.mlp = fold(block.mlp)

    def forward(self, x: Tensor) -> Tensor:
        """Return a map of the shape of ``x`` (B, H, W, C)."""
        x = x + self.grid.join(self.attn(self.grid.split(self.norm1(x))))
        y: Tensor = x + self.mlp(self.norm2(x))
        return y


def _projections(layer: nn.Linear, attention: SeparableAttention, *, parts: int) -> list[nn.Linear]:
    """Return queries, keys and more as layers of their own, with the attention scale in the queries."""
    kernel, channels = kernel_of(layer), attention.grid.channels
    query, *others = (select_rows(kernel, i * channels, (i + 1) * channels) for i in range(parts))
    return [linear(part) for part in (_scaled(query, attention.scale), *others)]


def _scaled(kernel: Kernel, factor: float) -> Kernel:
    return scale_rows(kernel, kernel.bias.new_full(kernel.bias.shape, factor))


def _leading(heads: int, images: int) -> tuple[int, ...]:
    """Return the dimensions before those of a matrix; a single image has none of its own, which saves reshapes."""
    return (heads, images) if images > 1 else (heads,)


def _head_major(x: Tensor, shape: Sequence[int]) -> Tensor:
    """Return (..., heads * 32) as ``shape``, (heads, ..., 32)."""
    return x.reshape(-1, shape[0], HEAD_WIDTH).transpose(0, 1).reshape(shape)


def _token_major(x: Tensor) -> Tensor:
    """Return (heads, ..., 32) as (everything else, heads * 32)."""
    heads = x.shape[0]
    return x.reshape(heads, -1, HEAD_WIDTH).transpose(0, 1).reshape(-1, heads * HEAD_WIDTH)


def _attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return (q @ k.transpose(-2, -1)).softmax(dim=-1) @ v


@rewrites(
    Block,
    name="attention-head-major",
    reason="XNNPACK multiplies matrices as they lie; with heads outermost each operand is brought into place once",
    target=Target.TFLITE,
)
def _block(block: Block, _: Shape) -> nn.Module:
    return HeadMajorBlock(block)
