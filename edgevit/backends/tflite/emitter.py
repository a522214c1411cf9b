"""The emitter: operators of the TFLite graph as they are made, and values brought to the layout an operator needs."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import numpy as np
import torch

from edgevit.backends.tflite.builtins import Builtin
from edgevit.backends.tflite.graph import DType, Operator, Tensor
from edgevit.backends.tflite.layout import (
    Value,
    identity,
    merged_permutation,
    order_for_reshape,
    permutation,
    reshaped,
)
from edgevit.types import Runtime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgevit.backends.tflite.graph import Array, Attributes, Shape

__all__ = ["Emitter", "Operand", "Refusal", "Runtime", "as_array"]

Operand = Value | torch.Tensor | float | int
"""What an operator of the network reads: a computed value, a constant tensor or a number."""

_MAX_RANK = 4
"""Mobile GPU delegates refuse tensors of more dimensions."""


class Refusal(Exception):  # noqa: N818 - it never leaves the room: the walk turns it into an UnsupportedOpError
    """A lowering's reason why it cannot express a call."""


class Emitter:
    """Collects the operators of one graph.

    Attributes:
        operators: Emitted so far, in order of execution.
        runtime: The oldest runtime that the file is meant for.
        scope: Prefix of the names of new tensors: the module that is being lowered.
    """

    def __init__(self, runtime: Runtime = Runtime.LITERT) -> None:
        self.operators: list[Operator] = []
        self.runtime = runtime
        self.scope = ""
        self._producers: dict[Tensor, Operator] = {}
        self._constants: dict[tuple[DType, Shape, bytes], Tensor] = {}
        self._moved: dict[tuple[Tensor, Shape, tuple[int, ...]], Value] = {}
        self._viewed: dict[tuple[Tensor, Shape], Tensor] = {}

    def emit(
        self,
        kind: Builtin,
        inputs: Sequence[Tensor],
        shape: Sequence[int],
        attributes: Attributes | None = None,
        *,
        dtype: DType = DType.FLOAT32,
    ) -> Tensor:
        """Append an operator with one output of the given shape, and return that output."""
        (output,) = self.emit_many(kind, inputs, [shape], attributes, dtype=dtype)
        return output

    def emit_many(
        self,
        kind: Builtin,
        inputs: Sequence[Tensor],
        shapes: Sequence[Sequence[int]],
        attributes: Attributes | None = None,
        *,
        dtype: DType = DType.FLOAT32,
    ) -> list[Tensor]:
        """Append an operator with one output a shape, and return the outputs."""
        name = f"{self.scope}/{kind.value.lower()}".removeprefix("/")
        outputs = [Tensor(name, tuple(int(n) for n in shape), dtype) for shape in shapes]
        operator = Operator(kind, list(inputs), outputs, dict(attributes or {}), self.scope)
        self.operators.append(operator)
        self._producers.update(dict.fromkeys(outputs, operator))
        return outputs

    def producer(self, tensor: Tensor) -> Operator | None:
        """Return the operator that writes a tensor, or None for an input or a constant."""
        return self._producers.get(tensor)

    def constant(self, array: Array) -> Tensor:
        """Return a constant tensor: float32 for floating-point values, int32 for integers; equal ones are shared."""
        dtype = DType.FLOAT32 if array.dtype.kind == "f" else DType.INT32
        data: Array = np.ascontiguousarray(array, dtype.numpy).reshape(array.shape)
        key = (dtype, data.shape, hashlib.blake2b(data.data, digest_size=16).digest())
        if key not in self._constants:
            self._constants[key] = Tensor(f"{self.scope}/constant".removeprefix("/"), data.shape, dtype, data)
        return self._constants[key]

    def integers(self, numbers: Sequence[int] | Sequence[Sequence[int]] | int) -> Tensor:
        """Return an int32 constant: shapes, axes, paddings."""
        return self.constant(np.array(numbers, np.int32))

    def lift(self, operand: Operand) -> Value:
        """Return a constant operand as a value; values are returned as they are."""
        if isinstance(operand, Value):
            return operand
        return identity(self.constant(as_array(operand)))

    def tensor(self, value: Value) -> Tensor:
        """Return a tensor whose shape is the value's physical shape; a RESHAPE where it is not yet."""
        return self.view(value.tensor, value.physical)

    def view(self, tensor: Tensor, shape: Sequence[int]) -> Tensor:
        """Return the tensor's bytes in another shape."""
        target = tuple(int(n) for n in shape)
        if tensor.shape == target:
            return tensor
        key = (tensor, target)
        if key not in self._viewed:
            if tensor.data is not None:
                self._viewed[key] = self.constant(tensor.data.reshape(target))
            else:
                inputs = [tensor, self.integers(target)]
                self._viewed[key] = self.emit(Builtin.RESHAPE, inputs, target, {"newShape": target}, dtype=tensor.dtype)
        return self._viewed[key]

    def in_order(self, value: Value, order: Sequence[int]) -> Value:
        """Return the value held with its logical dimensions in the given physical order."""
        free = value.relabel(order)
        if free is not None:
            return free
        perm = tuple(value.axes[d] for d in order)
        key = (value.tensor, value.physical, perm)
        if key not in self._moved:
            self._moved[key] = self._transposed(value, perm)
        return Value(self._moved[key].tensor, tuple(value.shape[d] for d in order), permutation(order))

    def _transposed(self, value: Value, perm: tuple[int, ...]) -> Value:
        if value.tensor.data is not None:
            moved = value.tensor.data.reshape(value.physical).transpose(perm)
            return identity(self.constant(moved))
        if value.tensor.shape == value.physical and len(perm) <= _MAX_RANK:
            source = value.tensor
        else:
            shape, perm = merged_permutation(value.physical, perm)
            source = self.view(value.tensor, shape)
        target = tuple(source.shape[axis] for axis in perm)
        inputs = [source, self.integers(perm)]
        return identity(self.emit(Builtin.TRANSPOSE, inputs, target, dtype=source.dtype))

    def reshape(self, value: Value, shape: Sequence[int]) -> Value:
        """Return the value in another logical shape, as ``torch.reshape`` does; one dimension may be -1."""
        target = _complete(shape, math.prod(value.physical))
        if target == value.shape:
            return value
        seen = reshaped(value, target)
        if seen is None:
            seen = reshaped(self.in_order(value, order_for_reshape(value, target)), target)
        if seen is None:
            raise AssertionError(f"{value.shape} cannot be seen as {target}")
        return seen

    def with_last(self, value: Value, dim: int) -> tuple[Value, Tensor]:
        """Return the value with logical dimension ``dim`` innermost, and a tensor whose last axis is that dimension.

        The tensor's other axes are however they lie: operators that work along the last axis need no RESHAPE.
        """
        dim %= value.rank
        if value.axes[dim] != value.rank - 1:
            value = self.in_order(value, [*(d for d in value.order if d != dim), dim])
        tensor = value.tensor
        if not tensor.shape or tensor.shape[-1] != value.shape[dim] or len(tensor.shape) > _MAX_RANK:
            tensor = self.tensor(value)
        if len(tensor.shape) > _MAX_RANK:
            tensor = self.view(tensor, (math.prod(tensor.shape[:-1]), tensor.shape[-1]))
        return value, tensor


def as_array(operand: torch.Tensor | float | int) -> Array:
    """Return a constant operand as a NumPy array: float32 for floating-point values, int32 for integers.

    Raises:
        Refusal: An element type that edgevit's graphs do not hold.
    """
    if not isinstance(operand, torch.Tensor):
        return np.array(operand, np.float32)
    array = operand.detach().cpu()
    if array.is_floating_point():
        return array.float().numpy()
    if array.dtype in (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8):
        return array.to(torch.int32).numpy()
    raise Refusal(f"a constant of type {array.dtype} is not written")


def _complete(shape: Sequence[int], elements: int) -> tuple[int, ...]:
    """Replace -1 by what is left."""
    known = math.prod(n for n in shape if n != -1)
    return tuple(elements // known if n == -1 else int(n) for n in shape)
