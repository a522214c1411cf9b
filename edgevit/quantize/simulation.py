"""The network as a quantized file computes it, in PyTorch: the reference that a file must equal.

Weights have their decoded values and the others half precision. Activations go through their integers and back:
those of static schemes by their calibrated ranges, those of dynamic ones by the range of each row.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Callable, Collection, Mapping

import torch
from torch import Tensor, nn

from edgevit.quantize.encoding import LinearEncoding
from edgevit.quantize.grid import ActivationGrid, activation_grid
from edgevit.quantize.model import ActivationRange, QuantizedModel
from edgevit.quantize.products import is_product
from edgevit.quantize.schemes import ActivationFormat
from edgevit.types import AdaptedModel

__all__ = ["dynamic_layers", "rounds_activations", "simulated", "with_half_weights"]

_LEAST, _MOST = -128, 127


def simulated(quantized: QuantizedModel) -> nn.Module:
    """Return a copy of the network that computes as the written file does, apart from the order of sums.

    It takes what ``quantized.model.module`` takes.
    """
    module = with_half_weights(quantized.model, quantized.encodings).module
    fmt = quantized.form.activations
    if fmt is not None:
        _hook(module, quantized.inputs, fmt, inputs=True)
        _hook(module, quantized.outputs, fmt, inputs=False)
    for name in dynamic_layers(quantized):
        layer = module.get_submodule(name)
        rows = -1 if isinstance(layer, nn.Linear) else 1
        layer.register_forward_pre_hook(_on_input(functools.partial(_by_row, dim=rows)))
    return module


def with_half_weights(model: AdaptedModel, encoded: Collection[str]) -> AdaptedModel:
    """Return a copy whose weights and tables outside of ``encoded`` are rounded to half precision, as files hold them.

    Vectors (biases, norms) and numbers beyond half precision's range stay as they are.
    """
    module = copy.deepcopy(model.module)
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        if tensor.is_floating_point() and tensor.dim() > 1 and name not in encoded:
            halves = tensor.detach().half().float()
            if torch.isfinite(halves).all():
                tensor.data = halves
    return dataclasses.replace(model, module=module)


def dynamic_layers(quantized: QuantizedModel) -> tuple[str, ...]:
    """Return the layers whose input the runtime quantizes as it goes: a dynamic scheme's matrix products with codes."""
    fmt = quantized.form.activations
    if fmt is None or not fmt.dynamic:
        return ()
    module = quantized.model.module
    layers = [name.rpartition(".")[0] for name, code in quantized.encodings.items() if isinstance(code, LinearEncoding)]
    return tuple(layer for layer in layers if is_product(module.get_submodule(layer)))


def rounds_activations(quantized: QuantizedModel) -> bool:
    """Whether a file of the model puts any activation through integers."""
    return bool(quantized.inputs or quantized.outputs or dynamic_layers(quantized))


def _hook(module: nn.Module, ranges: Mapping[str, ActivationRange], fmt: ActivationFormat, *, inputs: bool) -> None:
    for name, seen in ranges.items():
        through = functools.partial(_on_grid, grid=activation_grid(seen, fmt))
        layer = module.get_submodule(name)
        if inputs:
            layer.register_forward_pre_hook(_on_input(through))
        else:
            layer.register_forward_hook(_on_output(through))


def _on_input(through: Callable[[Tensor], Tensor]) -> Callable[[nn.Module, tuple[Tensor, ...]], tuple[Tensor, ...]]:
    return lambda _, values: (through(values[0]), *values[1:])


def _on_output(through: Callable[[Tensor], Tensor]) -> Callable[[nn.Module, object, Tensor], Tensor]:
    return lambda _, __, result: through(result)


def _on_grid(values: Tensor, grid: ActivationGrid) -> Tensor:
    codes = torch.clamp(torch.round(values / grid.scale) + grid.zero_point, grid.least, grid.most)
    return grid.scale * (codes - grid.zero_point)


def _by_row(values: Tensor, dim: int) -> Tensor:
    """Return ``values`` through 8 bits, one grid for each run along ``dim``.

    As XNNPACK does it (``xnn_f32_qd8_asymmetric_quantization_params``): the range holds zero, and the zero point is
    the one that costs less at the ends.
    """
    low, high = values.amin(dim, keepdim=True).clamp(max=0), values.amax(dim, keepdim=True).clamp(min=0)
    inverse = torch.where(low == high, torch.ones_like(low), (_MOST - _LEAST) / (high - low))
    least, most = low * inverse, high * inverse
    point = torch.where(_LEAST + least + _MOST + most > 0, _LEAST - least, _MOST - most)
    point = point.clamp(_LEAST, _MOST).round()
    codes = torch.clamp(torch.round(values * inverse) + point, _LEAST, _MOST)
    return (codes - point) / inverse
