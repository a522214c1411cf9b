"""Layer normalization over the channels of channel-first maps, in the one form that Core ML keeps as one operator."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["ChannelLayerNorm"]

_SMALLEST_NORMAL_HALF = 2.0**-14


class ChannelLayerNorm(nn.Module):
    """Layer norm over axis 1 of a map (B, C, H, W).

    coremltools 9.0 fuses ``((x - mean) * rsqrt(variance + eps) + shift) * weight`` over axis 1 into one ``layer_norm``
    and multiplies ``shift * weight`` back to the bias; with the affine in PyTorch's order it would leave a second
    operator behind. ``shift`` is computed from weight and bias on the way, so that these two are what gets rounded.

    Attributes:
        weight: (C,), or None without an affine.
        bias: (C,), or None without an affine.
        eps: Added to the variance.
    """

    weight: nn.Parameter | None
    bias: nn.Parameter | None

    def __init__(self, norm: nn.LayerNorm) -> None:
        """Take over the affine and epsilon of a layer norm over one axis."""
        super().__init__()
        self.eps = norm.eps
        affine = norm.elementwise_affine
        self.weight = nn.Parameter(norm.weight.detach().clone()) if affine else None
        self.bias = nn.Parameter(norm.bias.detach().clone()) if affine else None
        # A channel that the norm mutes cannot be divided by its weight; PyTorch's order costs two operators more.
        self._divides = affine and bool((norm.weight.abs() >= _SMALLEST_NORMAL_HALF).all())

    def forward(self, x: Tensor) -> Tensor:
        """Return a map of the shape of ``x``."""
        centred = x - x.mean(1, keepdim=True)
        normalized = centred * torch.rsqrt((centred * centred).mean(1, keepdim=True) + self.eps)
        if self.weight is None or self.bias is None:
            return normalized
        if self._divides:
            shift = self.bias / self.weight
            return (normalized + shift.reshape(-1, 1, 1)) * self.weight.reshape(-1, 1, 1)
        return normalized * self.weight.reshape(-1, 1, 1) + self.bias.reshape(-1, 1, 1)
