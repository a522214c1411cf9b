"""FastViT's rewrites for phones. Its convolutions are as phones like them; its attention is not."""

from __future__ import annotations

from torch import Tensor, nn

from edgevit.mobile.rewrite import rewrites
from edgevit.models.fastvit.blocks import HEAD_DIM
from edgevit.models.fastvit.folded import FoldedAttention
from edgevit.reparam.algebra import pointwise
from edgevit.reparam.layers import convolution, kernel_of

__all__ = ["ChannelFirstAttention"]


class ChannelFirstAttention(nn.Module):
    """Self-attention on a map (B, C, H, W): 1x1 convolutions and matrix products of rank 4, nothing transposed.

    Heads are slices of the channels, and tokens stay on the last axis: with q, k and v of shape (B, heads, d, N), the
    scores are ``q^T k`` and the output is ``v scores^T``, whose transposes are flags of the matrix products.

    Args:
        qkv: 1x1 convolution C -> 3C.
        proj: 1x1 convolution C -> C.
        height: Of the map.
        width: Of the map.
    """

    def __init__(self, qkv: nn.Conv2d, proj: nn.Conv2d, height: int, width: int) -> None:
        super().__init__()
        self.qkv = qkv
        self.proj = proj
        heads = proj.in_channels // HEAD_DIM
        self.heads = heads
        self.split_shape = (-1, 3 * heads, HEAD_DIM, height * width)
        self.map_shape = (-1, proj.in_channels, height, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return the attended map (B, C, H, W)."""
        q, k, v = self.qkv(x).reshape(self.split_shape).split(self.heads, dim=1)
        weights = (q.transpose(-2, -1) @ k).softmax(dim=-1)
        mixed = (v @ weights.transpose(-2, -1)).reshape(self.map_shape)
        y: Tensor = self.proj(mixed)
        return y


@rewrites(
    FoldedAttention,
    name="attention-channel-first",
    reason="neural engines keep maps channel-first: linear layers over tokens cost transposes and rank-5 reshapes, "
    "1x1 convolutions cost none (Apple, Deploying Transformers on the Apple Neural Engine)",
)
def _channel_first(attention: FoldedAttention, shape: tuple[int, ...]) -> nn.Module:
    qkv, proj = (convolution(pointwise(kernel_of(layer))) for layer in (attention.qkv, attention.proj))
    return ChannelFirstAttention(qkv, proj, *shape[2:])
