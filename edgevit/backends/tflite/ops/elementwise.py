"""Element-wise operators with one or two operands, and the broadcasting between layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from edgevit.backends.tflite.builtins import Builtin
from edgevit.backends.tflite.emitter import Emitter, Operand, as_array
from edgevit.backends.tflite.layout import NHWC, Value
from edgevit.backends.tflite.registry import lowers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgevit.backends.tflite.graph import Array, Attributes, Shape, Tensor

__all__ = ["binary", "common_order", "unary"]


def unary(e: Emitter, kind: Builtin, x: Value, attributes: Attributes | None = None) -> Value:
    """Emit a builtin that maps every element, whatever the layout."""
    return x.with_tensor(e.emit(kind, [x.tensor], x.tensor.shape, attributes))


def binary(e: Emitter, kind: Builtin, a: Operand, b: Operand) -> Value:
    """Emit a builtin of two operands with broadcasting, in the layout that moves the fewest bytes."""
    if isinstance(a, Value) and isinstance(b, Value):
        return _of_values(e, kind, a, b)
    if isinstance(a, Value) and not isinstance(b, Value):
        return _with_constant(e, kind, a, b, constant_first=False)
    if isinstance(b, Value) and not isinstance(a, Value):
        return _with_constant(e, kind, b, a, constant_first=True)
    raise AssertionError("operators on constants are folded before lowering")


def _with_constant(
    e: Emitter, kind: Builtin, x: Value, constant: torch.Tensor | float | int, *, constant_first: bool
) -> Value:
    array: Array = as_array(constant).astype(np.float32)
    if array.ndim > x.rank:
        x = e.reshape(x, (1,) * (array.ndim - x.rank) + x.shape)
    if array.size == 1:
        array = array.reshape(())
    elif array.ndim:
        array = array.reshape((1,) * (x.rank - array.ndim) + array.shape).transpose(x.order)
    shape = np.broadcast_shapes(x.physical, array.shape)
    tensor = x.tensor if _fits_any_view(x, array.shape) else e.tensor(x)
    operands = [tensor, e.constant(_without_leading_ones(array))]
    out = e.emit(kind, operands[::-1] if constant_first else operands, _broadcast(operands))
    return Value(out, shape, x.axes)


def _fits_any_view(x: Value, shape: Shape) -> bool:
    """Whether a constant of this physical shape broadcasts the same over the bytes in the tensor's own shape."""
    wide = [n for n in shape if n != 1]
    if not wide:
        return True
    return len(wide) == 1 and shape[-1] == wide[0] == x.physical[-1] and x.tensor.shape[-1:] == shape[-1:]


def _without_leading_ones(array: Array) -> Array:
    leading = next((i for i, n in enumerate(array.shape) if n != 1), array.ndim)
    return array.reshape(array.shape[leading:])


def _broadcast(operands: Sequence[Tensor]) -> Shape:
    return np.broadcast_shapes(*(tensor.shape for tensor in operands))


def _of_values(e: Emitter, kind: Builtin, a: Value, b: Value) -> Value:
    rank = max(a.rank, b.rank)
    a = e.reshape(a, (1,) * (rank - a.rank) + a.shape)
    b = e.reshape(b, (1,) * (rank - b.rank) + b.shape)
    order = common_order([a, b])
    a, b = e.in_order(a, order), e.in_order(b, order)
    if a.shape == b.shape:
        left = a.tensor
        right = e.view(b.tensor, left.shape)
    else:
        left, right = e.tensor(a), e.tensor(b)
    out = e.emit(kind, [left, right], _broadcast([left, right]))
    return Value(out, np.broadcast_shapes(a.physical, b.physical), a.axes)


def common_order(values: Sequence[Value]) -> tuple[int, ...]:
    """Return the physical order for values of one rank that moves the fewest elements; NHWC where it is even."""
    candidates = [value.order for value in values]
    if values[0].rank == len(NHWC):
        candidates.insert(0, NHWC)
    return min(candidates, key=lambda order: sum(_moved(value, order) for value in values))


def _moved(value: Value, order: Sequence[int]) -> int:
    if value.tensor.data is not None or value.relabel(order) is not None:
        return 0
    return int(np.prod(value.physical))


@lowers("aten.add.Tensor", "aten.add_.Tensor", "aten.add.Scalar", "aten.add_.Scalar")
def add(e: Emitter, a: Operand, b: Operand, alpha: float = 1) -> Value:
    """``a + alpha * b``."""
    return binary(e, Builtin.ADD, a, _times(e, b, alpha))


@lowers("aten.sub.Tensor", "aten.sub_.Tensor", "aten.sub.Scalar", "aten.sub_.Scalar")
def sub(e: Emitter, a: Operand, b: Operand, alpha: float = 1) -> Value:
    """``a - alpha * b``."""
    return binary(e, Builtin.SUB, a, _times(e, b, alpha))


@lowers("aten.rsub.Scalar", "aten.rsub.Tensor")
def rsub(e: Emitter, a: Operand, b: Operand, alpha: float = 1) -> Value:
    """``b - alpha * a``."""
    return binary(e, Builtin.SUB, b, _times(e, a, alpha))


def _times(e: Emitter, operand: Operand, factor: float) -> Operand:
    if factor == 1:
        return operand
    return binary(e, Builtin.MUL, operand, factor) if isinstance(operand, Value) else operand * factor


@lowers("aten.mul.Tensor", "aten.mul_.Tensor", "aten.mul.Scalar", "aten.mul_.Scalar")
def mul(e: Emitter, a: Operand, b: Operand) -> Value:
    """``a * b``."""
    return binary(e, Builtin.MUL, a, b)


@lowers("aten.div.Tensor", "aten.div_.Tensor", "aten.div.Scalar", "aten.div_.Scalar")
def div(e: Emitter, a: Operand, b: Operand) -> Value:
    """``a / b``; a division by a number is a multiplication where the reciprocal is exact."""
    if isinstance(b, (int, float)) and np.frexp(float(b))[0] in (0.5, -0.5):
        return binary(e, Builtin.MUL, a, 1.0 / b)
    return binary(e, Builtin.DIV, a, b)


@lowers("aten.maximum.default")
def maximum(e: Emitter, a: Operand, b: Operand) -> Value:
    """Element-wise maximum."""
    return binary(e, Builtin.MAXIMUM, a, b)


@lowers("aten.minimum.default")
def minimum(e: Emitter, a: Operand, b: Operand) -> Value:
    """Element-wise minimum."""
    return binary(e, Builtin.MINIMUM, a, b)


@lowers("aten.pow.Tensor_Scalar")
def power(e: Emitter, x: Value, exponent: float) -> Value:
    """``x ** exponent`` for a number, as the cheapest builtin that says it."""
    if exponent == 2:
        return binary(e, Builtin.MUL, x, x)
    roots = {0.5: Builtin.SQRT, -0.5: Builtin.RSQRT}
    return unary(e, roots[exponent], x) if exponent in roots else binary(e, Builtin.POW, x, exponent)


@lowers("aten.reciprocal.default")
def reciprocal(e: Emitter, x: Value) -> Value:
    """``1 / x``."""
    return binary(e, Builtin.DIV, 1.0, x)


@lowers("aten.square.default")
def square(e: Emitter, x: Value) -> Value:
    """``x * x``."""
    return binary(e, Builtin.MUL, x, x)


_UNARY = {
    "abs": Builtin.ABS,
    "exp": Builtin.EXP,
    "log": Builtin.LOG,
    "neg": Builtin.NEG,
    "rsqrt": Builtin.RSQRT,
    "sigmoid": Builtin.LOGISTIC,
    "sqrt": Builtin.SQRT,
    "tanh": Builtin.TANH,
}


def _register_unary(name: str, kind: Builtin) -> None:
    @lowers(f"aten.{name}.default", f"aten.{name}_.default")
    def lowering(e: Emitter, x: Value) -> Value:
        return unary(e, kind, x)


for _name, _kind in _UNARY.items():
    _register_unary(_name, _kind)
