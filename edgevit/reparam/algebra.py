"""The algebra of folding: what convolutions, linears and affines become when they are composed. Pure tensors.

Everything here is exact in real arithmetic and works in the dtype of its arguments. A :class:`Kernel` is a convolution
with zero padding, or a linear layer; an :class:`Affine` is a per-channel ``scale * x + shift``, which is what batch
normalization is once its statistics are fixed. Folding an affine that comes *after* a convolution is always exact; one
that comes *before* it only where nothing is padded, so :func:`before` takes pointwise kernels alone.
"""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = [
    "Affine",
    "Kernel",
    "add",
    "after",
    "batch_norm_affine",
    "before",
    "identity_kernel",
    "pad_kernel",
    "pointwise",
    "scale_columns",
    "scale_rows",
    "select_rows",
    "with_identity",
]


class Kernel(NamedTuple):
    """A convolution or linear layer.

    Attributes:
        weight: (out, in / groups, k, k) of a convolution, or (out, in) of a linear layer.
        bias: (out,).
    """

    weight: Tensor
    bias: Tensor


class Affine(NamedTuple):
    """``scale * x + shift`` per channel, both (channels,)."""

    scale: Tensor
    shift: Tensor


def batch_norm_affine(
    weight: Tensor | None, bias: Tensor | None, running_mean: Tensor, running_var: Tensor, eps: float
) -> Affine:
    """Return what batch normalization with fixed statistics (channels,) computes."""
    deviation = torch.sqrt(running_var + eps)
    scale = 1 / deviation if weight is None else weight / deviation
    shift = -running_mean * scale
    return Affine(scale, shift if bias is None else shift + bias)


def after(kernel: Kernel, affine: Affine) -> Kernel:
    """Return ``kernel`` followed by ``affine`` over its output channels."""
    scaled = scale_rows(kernel, affine.scale)
    return Kernel(scaled.weight, scaled.bias + affine.shift)


def before(affine: Affine, kernel: Kernel) -> Kernel:
    """Return ``affine`` over the input channels followed by ``kernel``, a linear layer or dense 1x1 convolution.

    Raises:
        ValueError: The kernel is larger than 1x1 (its zero padding would see the shift) or grouped.
    """
    weight = kernel.weight
    if any(side != 1 for side in weight.shape[2:]):
        raise ValueError(f"an affine cannot move into a {tuple(weight.shape[2:])} kernel that follows it")
    if weight.shape[1] != affine.scale.shape[0]:
        raise ValueError(f"{affine.scale.shape[0]} channels do not fit a kernel that reads {weight.shape[1]}")
    return Kernel(scale_columns(kernel, affine.scale).weight, kernel.bias + weight.flatten(1) @ affine.shift)


def scale_rows(kernel: Kernel, scale: Tensor) -> Kernel:
    """Return ``kernel`` with each output channel multiplied by its ``scale`` (out,) or by one number ()."""
    return Kernel(kernel.weight * _broadcast(scale, kernel.weight, axis=0), kernel.bias * scale)


def scale_columns(kernel: Kernel, scale: Tensor) -> Kernel:
    """Return ``kernel`` reading ``scale * x`` instead of x, ``scale`` of shape (in / groups,) or ()."""
    return Kernel(kernel.weight * _broadcast(scale, kernel.weight, axis=1), kernel.bias)


def select_rows(kernel: Kernel, start: int, stop: int) -> Kernel:
    """Return the output channels ``start`` to ``stop`` (exclusive) of ``kernel``."""
    return Kernel(kernel.weight[start:stop], kernel.bias[start:stop])


def add(*kernels: Kernel) -> Kernel:
    """Return the kernel whose output is the sum of the outputs of kernels of one shape, stride and grouping."""
    return reduce(lambda a, b: Kernel(a.weight + b.weight, a.bias + b.bias), kernels)


def pad_kernel(kernel: Kernel, size: int) -> Kernel:
    """Return ``kernel``, an odd-sided convolution padded by half its side, as one of side ``size``.

    Raises:
        ValueError: ``size`` is smaller than the kernel, or one of the two is even.
    """
    side = kernel.weight.shape[-1]
    if size < side or size % 2 == 0 or side % 2 == 0:
        raise ValueError(f"a {side}x{side} kernel cannot be centred in {size}x{size}")
    margin = (size - side) // 2
    return Kernel(F.pad(kernel.weight, (margin,) * 4), kernel.bias)


def identity_kernel(channels: int, size: int, *, groups: int, like: Tensor) -> Kernel:
    """Return the stride-1 convolution that returns its input.

    Args:
        channels: Input and output channels.
        size: Odd side of the kernel.
        groups: Channel groups; ``channels`` is a multiple.
        like: Gives dtype and device.
    """
    weight = like.new_zeros(channels, channels // groups, size, size)
    rows = torch.arange(channels, device=like.device)
    weight[rows, rows % (channels // groups), size // 2, size // 2] = 1
    return Kernel(weight, like.new_zeros(channels))


def with_identity(kernel: Kernel) -> Kernel:
    """Return ``x + kernel(x)`` of a stride-1 convolution with as many output as input channels."""
    channels, inputs, size = kernel.weight.shape[0], kernel.weight.shape[1], kernel.weight.shape[-1]
    return add(kernel, identity_kernel(channels, size, groups=channels // inputs, like=kernel.weight))


def pointwise(kernel: Kernel) -> Kernel:
    """Return a linear layer (out, in) as the 1x1 convolution (out, in, 1, 1); a convolution stays as it is."""
    return Kernel(kernel.weight[:, :, None, None], kernel.bias) if kernel.weight.ndim == 2 else kernel


def _broadcast(scale: Tensor, weight: Tensor, *, axis: int) -> Tensor:
    """Return ``scale`` shaped so that it runs along ``axis`` of ``weight``."""
    if scale.ndim == 0:
        return scale
    shape = [1] * weight.ndim
    shape[axis] = -1
    return scale.reshape(shape)
