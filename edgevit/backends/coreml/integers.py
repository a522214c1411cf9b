"""Activations in 8 bits: pairs of ``quantize`` and ``dequantize`` around layers whose ranges are known (iOS 17).

Core ML fuses ``dequantize -> layer -> quantize`` into integer arithmetic on the units that have it; elsewhere the pairs
round, and the layer computes in half precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from edgevit.backends.coreml.scope import coming_from
from edgevit.errors import ConversionError
from edgevit.quantize.grid import ActivationGrid, activation_grid
from edgevit.quantize.model import QuantizedModel

if TYPE_CHECKING:
    from coremltools.converters.mil.mil import Operation, Var

__all__ = ["write_pairs"]


def write_pairs(readers: Mapping[str, list[Operation]], quantized: QuantizedModel) -> None:
    """Put pairs before the input, and after the output, of every layer that has ranges for them.

    Args:
        readers: Layer name -> the operations that read its weight.
        quantized: The ranges.

    Raises:
        ConversionError: A layer with ranges has no operation.
    """
    fmt = quantized.form.activations
    if fmt is None or fmt.dynamic:
        return
    missing = sorted((quantized.inputs.keys() | quantized.outputs.keys()) - readers.keys())
    if missing:
        raise ConversionError(
            f"The layer '{missing[0]}' with quantized activations is not in the Core ML program.",
            help=f"Keep it in half precision with --keep {missing[0]}, and report this.",
        )
    pairs = _Pairs()
    for name, operations in readers.items():
        for op in operations:
            if name in quantized.inputs:
                pairs.before(op, activation_grid(quantized.inputs[name], fmt))
            if name in quantized.outputs:
                pairs.after(op, activation_grid(quantized.outputs[name], fmt))


class _Pairs:
    """The pairs so far; each value and each of its grids has one, whoever reads it."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, ActivationGrid], Var] = {}
        self._grids: dict[str, ActivationGrid] = {}

    def before(self, op: Operation, grid: ActivationGrid) -> None:
        """Let ``op`` read its input through a pair, unless that comes from one on the same grid."""
        source = op.inputs["x"]
        if self._grids.get(source.name) == grid:
            return
        if (source.name, grid) not in self._made:
            self._make(source, grid, origin=op, before=op)
        op.set_inputs(no_check_var_types=True, x=self._made[source.name, grid])

    def after(self, op: Operation, grid: ActivationGrid) -> None:
        """Let everything that reads what ``op`` returns, or what the only ReLU behind it does, read it through a pair.

        A ReLU before the pair is one operation with the layer in Core ML, as one after the pair is not. On a grid
        without negative values, both give the same.
        """
        readers = op.outputs[0].child_ops
        if grid.least == grid.zero_point and len(readers) == 1 and readers[0].op_type == "relu":
            op = readers[0]
        operations, result = list(op.enclosing_block.operations), op.outputs[0]
        following = operations[operations.index(op) + 1 :]
        pair = self._make(result, grid, origin=op, before=following[0] if following else None)
        op.enclosing_block.replace_uses_of_var_after_op(anchor_op=pair.op, old_var=result, new_var=pair)
        if pair.name == result.name:  # an output of the program: coremltools gave its name to the pair
            result.set_name(f"{result.name}_unrounded")
            self._grids[pair.name] = grid

    def _make(self, source: Var, grid: ActivationGrid, *, origin: Operation, before: Operation | None) -> Var:
        """Write a pair before an operation of ``origin``'s block, or at its end; the scale is in the values' type."""
        from coremltools.converters.mil.mil import Builder, types

        numbers = {"scale": types.nptype_from_builtin(source.dtype)(grid.scale)}
        if grid.zero_point:
            numbers["zero_point"] = np.int8(grid.zero_point)
        name = f"{source.name}_{len(self._grids)}"
        with origin.enclosing_block, coming_from(origin):
            codes = Builder.quantize(
                input=source, output_dtype=_dtype(grid), **numbers, before_op=before, name=f"{name}_codes"
            )
            pair = Builder.dequantize(input=codes, **numbers, before_op=before, name=f"{name}_values")
        self._made[source.name, grid] = pair
        self._grids[pair.name] = grid
        return pair


def _dtype(grid: ActivationGrid) -> str:
    return "int8" if grid.least < 0 else "uint8"
