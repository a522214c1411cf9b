"""The training form of a network at any size that training passes through."""

from __future__ import annotations

import dataclasses

import torch
from torch import nn

from edgevit.models.base import ImageNet
from edgevit.models.efficientvit_m.adapt import adapt_state
from edgevit.models.registry import create, resolve
from edgevit.models.sepvit.net import SepViT
from edgevit.models.sepvit.variants import LAYOUTS

__all__ = ["make_network", "resized", "set_layer_scales"]

_SEPVIT_SIDE = 224
"""Pixels. SepViT's windows of 7 and 14 tokens tile multiples of this only."""


def make_network(name: str, size: int, classes: int) -> ImageNet:
    """Return the unfused network for square input of ``size`` pixels, freshly initialised, in training mode.

    SepViT at a size below 224 gets windows that shrink with it: their number, and so each learned window token, stays.
    """
    if name.startswith("sepvit_") and size < _SEPVIT_SIDE:
        layout = LAYOUTS[name]
        first, second, third, fourth = (tuple(w * size // _SEPVIT_SIDE for w in sides) for sides in layout.windows)
        small = dataclasses.replace(layout, windows=(first, second, third, fourth))
        return SepViT(small, (size, size), classes).train()
    network = create(resolve(name, num_classes=classes, input_size=size))
    return network.train()


def resized(network: nn.Module, name: str, size: int, classes: int) -> ImageNet:
    """Return the network for another input size with the same weights (EfficientViT's bias tables resampled)."""
    state = network.state_dict()
    if name.startswith("efficientvit_"):
        spec = resolve(name, num_classes=classes, input_size=size)
        state = adapt_state({key: v for key, v in state.items() if not key.endswith("attention_bias_idxs")}, spec)
    other = make_network(name, size, classes)
    other.load_state_dict(state)
    return other


def set_layer_scales(network: nn.Module, value: float) -> None:
    """Set every layer scale to ``value``."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.rpartition(".")[2].startswith("layer_scale"):
                parameter.fill_(value)
