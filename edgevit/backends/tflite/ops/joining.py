"""Values put together: concatenation, stacking, rolling, padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgevit.backends.tflite.builtins import Activation, Builtin
from edgevit.backends.tflite.emitter import Emitter, Operand, Refusal
from edgevit.backends.tflite.layout import Value
from edgevit.backends.tflite.ops.elementwise import common_order
from edgevit.backends.tflite.ops.slicing import part
from edgevit.backends.tflite.registry import lowers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgevit.backends.tflite.graph import Tensor

__all__: list[str] = []

_MAX_INPUTS = 5
"""XNNPACK takes no concatenation of more inputs (measured with LiteRT 2.3)."""


@lowers("aten.cat.default")
def cat(e: Emitter, tensors: Sequence[Operand], dim: int = 0) -> Value:
    """Values one after the other along a dimension, in rounds of at most five."""
    values = [e.lift(tensor) for tensor in tensors]
    dim %= values[0].rank
    order = common_order(values)
    values = [e.in_order(value, order) for value in values]
    return _joined(e, values, dim)


def _joined(e: Emitter, values: Sequence[Value], dim: int) -> Value:
    if len(values) == 1:
        return values[0]
    if len(values) > _MAX_INPUTS:
        size = -(-len(values) // _MAX_INPUTS)
        values = [_joined(e, values[i : i + size], dim) for i in range(0, len(values), size)]
        return _joined(e, values, dim)
    axis = values[0].axes[dim]
    tensors = [e.tensor(value) for value in values]
    shape = list(tensors[0].shape)
    shape[axis] = sum(tensor.shape[axis] for tensor in tensors)
    attributes = {"axis": axis, "fusedActivationFunction": Activation.NONE}
    out = e.emit(Builtin.CONCATENATION, tensors, shape, attributes)
    return Value(out, tuple(shape), values[0].axes)


@lowers("aten.slice_scatter.default")
def slice_scatter(
    e: Emitter, x: Value, src: Operand, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Value:
    """``x`` with ``x[start:end]`` replaced: what an assignment to a slice becomes.

    Raises:
        Refusal: A step other than 1.
    """
    if step != 1:
        raise Refusal("assignments to every n-th element are not written")
    dim %= x.rank
    first, last, _ = slice(start, end).indices(x.shape[dim])
    pieces = [e.lift(src)]
    if first > 0:
        pieces.insert(0, part(e, x, dim, 0, first))
    if last < x.shape[dim]:
        pieces.append(part(e, x, dim, last, x.shape[dim] - last))
    return cat(e, pieces, dim)


@lowers("aten.stack.default")
def stack(e: Emitter, tensors: Sequence[Operand], dim: int = 0) -> Value:
    """Values along a new dimension."""
    values = [e.lift(tensor) for tensor in tensors]
    dim %= values[0].rank + 1
    shape = values[0].shape
    return cat(e, [e.reshape(value, (*shape[:dim], 1, *shape[dim:])) for value in values], dim)


@lowers("aten.roll.default")
def roll(e: Emitter, x: Value, shifts: Sequence[int], dims: Sequence[int] = ()) -> Value:
    """Elements moved along dimensions, those that fall off put in front.

    Raises:
        Refusal: No dimensions, that is, the flattened value rolled.
    """
    if not dims:
        raise Refusal("rolling without dimensions is not written")
    for shift, dim in zip(shifts, dims, strict=True):
        length = x.shape[dim]
        moved = shift % length
        if moved:
            front = part(e, x, dim % x.rank, length - moved, moved)
            x = cat(e, [front, part(e, x, dim % x.rank, 0, length - moved)], dim)
    return x


@lowers("aten.pad.default", "aten.constant_pad_nd.default")
def pad(e: Emitter, x: Value, pad: Sequence[int], mode: str | float = "constant", value: float | None = None) -> Value:
    """A constant around the last dimensions; ``pad`` counts from the last one, before and after.

    Negative amounts cut off. ``constant_pad_nd`` has the constant where ``pad`` has the mode.

    Raises:
        Refusal: Reflection, replication or wrapping.
    """
    if isinstance(mode, str) and mode != "constant":
        raise Refusal(f"padding mode '{mode}' is not written")
    fill = float((value if isinstance(mode, str) else mode) or 0.0)
    amounts = [(0, 0)] * x.rank
    for i in range(len(pad) // 2):
        amounts[x.rank - 1 - i] = (pad[2 * i], pad[2 * i + 1])
    for dim, (before, after) in enumerate(amounts):
        if before < 0 or after < 0:
            x = part(e, x, dim, max(-before, 0), x.shape[dim] + min(before, 0) + min(after, 0))
    return _padded(e, x, [(max(before, 0), max(after, 0)) for before, after in amounts], fill)


def _padded(e: Emitter, x: Value, amounts: Sequence[tuple[int, int]], fill: float) -> Value:
    if all(amount == (0, 0) for amount in amounts):
        return x
    paddings = [amounts[d] for d in x.order]
    shape = tuple(n + before + after for n, (before, after) in zip(x.physical, paddings, strict=True))
    inputs: list[Tensor] = [e.tensor(x), e.integers(paddings)]
    if fill == 0:
        return Value(e.emit(Builtin.PAD, inputs, shape), shape, x.axes)
    inputs.append(e.lift(fill).tensor)
    return Value(e.emit(Builtin.PADV2, inputs, shape), shape, x.axes)
