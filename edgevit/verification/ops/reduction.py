"""Reductions over axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from edgevit.verification.ops.registry import OPS, Arguments, op

__all__: list[str] = []


def _product(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    for axis in sorted((axis % x.dim() for axis in axes), reverse=True):
        x = x.prod(axis, keepdim=keep)
    return x


_REDUCTIONS: Mapping[str, Callable[[Tensor, list[int], bool], Tensor]] = {
    "reduce_mean": lambda x, axes, keep: x.mean(axes, keepdim=keep),
    "reduce_sum": lambda x, axes, keep: x.sum(axes, keepdim=keep, dtype=x.dtype),
    "reduce_max": lambda x, axes, keep: x.amax(axes, keepdim=keep),
    "reduce_min": lambda x, axes, keep: x.amin(axes, keepdim=keep),
    "reduce_prod": _product,
    "reduce_l1_norm": lambda x, axes, keep: x.abs().sum(axes, keepdim=keep),
    "reduce_l2_norm": lambda x, axes, keep: x.square().sum(axes, keepdim=keep).sqrt(),
    "reduce_sum_square": lambda x, axes, keep: x.square().sum(axes, keepdim=keep),
    "reduce_log_sum": lambda x, axes, keep: x.sum(axes, keepdim=keep).log(),
    "reduce_log_sum_exp": lambda x, axes, keep: torch.logsumexp(x, axes, keepdim=keep),
}


def _reduction(function: Callable[[Tensor, list[int], bool], Tensor]) -> Callable[[Arguments], Tensor]:
    def run(args: Arguments) -> Tensor:
        x = args.tensor("x")
        return function(x, args.integers("axes", range(x.dim())), args.flag("keep_dims"))

    return run


OPS.update({name: _reduction(function) for name, function in _REDUCTIONS.items()})


@op("reduce_argmax")
def _argmax(args: Arguments) -> Tensor:
    return args.tensor("x").argmax(args.integer("axis", -1), args.flag("keep_dims")).int()


@op("reduce_argmin")
def _argmin(args: Arguments) -> Tensor:
    return args.tensor("x").argmin(args.integer("axis", -1), args.flag("keep_dims")).int()


@op("cumsum")
def _cumsum(args: Arguments) -> Tensor:
    """Running sum along one axis, inclusive and forward."""
    if args.flag("exclusive") or args.flag("reverse"):
        raise NotImplementedError("exclusive or reversed cumsum")
    return args.tensor("x").cumsum(args.integer("axis", 0))
