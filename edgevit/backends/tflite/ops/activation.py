"""Activation functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from edgevit.backends.tflite.builtins import Builtin
from edgevit.backends.tflite.emitter import Emitter, Refusal, Runtime, as_array
from edgevit.backends.tflite.ops.elementwise import binary, unary
from edgevit.backends.tflite.registry import lowers

if TYPE_CHECKING:
    from edgevit.backends.tflite.layout import Value

__all__: list[str] = []

_RANGES = {(0.0, 6.0): Builtin.RELU6, (-1.0, 1.0): Builtin.RELU_N1_TO_1, (0.0, None): Builtin.RELU}
"""Clamps that are builtins of their own, which other operators can fuse."""


@lowers("aten.relu.default", "aten.relu_.default")
def relu(e: Emitter, x: Value) -> Value:
    """``max(x, 0)``."""
    return unary(e, Builtin.RELU, x)


@lowers("aten.relu6.default", "aten.relu6_.default")
def relu6(e: Emitter, x: Value) -> Value:
    """``min(max(x, 0), 6)``."""
    return unary(e, Builtin.RELU6, x)


@lowers("aten.clamp.default", "aten.clamp_.default", "aten.clamp_min.default", "aten.clamp_min_.default")
def clamp(e: Emitter, x: Value, min: float | None = None, max: float | None = None) -> Value:  # noqa: A002
    """``x`` limited to a range."""
    key = (None if min is None else float(min), None if max is None else float(max))
    if key in _RANGES:
        return unary(e, _RANGES[key], x)
    if min is not None:
        x = binary(e, Builtin.MAXIMUM, x, min)
    return x if max is None else binary(e, Builtin.MINIMUM, x, max)


@lowers("aten.hardtanh.default", "aten.hardtanh_.default")
def hardtanh(e: Emitter, x: Value, min_val: float = -1.0, max_val: float = 1.0) -> Value:
    """``x`` limited to a range."""
    return clamp(e, x, min_val, max_val)


@lowers("aten.gelu.default", "aten.gelu_.default")
def gelu(e: Emitter, x: Value, approximate: str = "none") -> Value:
    """The builtin GELU: exact, or with tanh where the network or the runtime asks for it."""
    tanh = approximate == "tanh" or e.runtime is Runtime.TFLITE_2_14
    return unary(e, Builtin.GELU, x, {"approximate": tanh})


@lowers("aten.silu.default", "aten.silu_.default")
def silu(e: Emitter, x: Value) -> Value:
    """``x * sigmoid(x)``."""
    return binary(e, Builtin.MUL, x, unary(e, Builtin.LOGISTIC, x))


@lowers("aten.hardswish.default", "aten.hardswish_.default")
def hardswish(e: Emitter, x: Value) -> Value:
    """``x * relu6(x + 3) / 6``."""
    return unary(e, Builtin.HARD_SWISH, x)


@lowers("aten.hardsigmoid.default", "aten.hardsigmoid_.default")
def hardsigmoid(e: Emitter, x: Value) -> Value:
    """``relu6(x + 3) / 6``."""
    return binary(e, Builtin.MUL, unary(e, Builtin.RELU6, binary(e, Builtin.ADD, x, 3.0)), 1 / 6)


@lowers("aten.leaky_relu.default", "aten.leaky_relu_.default")
def leaky_relu(e: Emitter, x: Value, negative_slope: float = 0.01) -> Value:
    """``x`` above zero, ``negative_slope * x`` below."""
    return unary(e, Builtin.LEAKY_RELU, x, {"alpha": float(negative_slope)})


@lowers("aten.elu.default", "aten.elu_.default")
def elu(e: Emitter, x: Value, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0) -> Value:
    """``x`` above zero, ``exp(x) - 1`` below.

    Raises:
        Refusal: Scales other than 1, which the builtin has not.
    """
    if (alpha, scale, input_scale) != (1, 1, 1):
        raise Refusal("the builtin ELU has no scales")
    return unary(e, Builtin.ELU, x)


@lowers("aten.prelu.default")
def prelu(e: Emitter, x: Value, weight: torch.Tensor) -> Value:
    """``x`` above zero, ``weight[channel] * x`` below; channels are dimension 1."""
    x, tensor = e.with_last(x, min(1, x.rank - 1))
    slope = as_array(weight).reshape((1,) * (len(tensor.shape) - 2) + (-1,))
    channels = tensor.shape[-1]
    slope = slope if slope.size == channels else slope.repeat(channels).reshape(*slope.shape[:-1], channels)
    return x.with_tensor(e.emit(Builtin.PRELU, [tensor, e.constant(slope)], tensor.shape))


@lowers("aten.softmax.int", "aten._softmax.default")
def softmax(e: Emitter, x: Value, dim: int, dtype: torch.dtype | bool | None = None) -> Value:
    """Softmax along a dimension, which is made the innermost.

    Raises:
        Refusal: A conversion to another element type at the same time.
    """
    if isinstance(dtype, torch.dtype) and dtype is not torch.float32:
        raise Refusal(f"values are float32 throughout, not {dtype}")
    x, tensor = e.with_last(x, dim)
    return x.with_tensor(e.emit(Builtin.SOFTMAX, [tensor], tensor.shape, {"beta": 1.0}))
