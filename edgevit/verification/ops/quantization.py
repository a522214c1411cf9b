"""Activations in 8 bits: ``quantize`` and ``dequantize`` (iOS 17)."""

from __future__ import annotations

import torch
from torch import Tensor

from edgevit.verification.ops.registry import Arguments, op

__all__: list[str] = []

_RANGES = {"int8": (-128, 127, torch.int8), "uint8": (0, 255, torch.uint8)}


@op("quantize")
def _quantize(args: Arguments) -> Tensor:
    """Return ``clip(round(x / scale) + zero_point)``; halves round to even."""
    low, high, dtype = _RANGES[args.text("output_dtype")]
    x = args.tensor("input")
    values = torch.round(x / _along_axis(args, "scale", x))
    if args.has("zero_point"):
        values = values + _along_axis(args, "zero_point", x)
    return values.clamp(low, high).to(dtype)


@op("dequantize")
def _dequantize(args: Arguments) -> Tensor:
    """Return ``scale * (x - zero_point)``."""
    x = args.tensor("input").float()
    if args.has("zero_point"):
        x = x - _along_axis(args, "zero_point", x)
    return x * _along_axis(args, "scale", x)


def _along_axis(args: Arguments, name: str, x: Tensor) -> Tensor:
    """Return a scalar or vector parameter in float32, shaped to broadcast along the ``axis`` parameter."""
    parameter = args.tensor(name).float()
    if parameter.dim() == 0:
        return parameter
    shape = [1] * x.dim()
    shape[args.integer("axis")] = -1
    return parameter.reshape(shape)
