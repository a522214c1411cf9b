"""Parts of a value: slices, splits, single elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgevit.backends.tflite.builtins import Builtin
from edgevit.backends.tflite.emitter import Emitter
from edgevit.backends.tflite.layout import Value
from edgevit.backends.tflite.registry import lowers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgevit.backends.tflite.graph import Operator, Tensor

__all__ = ["part"]


def part(e: Emitter, x: Value, dim: int, start: int, length: int) -> Value:
    """Return ``length`` elements of a logical dimension; a slice of a slice is one slice of its source."""
    axis = x.axes[dim]
    if length == x.physical[axis]:
        return x
    begin = [0] * x.rank
    begin[axis] = start
    size = [length if a == axis else n for a, n in enumerate(x.physical)]
    source = e.tensor(x)
    outer = e.producer(source)
    if outer is not None and outer.kind is Builtin.SLICE:
        begin = [a + b for a, b in zip(begin, _begin(outer), strict=True)]
        source = outer.inputs[0]
    out = e.emit(Builtin.SLICE, [source, e.integers(begin), e.integers(size)], size)
    return Value(out, tuple(size), x.axes)


def _begin(operator: Operator) -> list[int]:
    data = operator.inputs[1].data
    assert data is not None  # noqa: S101 - written by this emitter as a constant
    return [int(n) for n in data]


def _strided(e: Emitter, x: Value, dim: int, start: int, stop: int, step: int) -> Value:
    axis = x.axes[dim]
    begin, end, strides = [0] * x.rank, list(x.physical), [1] * x.rank
    begin[axis], end[axis], strides[axis] = start, stop, step
    shape = list(x.physical)
    shape[axis] = len(range(start, stop, step))
    inputs = [e.tensor(x), e.integers(begin), e.integers(end), e.integers(strides)]
    return Value(e.emit(Builtin.STRIDED_SLICE, inputs, shape), tuple(shape), x.axes)


@lowers("aten.slice.Tensor")
def slice_(
    e: Emitter, x: Value, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Value:
    """``x[start:end:step]`` along a dimension, with Python's meaning of negative and large bounds."""
    dim %= x.rank
    first, last, stride = slice(start, end, step).indices(x.shape[dim])
    if stride != 1:
        return _strided(e, x, dim, first, last, stride)
    return part(e, x, dim, first, last - first)


@lowers("aten.narrow.default")
def narrow(e: Emitter, x: Value, dim: int, start: int, length: int) -> Value:
    """``length`` elements from ``start``."""
    dim %= x.rank
    return part(e, x, dim, start % x.shape[dim], length)


@lowers("aten.select.int")
def select(e: Emitter, x: Value, dim: int, index: int) -> Value:
    """One element of a dimension, which goes away."""
    dim %= x.rank
    one = part(e, x, dim, index % x.shape[dim], 1)
    return e.reshape(one, (*x.shape[:dim], *x.shape[dim + 1 :]))


@lowers("aten.split.Tensor")
def split(e: Emitter, x: Value, split_size: int, dim: int = 0) -> list[Value]:
    """Parts of one size; the last may be smaller."""
    length = x.shape[dim]
    return split_with_sizes(e, x, [min(split_size, length - i) for i in range(0, length, split_size)], dim)


@lowers("aten.chunk.default")
def chunk(e: Emitter, x: Value, chunks: int, dim: int = 0) -> list[Value]:
    """At most ``chunks`` parts, as equal as they can be."""
    return split(e, x, -(-x.shape[dim] // chunks), dim)


@lowers("aten.split_with_sizes.default", "aten.split.sizes")
def split_with_sizes(e: Emitter, x: Value, split_sizes: Sequence[int], dim: int = 0) -> list[Value]:
    """Parts of given sizes: one SPLIT where they are equal, else a SLICE each."""
    dim %= x.rank
    if len(split_sizes) == 1:
        return [x]
    if len(set(split_sizes)) == 1:
        return [Value(tensor, tensor.shape, x.axes) for tensor in _equal_parts(e, x, dim, len(split_sizes))]
    starts = [sum(split_sizes[:i]) for i in range(len(split_sizes))]
    return [part(e, x, dim, start, size) for start, size in zip(starts, split_sizes, strict=True)]


def _equal_parts(e: Emitter, x: Value, dim: int, count: int) -> list[Tensor]:
    axis = x.axes[dim]
    shape = [n // count if a == axis else n for a, n in enumerate(x.physical)]
    return e.emit_many(Builtin.SPLIT, [e.integers(axis), e.tensor(x)], [shape] * count, {"numSplits": count})


@lowers("aten.unbind.int")
def unbind(e: Emitter, x: Value, dim: int = 0) -> list[Value]:
    """Every element of a dimension, which goes away."""
    return [select(e, x, dim, i) for i in range(x.shape[dim])]
