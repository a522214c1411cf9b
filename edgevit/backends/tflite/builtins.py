"""The builtins that edgevit writes: their options tables, and the lowest version that means what is written.

Versions follow the table of the runtime's own converter (``op_version.cc`` of LiteRT), restricted to the element types
that edgevit writes. A runtime refuses a file that asks for a newer version than it has, so none is asked for in vain.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgevit.backends.tflite.graph import Operator

__all__ = ["FUSABLE", "OPTIONS", "Activation", "Builtin", "Padding", "version"]


class Builtin(StrEnum):
    """Builtin operators, by the schema's names."""

    ABS = "ABS"
    ADD = "ADD"
    AVERAGE_POOL_2D = "AVERAGE_POOL_2D"
    BATCH_MATMUL = "BATCH_MATMUL"
    BROADCAST_TO = "BROADCAST_TO"
    CAST = "CAST"
    CONCATENATION = "CONCATENATION"
    CONV_2D = "CONV_2D"
    DEPTHWISE_CONV_2D = "DEPTHWISE_CONV_2D"
    DEQUANTIZE = "DEQUANTIZE"
    DIV = "DIV"
    ELU = "ELU"
    EXP = "EXP"
    FULLY_CONNECTED = "FULLY_CONNECTED"
    GELU = "GELU"
    HARD_SWISH = "HARD_SWISH"
    LEAKY_RELU = "LEAKY_RELU"
    LOG = "LOG"
    LOGISTIC = "LOGISTIC"
    MAXIMUM = "MAXIMUM"
    MAX_POOL_2D = "MAX_POOL_2D"
    MEAN = "MEAN"
    MINIMUM = "MINIMUM"
    MUL = "MUL"
    NEG = "NEG"
    PAD = "PAD"
    PADV2 = "PADV2"
    POW = "POW"
    PRELU = "PRELU"
    QUANTIZE = "QUANTIZE"
    REDUCE_MAX = "REDUCE_MAX"
    REDUCE_MIN = "REDUCE_MIN"
    RELU = "RELU"
    RELU6 = "RELU6"
    RELU_N1_TO_1 = "RELU_N1_TO_1"
    RESHAPE = "RESHAPE"
    RSQRT = "RSQRT"
    SLICE = "SLICE"
    SOFTMAX = "SOFTMAX"
    SPLIT = "SPLIT"
    SQRT = "SQRT"
    SQUARED_DIFFERENCE = "SQUARED_DIFFERENCE"
    STRIDED_SLICE = "STRIDED_SLICE"
    SUB = "SUB"
    SUM = "SUM"
    TANH = "TANH"
    TRANSPOSE = "TRANSPOSE"


class Padding:
    """The schema's ``Padding``: SAME puts the odd zero at the end, VALID adds none."""

    SAME = 0
    VALID = 1


class Activation:
    """The schema's ``ActivationFunctionType``, as far as edgevit fuses."""

    NONE = 0
    RELU = 1
    RELU_N1_TO_1 = 2
    RELU6 = 3


OPTIONS: dict[Builtin, str] = {
    Builtin.ABS: "AbsOptions",
    Builtin.ADD: "AddOptions",
    Builtin.AVERAGE_POOL_2D: "Pool2DOptions",
    Builtin.BATCH_MATMUL: "BatchMatMulOptions",
    Builtin.BROADCAST_TO: "BroadcastToOptions",
    Builtin.CAST: "CastOptions",
    Builtin.CONCATENATION: "ConcatenationOptions",
    Builtin.CONV_2D: "Conv2DOptions",
    Builtin.DEPTHWISE_CONV_2D: "DepthwiseConv2DOptions",
    Builtin.DEQUANTIZE: "DequantizeOptions",
    Builtin.DIV: "DivOptions",
    Builtin.EXP: "ExpOptions",
    Builtin.FULLY_CONNECTED: "FullyConnectedOptions",
    Builtin.GELU: "GeluOptions",
    Builtin.HARD_SWISH: "HardSwishOptions",
    Builtin.LEAKY_RELU: "LeakyReluOptions",
    Builtin.MAXIMUM: "MaximumMinimumOptions",
    Builtin.MAX_POOL_2D: "Pool2DOptions",
    Builtin.MEAN: "ReducerOptions",
    Builtin.MINIMUM: "MaximumMinimumOptions",
    Builtin.MUL: "MulOptions",
    Builtin.NEG: "NegOptions",
    Builtin.PAD: "PadOptions",
    Builtin.PADV2: "PadV2Options",
    Builtin.POW: "PowOptions",
    Builtin.QUANTIZE: "QuantizeOptions",
    Builtin.REDUCE_MAX: "ReducerOptions",
    Builtin.REDUCE_MIN: "ReducerOptions",
    Builtin.RESHAPE: "ReshapeOptions",
    Builtin.SLICE: "SliceOptions",
    Builtin.SOFTMAX: "SoftmaxOptions",
    Builtin.SPLIT: "SplitOptions",
    Builtin.SQUARED_DIFFERENCE: "SquaredDifferenceOptions",
    Builtin.STRIDED_SLICE: "StridedSliceOptions",
    Builtin.SUB: "SubOptions",
    Builtin.SUM: "ReducerOptions",
    Builtin.TRANSPOSE: "TransposeOptions",
}
"""Builtin -> options table of the schema. Builtins that are not here have none."""

FUSABLE = frozenset(
    {
        Builtin.ADD,
        Builtin.AVERAGE_POOL_2D,
        Builtin.CONV_2D,
        Builtin.DEPTHWISE_CONV_2D,
        Builtin.DIV,
        Builtin.FULLY_CONNECTED,
        Builtin.MAX_POOL_2D,
        Builtin.MUL,
        Builtin.SUB,
    }
)
"""Builtins whose options have ``fusedActivationFunction`` and whose kernels honour it."""

_FLOAT32, _FLOAT16, _INT8 = "FLOAT32", "FLOAT16", "INT8"


def version(operator: Operator) -> int:
    """Return the lowest version of the operator's builtin that can express it."""
    rule = _VERSIONS.get(operator.kind)
    return rule(operator) if rule else 1


def _rank(operator: Operator) -> int:
    return len(operator.inputs[0].shape)


def _broadcasts_high_rank(operator: Operator) -> bool:
    first, second = (tensor.shape for tensor in operator.inputs)
    return first != second and max(len(first), len(second)) > 4


def _transpose(operator: Operator) -> int:
    return {5: 4, 6: 6}.get(_rank(operator), 1 if _rank(operator) <= 4 else 8)


def _is_int8(operator: Operator) -> bool:
    return operator.inputs[0].dtype == _INT8


def _convolution(operator: Operator) -> int:
    if operator.inputs[0].shape[3] != operator.inputs[1].shape[3]:
        return 6
    return 3 if _is_int8(operator) else 1


def _depthwise(operator: Operator) -> int:
    if _is_int8(operator):
        return 3
    dilated = (operator.attributes["dilationHFactor"], operator.attributes["dilationWFactor"]) != (1, 1)
    return 2 if dilated else 1


def _fully_connected(operator: Operator) -> int:
    if operator.inputs[0].dtype == _FLOAT32 != operator.inputs[1].dtype:
        return 12  # weights in integers, one scale a channel or block
    if operator.attributes["keepNumDims"]:
        return 5
    return 4 if _is_int8(operator) else 1


def _dequantize(operator: Operator) -> int:
    (source,) = operator.inputs
    if source.dtype == _FLOAT16:
        return 3
    return 5 if source.quantization is not None and source.quantization.scale.size > 1 else 2


_VERSIONS = {
    Builtin.BROADCAST_TO: lambda _: 2,
    Builtin.CONV_2D: _convolution,
    Builtin.DEPTHWISE_CONV_2D: _depthwise,
    Builtin.DEQUANTIZE: _dequantize,
    Builtin.DIV: lambda op: 2 if _broadcasts_high_rank(op) else 1,
    Builtin.FULLY_CONNECTED: _fully_connected,
    Builtin.MAXIMUM: lambda op: 3 if _broadcasts_high_rank(op) else 1,
    Builtin.MINIMUM: lambda op: 3 if _broadcasts_high_rank(op) else 1,
    Builtin.PAD: lambda op: 4 if _rank(op) > 4 else 2 if _is_int8(op) else 1,
    Builtin.PADV2: lambda op: 4 if _rank(op) > 4 else 1,
    Builtin.SLICE: lambda op: 5 if _rank(op) > 4 else 1,
    Builtin.STRIDED_SLICE: lambda op: 4 if _rank(op) > 4 else 1,
    Builtin.SUB: lambda op: 3 if _broadcasts_high_rank(op) else 1,
    Builtin.TRANSPOSE: _transpose,
}
