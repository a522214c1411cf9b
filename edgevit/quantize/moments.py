"""What the layers of a network read: the second moments of their inputs over images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgevit.errors import InputError
from edgevit.quantize.layers import Pixels, network_inputs, weighted_layers
from edgevit.threads import one_thread
from edgevit.types import AdaptedModel

__all__ = ["Moments", "input_moments"]

_POSITIONS = 256
"""Places of a map that are looked at in each image, evenly spread: neighbours say the same again."""

Moments = Mapping[str, Tensor]
"""Layer -> (groups, K, K) float64: the mean of x x^T over what it reads, K values for each element of its result."""


@torch.no_grad()
def input_moments(adapted: AdaptedModel, images: Pixels) -> Moments:
    """Return what :func:`~edgevit.quantize.compensate.compensated` needs to know of what each layer reads.

    Args:
        adapted: The source network.
        images: uint8 (N, H, W, 3), like those that the network will see.

    Raises:
        InputError: The images do not fit the network, or make it compute values that are not finite.
    """
    sums: dict[str, Tensor] = {}
    with one_thread(), ExitStack() as hooks:
        for name, layer in weighted_layers(adapted.module).items():
            hooks.callback(layer.register_forward_hook(_adder(sums, name)).remove)
        for values in network_inputs(adapted, images):
            adapted.module(values)
    broken = [name for name, total in sums.items() if not torch.isfinite(total).all()]
    if broken:
        raise InputError(
            "The network computes values that are not finite on the calibration images.",
            why=f"First at the layer '{broken[0]}'.",
            help="Check the weights, and the images.",
        )
    return {name: total / len(images) for name, total in sums.items()}


def _adder(sums: dict[str, Tensor], name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
    def add(layer: nn.Module, inputs: tuple[Tensor, ...], _: Tensor) -> None:
        columns = _columns(layer, inputs[0]).double()
        found = columns @ columns.transpose(1, 2) / columns.shape[2]
        sums[name] = found if name not in sums else sums[name] + found

    return add


def _columns(layer: nn.Module, values: Tensor) -> Tensor:
    """Return what a layer multiplies its rows with, (groups, K, positions), at evenly spread positions."""
    if not isinstance(layer, nn.Conv2d):
        columns = values.reshape(1, -1, values.shape[-1]).transpose(1, 2)
    else:
        kernel, stride, padding, dilation = (
            (int(pair[0]), int(pair[1])) for pair in (layer.kernel_size, layer.stride, _sides(layer), layer.dilation)
        )
        unfolded = F.unfold(values, kernel, dilation, padding, stride)
        columns = unfolded.reshape(len(values), layer.groups, -1, unfolded.shape[-1])
        columns = columns.permute(1, 2, 0, 3).flatten(2)
    count = columns.shape[2]
    if count <= _POSITIONS:
        return columns
    places = np.arange(_POSITIONS) * count // _POSITIONS
    return columns[:, :, torch.from_numpy(places)]


def _sides(layer: nn.Conv2d) -> tuple[int, ...]:
    if isinstance(layer.padding, str):
        raise TypeError(f"padding '{layer.padding}' instead of numbers")
    return layer.padding
