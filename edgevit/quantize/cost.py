"""What a layer costs to store and to run, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

import torch
from torch import Tensor, nn

from edgevit.quantize.layers import Pixels, network_inputs, weighted_layers
from edgevit.quantize.model import QuantizedModel
from edgevit.quantize.sensitivity import SensitivityRow
from edgevit.types import AdaptedModel

__all__ = ["Costs", "costs", "weight_bytes"]

Costs = Mapping[tuple[str, str], tuple[float, float]]
"""(layer, scheme) -> cost in half precision, cost under the scheme."""

_FLOAT_BITS = 16


def weight_bytes(model: QuantizedModel) -> int:
    """Return the bytes of all layers' weights: codes with their scales and tables, the others in half precision."""
    half = sum(
        2 * layer.weight.numel()
        for name, layer in weighted_layers(model.source.module).items()
        if f"{name}.weight" not in model.encodings
    )
    return half + sum(encoding.size_bits for encoding in model.encodings.values()) // 8


def costs(
    adapted: AdaptedModel, options: Mapping[str, QuantizedModel], rows: Sequence[SensitivityRow], images: Pixels
) -> Costs:
    """Return the cost of each row: bytes, or bit operations where some option computes in integers.

    Bit operations are multiply-accumulates times the bits of both operands, the usual measure for mixed precision
    (for example Yao et al. 2021, HAWQ-V3, arXiv:2011.10680).
    """
    if not any(option.inputs for option in options.values()):
        return {(row.layer, row.scheme): (float(row.bytes_half), float(row.bytes)) for row in rows}
    work = _multiply_accumulates(adapted, images)
    found = {}
    for row in rows:
        option = options[row.scheme]
        integer = option.form.activations if row.layer in option.inputs else None
        activations = _FLOAT_BITS if integer is None else integer.bits
        bits = option.encodings[f"{row.layer}.weight"].bits * activations
        found[row.layer, row.scheme] = (work[row.layer] * _FLOAT_BITS**2, work[row.layer] * bits)
    return found


@torch.no_grad()
def _multiply_accumulates(adapted: AdaptedModel, images: Pixels) -> dict[str, float]:
    """Return how many each layer does for one image."""
    layers = weighted_layers(adapted.module)
    work = dict.fromkeys(layers, 0.0)
    with ExitStack() as hooks:
        for name, layer in layers.items():
            hooks.callback(layer.register_forward_hook(_counter(work, name)).remove)
        adapted.module(next(network_inputs(adapted, images)))
    return work


def _counter(work: dict[str, float], name: str) -> Callable[[nn.Module, object, Tensor], None]:
    def count(layer: nn.Module, _: object, output: Tensor) -> None:
        weight = layer.get_parameter("weight")
        work[name] += output.numel() * weight.numel() / weight.shape[0]

    return count
