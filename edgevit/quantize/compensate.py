"""Codes chosen so that rounding errors of one weight make up for those of another.

The nearest code is best for a weight alone, not for the sum that it is part of. Inputs of a layer are correlated, so
that later columns can take back the error of earlier ones (Frantar et al. 2022, GPTQ, arXiv:2210.17323, after Hassibi
and Stork's optimal brain surgeon). Grids and palettes stay as they are: files do not grow, and nothing but the codes
changes. The mean of the inputs counts as well, so that little is left of what bias correction would correct.
"""

from __future__ import annotations

import copy
import dataclasses

import torch
from torch import Tensor

from edgevit.quantize.encoding import Encoding
from edgevit.quantize.grids import Grid, grid_of, recoded
from edgevit.quantize.layers import weighted_layers
from edgevit.quantize.model import QuantizedModel
from edgevit.quantize.moments import Moments
from edgevit.threads import one_thread
from edgevit.types import Event, EventSink

__all__ = ["compensated", "rounded_together"]

_STAGE = "quantize"

_DAMPING = 0.01
"""Of the mean square of the inputs, as in the paper: keeps what few images say from being believed too much."""

_COLUMNS = 64
"""Columns of a weight that are rounded before those behind them hear of the errors."""


def compensated(quantized: QuantizedModel, moments: Moments, *, on_event: EventSink | None = None) -> QuantizedModel:
    """Return the network with the codes of each layer chosen for what it computes, not one by one.

    Args:
        quantized: Codes, each the nearest to its weight.
        moments: From :func:`~edgevit.quantize.moments.input_moments` of the same source.
        on_event: Receives progress, stage ``quantize``.
    """
    if not quantized.encodings:
        return quantized
    layers = {n: m for n, m in weighted_layers(quantized.source.module).items() if f"{n}.weight" in quantized.encodings}
    encodings: dict[str, Encoding] = {}
    with one_thread():
        for place, (name, layer) in enumerate(layers.items()):
            encodings[f"{name}.weight"] = rounded_together(
                quantized.encodings[f"{name}.weight"], layer.weight.detach(), moments[name]
            )
            if on_event is not None:
                on_event(Event(_STAGE, "progress", f"Rounding {name} as a whole", (place + 1) / len(layers)))
    module = copy.deepcopy(quantized.model.module)
    for name, encoding in encodings.items():
        module.get_parameter(name).data = torch.from_numpy(encoding.decode())
    model = dataclasses.replace(quantized.model, module=module)
    return dataclasses.replace(quantized, encodings=encodings, model=model)


def rounded_together(encoding: Encoding, weight: Tensor, moments: Tensor) -> Encoding:
    """Return codes on the same grid with less squared error of the layer's output.

    Args:
        encoding: The grid; its codes are not used.
        weight: (O, I, ...) float32.
        moments: (G, K, K) float64: for each group of the convolution the mean of x x^T, K = I * kernel area.
    """
    rows = weight.reshape(len(weight), -1).double()
    each = len(rows) // len(moments)
    order = moments.diagonal(dim1=1, dim2=2).argsort(dim=1, descending=True, stable=True)
    by_row = order.repeat_interleave(each, 0)
    ordered = rows.gather(1, by_row).reshape(len(moments), each, -1)
    codes = _codes(ordered, grid_of(encoding).permuted(by_row), _factors(moments, order))
    back = torch.empty_like(codes).scatter_(1, by_row, codes)
    return recoded(encoding, back.numpy().reshape(encoding.codes.shape))


def _codes(left: Tensor, grid: Grid, factors: Tensor) -> Tensor:
    """Return the codes (groups * rows, K) of weights (groups, rows, K), each column's error taken back by later ones.

    Later blocks of columns hear of a block's errors at once: a matrix product instead of many passes over the rest.
    """
    groups, rows, size = left.shape
    codes = torch.empty(groups * rows, size, dtype=torch.int64)
    for start in range(0, size, _COLUMNS):
        block = slice(start, min(start + _COLUMNS, size))
        part, factor = left[:, :, block], factors[:, block, block]
        errors = torch.empty_like(part)
        for place in range(part.shape[2]):
            column = part[:, :, place]
            codes[:, start + place], values = grid.nearest(column.flatten(), start + place)
            error = (column - values.view_as(column)) / factor[:, place, place, None]
            part[:, :, place:] -= error[:, :, None] * factor[:, place, None, place:]
            errors[:, :, place] = error
        left[:, :, block.stop :] -= errors @ factors[:, block, block.stop :]
    return codes


def _factors(moments: Tensor, order: Tensor) -> Tensor:
    """Return the upper Cholesky factor of the inverse of each group's damped moments, columns in the given order.

    With the columns in reverse, the lower factor of the moments is the inverse of what is looked for, in reverse too.
    """
    size = moments.shape[1]
    backwards = order.flip(1)
    sorted_rows = moments.gather(1, backwards[:, :, None].expand(-1, -1, size))
    ordered = sorted_rows.gather(2, backwards[:, None, :].expand(-1, size, -1))
    mean = ordered.diagonal(dim1=1, dim2=2).mean(1)
    damping = torch.where(mean > 0.0, _DAMPING * mean, torch.ones_like(mean))
    identity = torch.eye(size, dtype=ordered.dtype)
    lower = torch.linalg.cholesky(ordered + damping[:, None, None] * identity)
    factors: Tensor = torch.linalg.solve_triangular(lower, identity.expand_as(lower), upper=False)
    return factors.flip(1, 2)
