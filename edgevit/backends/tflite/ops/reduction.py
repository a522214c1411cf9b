"""Reductions along dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from edgevit.backends.tflite.builtins import Builtin
from edgevit.backends.tflite.emitter import Emitter, Refusal
from edgevit.backends.tflite.registry import lowers

if TYPE_CHECKING:
    from edgevit.backends.tflite.layout import Value

__all__ = ["mean", "reduced"]

Dims = Sequence[int] | int | None


def reduced(e: Emitter, kind: Builtin, x: Value, dims: Dims, *, keepdim: bool) -> Value:
    """Emit a reduction of logical dimensions, all of them where ``dims`` is None or empty."""
    chosen = _chosen(dims, x.rank)
    axes = sorted(x.axes[d] for d in chosen)
    shape = tuple(1 if axis in axes else n for axis, n in enumerate(x.physical))
    out = e.emit(kind, [e.tensor(x), e.integers(axes)], shape, {"keepDims": True})
    kept = type(x)(out, shape, x.axes)
    if keepdim:
        return kept
    return e.reshape(kept, [n for d, n in enumerate(x.shape) if d not in chosen])


def _chosen(dims: Dims, rank: int) -> set[int]:
    if dims is None or (not isinstance(dims, int) and not len(dims)):
        return set(range(rank))
    return {d % rank for d in ([dims] if isinstance(dims, int) else dims)}


@lowers("aten.mean.dim", "aten.mean.default")
def mean(e: Emitter, x: Value, dim: Dims = None, keepdim: bool = False, *, dtype: torch.dtype | None = None) -> Value:
    """Arithmetic mean."""
    _check(dtype)
    return reduced(e, Builtin.MEAN, x, dim, keepdim=keepdim)


@lowers("aten.sum.dim_IntList", "aten.sum.default")
def total(e: Emitter, x: Value, dim: Dims = None, keepdim: bool = False, *, dtype: torch.dtype | None = None) -> Value:
    """Sum."""
    _check(dtype)
    return reduced(e, Builtin.SUM, x, dim, keepdim=keepdim)


@lowers("aten.amax.default")
def amax(e: Emitter, x: Value, dim: Dims = None, keepdim: bool = False) -> Value:
    """Largest element."""
    return reduced(e, Builtin.REDUCE_MAX, x, dim, keepdim=keepdim)


@lowers("aten.amin.default")
def amin(e: Emitter, x: Value, dim: Dims = None, keepdim: bool = False) -> Value:
    """Smallest element."""
    return reduced(e, Builtin.REDUCE_MIN, x, dim, keepdim=keepdim)


def _check(dtype: torch.dtype | None) -> None:
    if dtype not in (None, torch.float32):
        raise Refusal(f"values are float32 throughout, not {dtype}")
