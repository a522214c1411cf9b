"""Convolution and pooling."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor

from edgevit.verification.ops.registry import Arguments, bounded, op

__all__: list[str] = []

_CONVOLUTIONS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_AVERAGE_POOLS = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}
_MAX_POOLS = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}

Pad = list[tuple[int, int]]


@op("conv")
def _conv(args: Arguments) -> Tensor:
    """Convolution of (N, C, *D) with weights (out, C / groups, *K)."""
    x, weight, bias = args.tensor("x"), args.tensor("weight"), args.optional("bias")
    spatial = x.dim() - 2
    strides = args.integers("strides", [1] * spatial)
    dilations = args.integers("dilations", [1] * spatial)
    pad = _padding(args, x.shape[2:], weight.shape[2:], strides, dilations)
    symmetric = _symmetric(pad)
    if symmetric is None:
        x, symmetric = _padded(x, pad, 0.0), [0] * spatial
    return _CONVOLUTIONS[spatial](x, weight, bias, strides, symmetric, dilations, args.integer("groups", 1))


@op("avg_pool")
def _avg_pool(args: Arguments) -> Tensor:
    """Average pooling; windows that hang over the edge in ceil mode count as torch counts them."""
    x, kernel, strides, pad, ceil = _pool(args)
    counts_padding = not args.flag("exclude_padding_from_average")
    pool = _AVERAGE_POOLS[len(kernel)]
    symmetric = _symmetric(pad)
    if symmetric is not None and all(2 * p <= k for p, k in zip(symmetric, kernel, strict=True)):
        return pool(x, kernel, strides, symmetric, ceil, counts_padding)
    if ceil:
        raise ValueError("ceil mode with this padding is not defined")
    sums = pool(_padded(x, pad, 0.0), kernel, strides)
    return sums if counts_padding else sums / pool(_padded(x.new_ones(x.shape), pad, 0.0), kernel, strides)


@op("max_pool")
def _max_pool(args: Arguments) -> Tensor:
    """Maximum pooling; padding never wins."""
    x, kernel, strides, pad, ceil = _pool(args)
    return _MAX_POOLS[len(kernel)](_padded(x, pad, -math.inf), kernel, strides, 0, 1, ceil)


def _pool(args: Arguments) -> tuple[Tensor, list[int], list[int], Pad, bool]:
    x, kernel = args.tensor("x"), args.integers("kernel_sizes")
    strides = args.integers("strides", [1] * len(kernel))
    pad = _padding(args, x.shape[2:], kernel, strides, [1] * len(kernel))
    return x, kernel, strides, pad, args.flag("ceil_mode")


def _padding(
    args: Arguments, size: Sequence[int], kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
) -> Pad:
    """Return how many elements to pad before and after each spatial dimension."""
    kind = args.text("pad_type", "valid")
    if kind == "valid":
        return [(0, 0)] * len(size)
    if kind == "custom":
        flat = args.integers("pad", [0] * (2 * len(size)))
        return list(zip(flat[0::2], flat[1::2], strict=True))
    if kind not in ("same", "same_lower"):
        raise ValueError(f"pad_type '{kind}' is not defined")
    pads = []
    for length, taps, stride, dilation in zip(size, kernel, strides, dilations, strict=True):
        total = max((-(-length // stride) - 1) * stride + (taps - 1) * dilation + 1 - length, 0)
        small, large = total // 2, total - total // 2
        pads.append((small, large) if kind == "same" else (large, small))
    return pads


def _symmetric(pad: Pad) -> list[int] | None:
    return [before for before, _ in pad] if all(before == after for before, after in pad) else None


def _padded(x: Tensor, pad: Pad, value: float) -> Tensor:
    if not any(before or after for before, after in pad):
        return x
    bounded(*x.shape[:2], *(size + sum(p) for size, p in zip(x.shape[2:], pad, strict=True)))
    return F.pad(x, [side for pair in reversed(pad) for side in pair], value=value)
