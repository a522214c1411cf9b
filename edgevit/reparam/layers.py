"""Between torch's layers and the kernels of :mod:`edgevit.reparam.algebra`."""

from __future__ import annotations

from typing import TypeVar

from torch import Tensor, nn

from edgevit.reparam.algebra import Affine, Kernel, after, batch_norm_affine

__all__ = ["affine_of", "conv_bn_kernel", "convolution", "convolution_like", "kernel_of", "linear"]

_LayerT = TypeVar("_LayerT", nn.Conv2d, nn.Linear)


def kernel_of(layer: nn.Conv2d | nn.Linear) -> Kernel:
    """Return weight and bias of a layer, a zero bias where it has none; the tensors are detached, not copied."""
    weight = layer.weight.detach()
    bias = weight.new_zeros(weight.shape[0]) if layer.bias is None else layer.bias.detach()
    return Kernel(weight, bias)


def affine_of(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> Affine:
    """Return what a batch normalization in eval mode computes.

    Raises:
        ValueError: It keeps no running statistics, so it has no fixed function.
    """
    if norm.running_mean is None or norm.running_var is None:
        raise ValueError("batch normalization without running statistics cannot be folded")
    weight, bias = _detached(norm.weight), _detached(norm.bias)
    return batch_norm_affine(weight, bias, norm.running_mean, norm.running_var, norm.eps)


def conv_bn_kernel(layer: nn.Conv2d | nn.Linear, norm: nn.BatchNorm1d | nn.BatchNorm2d) -> Kernel:
    """Return a layer followed by its batch normalization as one kernel."""
    return after(kernel_of(layer), affine_of(norm))


def convolution(kernel: Kernel, *, stride: int = 1, padding: int | None = None, groups: int = 1) -> nn.Conv2d:
    """Return a kernel as a layer with bias that owns its tensors.

    Args:
        kernel: Weight (out, in / groups, k, k).
        stride: Of both axes.
        padding: Zeros on each side; None takes k // 2.
        groups: Channel groups.
    """
    out, inputs, size = kernel.weight.shape[0], kernel.weight.shape[1], kernel.weight.shape[2]
    padding = size // 2 if padding is None else padding
    # On the meta device torch neither initialises the weights nor draws from the global random generator.
    layer = nn.Conv2d(inputs * groups, out, size, stride, padding, groups=groups, device="meta")
    return _fill(layer, kernel)


def convolution_like(layer: nn.Conv2d, kernel: Kernel) -> nn.Conv2d:
    """Return ``kernel`` as a layer with the stride, padding and groups of ``layer``.

    Raises:
        ValueError: ``layer`` is dilated, or its two axes differ.
    """
    stride, padding = layer.stride, layer.padding
    if isinstance(padding, str) or len({*stride}) > 1 or len({*padding}) > 1 or {*layer.dilation} != {1}:
        raise ValueError(f"{layer} is not a plain square convolution")
    return convolution(kernel, stride=stride[0], padding=padding[0], groups=layer.groups)


def linear(kernel: Kernel) -> nn.Linear:
    """Return a kernel (out, in) as a linear layer with bias that owns its tensors."""
    return _fill(nn.Linear(kernel.weight.shape[1], kernel.weight.shape[0], device="meta"), kernel)


def _detached(value: Tensor | None) -> Tensor | None:
    return None if value is None else value.detach()


def _fill(layer: _LayerT, kernel: Kernel) -> _LayerT:
    layer.weight = nn.Parameter(kernel.weight.detach().clone().contiguous())
    layer.bias = nn.Parameter(kernel.bias.detach().clone().contiguous())
    return layer.eval()
