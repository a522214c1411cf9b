"""Layers in integers: what they read and return lies on grids that calibration chose, what is between is float32.

GELU, softmax, norms, sums and attention products stay in floating point: XNNPACK has no integer kernels for the first
three, and sums and products would lose a grid's step each for little time.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from edgevit.backends.tflite.builtins import Builtin
from edgevit.backends.tflite.graph import DType, Operator, Quantization, Tensor
from edgevit.backends.tflite.quantized.constants import as_bytes, fits_bytes
from edgevit.backends.tflite.quantized.sites import Site
from edgevit.quantize.grid import activation_grid

if TYPE_CHECKING:
    from edgevit.backends.tflite.graph import Graph
    from edgevit.quantize.grid import ActivationGrid
    from edgevit.quantize.model import QuantizedModel

__all__ = ["make_static", "takes_ranges"]

_IMAGE, _BIAS = 0, 2
_INT32 = np.iinfo(np.int32)
_LEAST_RATIO = 2.0**-22


def takes_ranges(site: Site, quantized: QuantizedModel) -> bool:
    """Whether a layer's operator can compute in integers: ranges are known, and codes are symmetric bytes."""
    return site.layer in quantized.inputs and site.layer in quantized.outputs and fits_bytes(site.encoding)


def make_static(graph: Graph, sites: list[Site], quantized: QuantizedModel) -> None:
    """Let the operators compute in integers, in place, each between a QUANTIZE and a DEQUANTIZE.

    Where one integer layer reads what another returned, the integers go from one grid to the other directly.
    """
    chosen = {id(site.operator): site for site in sites}
    made = _Integers(graph, quantized)
    for operator in graph.operators:
        site = chosen.get(id(operator))
        if site is None:
            made.operators.append(operator)
        else:
            made.add(site)
    graph.operators = made.operators


@dataclass
class _Integers:
    """The graph as it is rewritten.

    Attributes:
        operators: So far, in order.
        codes: Float tensor -> the integers that it was made of.
        read: Tensor and grid -> the same values as integers.
    """

    graph: Graph
    quantized: QuantizedModel
    operators: list[Operator] = field(default_factory=list)
    codes: dict[Tensor, Tensor] = field(default_factory=dict)
    read: dict[tuple[Tensor, ActivationGrid], Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._producers, self._uses = self.graph.producers(), self.graph.uses()

    def add(self, site: Site) -> None:
        """Append a layer's operator, with what brings its input to integers and its output back."""
        operator, fmt = site.operator, self.quantized.form.activations
        assert fmt is not None  # noqa: S101 - ranges come with a format
        grid = activation_grid(self.quantized.inputs[site.layer], fmt)
        returned = activation_grid(self.quantized.outputs[site.layer], fmt)
        weights = _coarse_enough(as_bytes(site), grid, returned)
        source = self._padded(operator.inputs[_IMAGE], grid)
        bias = _bias(operator.inputs[_BIAS], grid, weights)
        (result,) = operator.outputs
        codes = _integers(result, returned)
        self.operators.append(
            Operator(operator.kind, [source, weights, bias], [codes], operator.attributes, operator.scope)
        )
        self.operators.append(Operator(Builtin.DEQUANTIZE, [codes], [result]))
        self.codes[result] = codes

    def _padded(self, tensor: Tensor, grid: ActivationGrid) -> Tensor:
        """Return a tensor as integers; zeros around an image are put around its integers."""
        pad = self._producers.get(tensor)
        if pad is None or pad.kind is not Builtin.PAD or self._uses[tensor] > 1:
            return self._on_grid(tensor, grid)
        self.operators.remove(pad)
        source = self._on_grid(pad.inputs[0], grid)
        result = _integers(tensor, grid)
        self.operators.append(Operator(Builtin.PAD, [source, pad.inputs[1]], [result], pad.attributes, pad.scope))
        return result

    def _on_grid(self, tensor: Tensor, grid: ActivationGrid) -> Tensor:
        if (tensor, grid) not in self.read:
            result = _integers(tensor, grid)
            self.operators.append(Operator(Builtin.QUANTIZE, [self.codes.get(tensor, tensor)], [result]))
            self.read[tensor, grid] = result
        return self.read[tensor, grid]


def _integers(tensor: Tensor, grid: ActivationGrid) -> Tensor:
    scale, point = np.array([grid.scale], np.float32), np.array([grid.zero_point], np.int32)
    return Tensor(f"{tensor.name}/int8", tensor.shape, DType.INT8, quantization=Quantization(scale, point))


def _coarse_enough(weights: Tensor, read: ActivationGrid, returned: ActivationGrid) -> Tensor:
    """Return weights whose products are no less than 2^-22 of a step of the result.

    A bias in smaller units would leave 32 bits. Training may leave channels with next to no weight, which have such
    scales; on a coarser one they lose less than a fiftieth of a step.
    """
    assert weights.data is not None  # noqa: S101 - codes are constants
    assert weights.quantization is not None  # noqa: S101 - codes have a scale
    scale, axis = weights.quantization.scale, weights.quantization.axis
    least = np.float32(_LEAST_RATIO * returned.scale / read.scale)
    if scale.min() >= least:
        return weights
    coarse = np.maximum(scale, least)
    shape = [-1 if d == axis else 1 for d in range(weights.data.ndim)]
    codes = np.rint(weights.data * (scale / coarse).reshape(shape)).astype(np.int8)
    return dataclasses.replace(
        weights, data=codes, quantization=dataclasses.replace(weights.quantization, scale=coarse)
    )


def _bias(bias: Tensor, grid: ActivationGrid, weights: Tensor) -> Tensor:
    """Return a bias in steps of the sums: those of the input times those of each channel's weights."""
    assert bias.data is not None  # noqa: S101 - the emitter writes every bias as a constant
    assert weights.quantization is not None  # noqa: S101 - codes have one
    scale = (np.float64(grid.scale) * weights.quantization.scale.astype(np.float64)).astype(np.float32)
    codes = np.clip(np.rint(bias.data / scale.astype(np.float64)), _INT32.min, _INT32.max).astype(np.int32)
    zeros = np.zeros(scale.size, np.int32)
    return Tensor(f"{bias.name}/int32", bias.shape, DType.INT32, codes, Quantization(scale, zeros))
