"""Which layers are matrix products."""

from __future__ import annotations

from torch import nn

__all__ = ["is_product"]

_POINT, _NOTHING = (1, 1), (0, 0)


def is_product(layer: nn.Module) -> bool:
    """Whether a layer is a matrix product: a linear layer, or a 1x1 convolution that reads every pixel once."""
    if not isinstance(layer, nn.Conv2d):
        return isinstance(layer, nn.Linear)
    return layer.kernel_size == layer.stride == _POINT and layer.padding == _NOTHING and layer.groups == 1
