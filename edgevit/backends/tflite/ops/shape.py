"""Operators that only look at a value in another way: free, but for what :meth:`Emitter.reshape` must move."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from edgevit.backends.tflite.builtins import Builtin
from edgevit.backends.tflite.emitter import Emitter, Operand, Refusal
from edgevit.backends.tflite.layout import Value
from edgevit.backends.tflite.registry import lowers

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__: list[str] = []


@lowers("aten.view.default", "aten.reshape.default", "aten._unsafe_view.default")
def reshape(e: Emitter, x: Value, shape: Sequence[int]) -> Value:
    """Another shape, elements in row-major order."""
    return e.reshape(x, shape)


@lowers("aten.reshape_as.default", "aten.view_as.default")
def reshape_as(e: Emitter, x: Value | torch.Tensor, other: Value | torch.Tensor) -> Value | torch.Tensor:
    """The shape of another tensor, elements in row-major order; a constant stays one."""
    shape = tuple(other.shape)
    return x.reshape(shape) if isinstance(x, torch.Tensor) else e.reshape(x, shape)


@lowers("aten.flatten.using_ints")
def flatten(e: Emitter, x: Value, start_dim: int = 0, end_dim: int = -1) -> Value:
    """Neighbouring dimensions merged."""
    shape, first, last = x.shape, start_dim % x.rank, end_dim % x.rank
    return e.reshape(x, (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))


@lowers("aten.unflatten.int")
def unflatten(e: Emitter, x: Value, dim: int, sizes: Sequence[int]) -> Value:
    """A dimension split in several."""
    dim %= x.rank
    return e.reshape(x, (*x.shape[:dim], *sizes, *x.shape[dim + 1 :]))


@lowers("aten.unsqueeze.default")
def unsqueeze(e: Emitter, x: Value, dim: int) -> Value:
    """A new dimension of size 1."""
    dim %= x.rank + 1
    return e.reshape(x, (*x.shape[:dim], 1, *x.shape[dim:]))


@lowers("aten.squeeze.dim", "aten.squeeze.dims", "aten.squeeze.default")
def squeeze(e: Emitter, x: Value, dim: Sequence[int] | int | None = None) -> Value:
    """The given dimensions dropped where their size is 1."""
    dims = range(x.rank) if dim is None else [dim] if isinstance(dim, int) else dim
    dropped = {d % x.rank for d in dims if x.shape[d] == 1}
    return e.reshape(x, [n for d, n in enumerate(x.shape) if d not in dropped])


@lowers("aten.permute.default")
def permute(e: Emitter, x: Value, dims: Sequence[int]) -> Value:
    """Dimensions in another order."""
    del e
    return x.permute([d % x.rank for d in dims])


@lowers("aten.transpose.int")
def transpose(e: Emitter, x: Value, dim0: int, dim1: int) -> Value:
    """Two dimensions swapped."""
    del e
    return x.transpose(dim0, dim1)


@lowers("aten.t.default", "aten.numpy_T.default", "aten.mT.default")
def matrix_transpose(e: Emitter, x: Value) -> Value:
    """The last two dimensions swapped; a vector stays as it is."""
    del e
    return x.transpose(-1, -2) if x.rank > 1 else x


@lowers("aten.expand.default")
def expand(e: Emitter, x: Value, size: Sequence[int], *, implicit: bool = False) -> Value:
    """Dimensions of size 1 repeated.

    Raises:
        Refusal: More than the eight dimensions that the builtin has.
    """
    del implicit
    x = e.reshape(x, (1,) * (len(size) - x.rank) + x.shape)
    target = tuple(old if new == -1 else int(new) for old, new in zip(x.shape, size, strict=True))
    if target == x.shape:
        return x
    if len(target) > 8:
        raise Refusal("BROADCAST_TO has at most 8 dimensions")
    physical = tuple(target[d] for d in x.order)
    out = e.emit(Builtin.BROADCAST_TO, [e.tensor(x), e.integers(physical)], physical)
    return Value(out, physical, x.axes)


@lowers("aten.copy.default", "aten.copy_.default")
def copy(e: Emitter, x: Operand, src: Value | torch.Tensor, non_blocking: bool = False) -> Value | torch.Tensor:
    """The second operand in the shape of the first: what an assignment becomes."""
    del non_blocking
    return expand_as(e, src, e.lift(x))


@lowers("aten.expand_as.default")
def expand_as(e: Emitter, x: Value | torch.Tensor, other: Value | torch.Tensor) -> Value | torch.Tensor:
    """Dimensions of size 1 repeated to the shape of another tensor; a constant stays one."""
    shape = tuple(other.shape)
    return x.expand(shape) if isinstance(x, torch.Tensor) else expand(e, x, shape)
