"""FastViT's blocks once all norms and layer scales are folded; :mod:`edgevit.reparam.fastvit` makes them.

This goes further than the authors' inference form, which leaves the norms of the feed-forward networks and of
attention, the layer scales and the query scale in the graph.
"""

from __future__ import annotations

from torch import Tensor, nn

from edgevit.models.fastvit.blocks import attend

__all__ = ["FoldedAttention", "FoldedAttentionBlock", "FoldedConvFfn", "FoldedRepMixerBlock"]


class FoldedConvFfn(nn.Module):
    """7x7 depthwise convolution, 1x1, exact GELU, 1x1 with the layer scale in its weights."""

    def __init__(self, conv: nn.Conv2d, fc1: nn.Conv2d, fc2: nn.Conv2d) -> None:
        super().__init__()
        self.conv = conv
        self.fc1 = fc1
        self.act = nn.GELU()
        self.fc2 = fc2

    def forward(self, x: Tensor) -> Tensor:
        """Return the branch's output, of the shape of ``x``."""
        y: Tensor = self.fc2(self.act(self.fc1(self.conv(x))))
        return y


class FoldedAttention(nn.Module):
    """Self-attention with norm and query scale in ``qkv``, which has a bias then, and layer scale in ``proj``."""

    def __init__(self, qkv: nn.Linear, proj: nn.Linear) -> None:
        super().__init__()
        self.qkv = qkv
        self.proj = proj

    def forward(self, x: Tensor) -> Tensor:
        """Return the branch's output, of the shape of ``x``."""
        q, k, v = self.qkv(x.flatten(2).transpose(1, 2)).chunk(3, dim=-1)
        mixed: Tensor = self.proj(attend(q, k, v))
        return mixed.transpose(1, 2).reshape_as(x)


class FoldedRepMixerBlock(nn.Module):
    """One depthwise convolution, then the feed-forward network in a residual."""

    def __init__(self, token_mixer: nn.Module, convffn: FoldedConvFfn) -> None:
        super().__init__()
        self.token_mixer = token_mixer
        self.convffn = convffn

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output, of the shape of ``x``."""
        x = self.token_mixer(x)
        y: Tensor = x + self.convffn(x)
        return y


class FoldedAttentionBlock(nn.Module):
    """Attention and the feed-forward network, each in a residual."""

    def __init__(self, token_mixer: FoldedAttention, convffn: FoldedConvFfn) -> None:
        super().__init__()
        self.token_mixer = token_mixer
        self.convffn = convffn

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output, of the shape of ``x``."""
        x = x + self.token_mixer(x)
        y: Tensor = x + self.convffn(x)
        return y
