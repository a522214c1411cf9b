"""How large the sums inside an operation get: a result can fit half precision when what it was added up from did not.

Hardware decides in which order and precision it adds, so a sum is bounded by the magnitudes of its terms: |a||b| for
products, the sum of squares for a variance, the plain sum for a mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, cast

import torch
from torch import Tensor

from edgevit.verification.ops.registry import Arguments, Operator

__all__ = ["largest_sum"]

_Bound: TypeAlias = "Callable[[Arguments], float]"
_Exact: TypeAlias = "Callable[[Arguments, Operator], float]"


def largest_sum(op: str, operator: Operator, args: Arguments, enough: float) -> float:
    """Return the largest sum of magnitudes that any element of a result is made from; 0 where nothing is added up.

    Args:
        op: Operator type.
        operator: What computes it.
        args: Its arguments.
        enough: Up to here, a bound from the largest elements will do, which is much faster.
    """
    exact = _EXACT.get(op)
    if exact is None:
        return 0.0
    bound = _BOUNDS.get(op)
    quick = float("inf") if bound is None else bound(args)
    return quick if quick <= enough else exact(args, operator)


def _largest(values: Tensor) -> float:
    low, high = torch.aminmax(values)
    return float(torch.maximum(-low, high))


def _of_magnitudes(args: Arguments, operator: Operator) -> float:
    return float(cast("Tensor", operator(args.magnitudes())).amax())


def _rows_bound(args: Arguments) -> float:
    """Bound a convolution or linear layer by its largest input and its heaviest row of weights."""
    bias = args.optional("bias")
    rows = float(args.tensor("weight").abs().flatten(1).sum(1).amax())
    return _largest(args.tensor("x")) * rows + (0.0 if bias is None else _largest(bias))


def _matmul_bound(args: Arguments) -> float:
    x, y = args.tensor("x"), args.tensor("y")
    return _largest(x) * _largest(y) * x.shape[-2 if args.flag("transpose_x") and x.dim() > 1 else -1]


def _magnitudes_along(args: Arguments, _: Operator) -> float:
    """Sum |x| over what a mean or a sum reduces."""
    x = args.tensor("x")
    return float(x.abs().sum(_axes(args, x, range(x.dim()))).amax())


def _pooled(args: Arguments, operator: Operator) -> float:
    return _of_magnitudes(args, operator) * math.prod(args.integers("kernel_sizes"))


def _centred_squares(args: Arguments, _: Operator) -> float:
    """Sum the squares that a variance is the mean of, or the magnitudes of the mean before it."""
    x = args.tensor("x")
    axes = _axes(args, x, range(2, x.dim()))
    spread = (x - x.mean(axes, keepdim=True)).square().sum(axes).amax()
    return float(torch.maximum(spread, x.abs().sum(axes).amax()))


def _squares_along(args: Arguments, _: Operator) -> float:
    x = args.tensor("x")
    return float(x.square().sum(_axes(args, x, range(x.dim()))).amax())


def _axes(args: Arguments, x: Tensor, default: Sequence[int]) -> list[int]:
    return [axis % x.dim() for axis in args.integers("axes", default)]


def _attention(args: Arguments, _: Operator) -> float:
    """Sum |q||k| before the scale; the softmax's sums and averages of values cannot grow."""
    query, key = args.tensor("query").abs(), args.tensor("key").abs()
    return float((query @ key.transpose(-1, -2)).amax())


_EXACT: Mapping[str, _Exact] = {
    "conv": _of_magnitudes,
    "linear": _of_magnitudes,
    "matmul": _of_magnitudes,
    "einsum": _of_magnitudes,
    "scaled_dot_product_attention": _attention,
    "reduce_mean": _magnitudes_along,
    "reduce_sum": _magnitudes_along,
    "reduce_l1_norm": _magnitudes_along,
    "reduce_sum_square": _squares_along,
    "reduce_l2_norm": _squares_along,
    "avg_pool": _pooled,
    "layer_norm": _centred_squares,
    "instance_norm": _centred_squares,
}
"""Operator type -> the largest sum of magnitudes inside it."""

_BOUNDS: Mapping[str, _Bound] = {"conv": _rows_bound, "linear": _rows_bound, "matmul": _matmul_bound}
"""Operator type -> a quick bound on the same."""
