"""Layer and batch normalization out of elementary builtins: TFLite has none of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from edgevit.backends.tflite.builtins import Builtin
from edgevit.backends.tflite.emitter import Emitter, Refusal
from edgevit.backends.tflite.ops.elementwise import binary, unary
from edgevit.backends.tflite.ops.reduction import mean
from edgevit.backends.tflite.registry import lowers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgevit.backends.tflite.layout import Value

__all__: list[str] = []


@lowers("aten.layer_norm.default", "aten.native_layer_norm.default")
def layer_norm(
    e: Emitter,
    x: Value,
    normalized_shape: Sequence[int],
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Value:
    """``(x - mean) / sqrt(variance + eps) * weight + bias`` over the last dimensions."""
    del cudnn_enable
    dims = range(-len(normalized_shape), 0)
    centred = binary(e, Builtin.SUB, x, mean(e, x, dims, keepdim=True))
    variance = mean(e, binary(e, Builtin.MUL, centred, centred), dims, keepdim=True)
    out = binary(e, Builtin.MUL, centred, unary(e, Builtin.RSQRT, binary(e, Builtin.ADD, variance, eps)))
    if weight is not None:
        out = binary(e, Builtin.MUL, out, weight)
    return out if bias is None else binary(e, Builtin.ADD, out, bias)


@lowers("aten.batch_norm.default")
def batch_norm(
    e: Emitter,
    x: Value,
    weight: torch.Tensor | None,
    bias: torch.Tensor | None,
    running_mean: torch.Tensor | None,
    running_var: torch.Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = True,
) -> Value:
    """A scale and a shift of each channel, by the running statistics.

    Raises:
        Refusal: Statistics of the batch, that is, a network in training mode.
    """
    del momentum, cudnn_enabled
    if training or running_mean is None or running_var is None:
        raise Refusal("it normalizes by the batch's own statistics: put the network in eval mode")
    scale = (running_var.double() + eps).rsqrt() * (1.0 if weight is None else weight.double())
    shift = -running_mean.double() * scale + (0.0 if bias is None else bias.double())
    per_channel = [1, -1] + [1] * (x.rank - 2)
    scaled = binary(e, Builtin.MUL, x, scale.float().reshape(per_channel))
    return binary(e, Builtin.ADD, scaled, shift.float().reshape(per_channel))


@lowers("aten._native_batch_norm_legit_no_training.default")
def batch_norm_no_training(
    e: Emitter,
    x: Value,
    weight: torch.Tensor | None,
    bias: torch.Tensor | None,
    running_mean: torch.Tensor,
    running_var: torch.Tensor,
    momentum: float,
    eps: float,
) -> tuple[Value, ...]:
    """The functional form of :func:`batch_norm`; its other two outputs are never read in eval mode."""
    return (batch_norm(e, x, weight, bias, running_mean, running_var, False, momentum, eps),)
