"""Matrix products: FULLY_CONNECTED with constant weights, BATCH_MATMUL between computed values.

XNNPACK takes BATCH_MATMUL from three dimensions on and only with the second operand transposed, and FULLY_CONNECTED
only with constant weights. A product is therefore written with whichever of ``A B`` and ``(B' A')'`` needs no
transposition of its operands as they lie.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from edgevit.backends.tflite.builtins import Activation, Builtin
from edgevit.backends.tflite.emitter import Emitter, Operand, Refusal, as_array
from edgevit.backends.tflite.layout import Value
from edgevit.backends.tflite.ops.activation import softmax
from edgevit.backends.tflite.ops.elementwise import binary
from edgevit.backends.tflite.registry import lowers

__all__: list[str] = []

_MATRIX = 2
_MIN_RANK, _MAX_RANK = 3, 4


@lowers("aten.linear.default")
def linear(e: Emitter, x: Value, weight: Operand, bias: torch.Tensor | None = None) -> Value:
    """``x @ weight.T + bias`` along the last dimension."""
    if isinstance(weight, torch.Tensor):
        return _fully_connected(e, x, weight, bias)
    out = matmul(e, x, e.lift(weight).transpose(-1, -2))
    return out if bias is None else binary(e, Builtin.ADD, out, bias)


def _fully_connected(e: Emitter, x: Value, weight: torch.Tensor, bias: torch.Tensor | None) -> Value:
    """``x @ weight.T + bias`` with a constant (O, I); the bias is always written, as that is the older version."""
    x, tensor = e.with_last(x, -1)
    features = int(weight.shape[0])
    offsets = np.zeros(features, np.float32) if bias is None else as_array(bias)
    out = e.emit(
        Builtin.FULLY_CONNECTED,
        [tensor, e.constant(as_array(weight)), e.constant(offsets)],
        (*tensor.shape[:-1], features),
        {"keepNumDims": len(tensor.shape) != _MATRIX, "fusedActivationFunction": Activation.NONE},
    )
    return Value(out, (*x.physical[:-1], features), x.axes)


@lowers("aten.matmul.default", "aten.mm.default", "aten.bmm.default")
def matmul(e: Emitter, a: Operand, b: Operand) -> Value:
    """``a @ b``, with PyTorch's broadcasting of leading dimensions.

    Raises:
        Refusal: A vector as operand.
    """
    if isinstance(a, (int, float)) or isinstance(b, (int, float)):
        raise Refusal("a number is no matrix")
    if min(_rank(a), _rank(b)) < _MATRIX:
        raise Refusal("products with vectors are not written")
    if isinstance(b, torch.Tensor) and b.dim() == _MATRIX and isinstance(a, Value):
        return _fully_connected(e, a, b.t(), None)
    if isinstance(a, torch.Tensor) and a.dim() == _MATRIX and isinstance(b, Value):
        return _fully_connected(e, b.transpose(-1, -2), a, None).transpose(-1, -2)
    return _product(e, e.lift(a), e.lift(b))


def _rank(operand: Value | torch.Tensor) -> int:
    return operand.rank if isinstance(operand, Value) else operand.dim()


def _product(e: Emitter, a: Value, b: Value) -> Value:
    """Bring both operands to the same rank of three or four, multiply, and undo it."""
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    shape = (*batch, a.shape[-2], b.shape[-1])
    rank = max(a.rank, b.rank, _MIN_RANK)
    a, b = (e.reshape(v, (1,) * (rank - v.rank) + v.shape) for v in (a, b))
    if rank > _MAX_RANK:
        if a.shape[:-2] != b.shape[:-2]:
            raise Refusal(f"a product of {rank} dimensions with broadcast ones is not written")
        a, b = (e.reshape(v, (math.prod(v.shape[:-2]), *v.shape[-2:])) for v in (a, b))
    return e.reshape(_batch_matmul(e, a, b), shape)


def _batch_matmul(e: Emitter, a: Value, b: Value) -> Value:
    rows_a, rows_b = _held(a, transposed=False), _held(b, transposed=False)
    columns_a, columns_b = _held(a, transposed=True), _held(b, transposed=True)
    if rows_a and rows_b:
        return _emit_product(e, rows_a, rows_b, transpose_second=False)
    if rows_a and columns_b:
        return _emit_product(e, rows_a, columns_b, transpose_second=True)
    if columns_a and columns_b:
        swapped = (columns_b.transpose(-1, -2), columns_a.transpose(-1, -2))
        return _emit_product(e, *swapped, transpose_second=False).transpose(-1, -2)
    return _after_moving(e, a, b, (rows_a, rows_b), columns_b)


def _after_moving(
    e: Emitter, a: Value, b: Value, rows: tuple[Value | None, Value | None], columns_b: Value | None
) -> Value:
    """At least one operand lies across: move those that do, the second one in the longest runs of memory."""
    order = range(a.rank)
    first = rows[0] or e.in_order(a, order)
    if columns_b and not rows[1]:
        return _emit_product(e, first, columns_b, transpose_second=True)
    if not rows[1] and b.axes[-2] == b.rank - 1:
        across = e.in_order(b, (*order[:-2], order[-1], order[-2]))
        return _emit_product(e, first, across, transpose_second=True)
    return _emit_product(e, first, rows[1] or e.in_order(b, order), transpose_second=False)


def _held(x: Value, *, transposed: bool) -> Value | None:
    """Return the value with batch dimensions outermost and its matrices row- or column-major, if it lies so."""
    order = list(range(x.rank))
    if transposed:
        order[-1], order[-2] = order[-2], order[-1]
    return x.relabel(order)


def _emit_product(e: Emitter, a: Value, b: Value, *, transpose_second: bool) -> Value:
    """Emit ``a @ b`` for matrices held row-major, or column-major for a transposed second operand."""
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    shape = (*batch, a.shape[-2], b.shape[-1])
    inputs = [e.tensor(a), e.tensor(b)]
    out = e.emit(Builtin.BATCH_MATMUL, inputs, shape, {"adjX": False, "adjY": transpose_second})
    return Value(out, shape, tuple(range(len(shape))))


@lowers("aten.addmm.default", "aten.baddbmm.default")
def addmm(e: Emitter, bias: Operand, a: Operand, b: Operand, *, beta: float = 1, alpha: float = 1) -> Value:
    """``bias + a @ b``.

    Raises:
        Refusal: Factors other than 1.
    """
    if (beta, alpha) != (1, 1):
        raise Refusal("factors other than 1 are not written")
    if isinstance(bias, torch.Tensor) and isinstance(b, torch.Tensor) and isinstance(a, Value) and bias.dim() == 1:
        return _fully_connected(e, a, b.t(), bias)
    return binary(e, Builtin.ADD, matmul(e, a, b), bias)


@lowers("aten.scaled_dot_product_attention.default")
def attention(
    e: Emitter,
    query: Value,
    key: Value,
    value: Value,
    attn_mask: Operand | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Value:
    """``softmax(query @ key.T * scale + mask) @ value``.

    Raises:
        Refusal: Dropout, a causal or Boolean mask, or grouped queries.
    """
    if dropout_p or is_causal or enable_gqa:
        raise Refusal("dropout, causal masks and grouped queries are not written")
    if isinstance(attn_mask, torch.Tensor) and attn_mask.dtype is torch.bool:
        raise Refusal("Boolean masks are not written; add a float mask instead")
    factor = query.shape[-1] ** -0.5 if scale is None else scale
    query = query if factor == 1 else binary(e, Builtin.MUL, query, factor)
    scores = matmul(e, query, key.transpose(-1, -2))
    if attn_mask is not None:
        scores = binary(e, Builtin.ADD, scores, attn_mask)
    return matmul(e, softmax(e, scores, -1), value)
