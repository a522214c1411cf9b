"""What the GPU delegate refuses, or may compute wrongly.

From the sources of TensorFlow Lite's delegate, ``tensorflow/lite/delegates/gpu/common/model_builder.cc`` and its later
form in LiteRT; nothing here was run on a GPU. What the delegate refuses runs on the CPU, with copies on both sides.
"""

from __future__ import annotations

from edgevit.lint.findings import Check, Graph, Level, Processor, Rule
from edgevit.verification.tflite.model import Operator

__all__ = ["GPU_RULES"]

_SOURCE = "TensorFlow Lite GPU delegate, common/model_builder.cc"

# fmt: off
_ACCEPTED = frozenset({
    "ABS", "ADD", "AVERAGE_POOL_2D", "BATCH_MATMUL", "CAST", "CONCATENATION", "CONV_2D", "COS", "CUMSUM",
    "DEPTHWISE_CONV_2D", "DEQUANTIZE", "DIV", "ELU", "EQUAL", "EXP", "FLOOR", "FLOOR_DIV", "FLOOR_MOD",
    "FULLY_CONNECTED", "GATHER", "GELU", "GREATER", "GREATER_EQUAL", "HARD_SWISH", "LEAKY_RELU", "LESS",
    "LESS_EQUAL", "LOG", "LOGICAL_AND", "LOGISTIC", "LSTM", "MAXIMUM", "MAX_POOL_2D", "MEAN", "MINIMUM",
    "MIRROR_PAD", "MUL", "NEG", "NOT_EQUAL", "ONE_HOT", "PACK", "PAD", "POW", "PRELU", "QUANTIZE", "REDUCE_MAX",
    "REDUCE_MIN", "REDUCE_PROD", "RELU", "RELU6", "RELU_N1_TO_1", "RESHAPE", "RESIZE_BILINEAR",
    "RESIZE_NEAREST_NEIGHBOR", "RSQRT", "SELECT_V2", "SIGN", "SIN", "SLICE", "SOFTMAX", "SPACE_TO_DEPTH", "SPLIT",
    "SPLIT_V", "SQRT", "SQUARE", "SQUARED_DIFFERENCE", "STRIDED_SLICE", "SUB", "SUM", "TANH", "TILE", "TRANSPOSE",
    "TRANSPOSE_CONV",
})
# fmt: on
_CASTS = frozenset({"BOOL", "FLOAT32", "FLOAT16", "INT32"})
_ADJOINT_FIELDS = (0, 1)
"""``adj_x`` and ``adj_y`` of ``BatchMatMulOptions``."""


def _unknown(operator: Operator, _: Graph) -> str | None:
    return None if operator.kind in _ACCEPTED else "no GPU kernel"


def _high_rank(operator: Operator, graph: Graph) -> str | None:
    ranks = [len(t.shape) for t in (*operator.inputs, *operator.outputs) if t is not None and not graph.is_fixed(t)]
    return f"{max(ranks)} dimensions" if ranks and max(ranks) > 4 else None


def _cast(operator: Operator, _: Graph) -> str | None:
    types = [t.dtype for t in (*operator.inputs, *operator.outputs) if t is not None]
    return " to ".join(types) if operator.kind == "CAST" and not _CASTS.issuperset(types) else None


def _slice_rank(operator: Operator, _: Graph) -> str | None:
    if operator.kind != "SLICE" or operator.inputs[0] is None:
        return None
    rank = len(operator.inputs[0].shape)
    return f"{rank} dimensions" if rank not in (3, 4) else None


def _adjoint(operator: Operator, _: Graph) -> str | None:
    if operator.kind != "BATCH_MATMUL" or operator.options is None:
        return None
    return "a transposed operand" if any(operator.options.flag(field) for field in _ADJOINT_FIELDS) else None


def _matmul_constant(operator: Operator, graph: Graph) -> str | None:
    if operator.kind != "BATCH_MATMUL":
        return None
    ranks = [len(tensor.shape) for tensor in operator.inputs if tensor is not None and graph.is_fixed(tensor)]
    return f"a constant with {ranks[0]} dimensions" if ranks and ranks[0] != 2 else None


def _rule(name: str, why: str, broken_by: Check) -> Rule:
    return Rule(name, Level.WARNING, Processor.GPU, why, _SOURCE, broken_by)


GPU_RULES = (
    _rule("gpu-operator", "The delegate does not list the operator; it stays on the CPU.", _unknown),
    _rule("gpu-rank", "GPU tensors have batch, height, width and channels: more dimensions are refused.", _high_rank),
    _rule(
        "gpu-cast",
        "Only bool, float and int32 are converted there; it stays on the CPU. A float32 image needs none.",
        _cast,
    ),
    _rule("gpu-slice", "Only tensors of three or four dimensions are sliced there.", _slice_rank),
    _rule("gpu-matmul-constant", "A constant operand must have two dimensions.", _matmul_constant),
    _rule(
        "gpu-matmul-transposed",
        "The older delegate does not read the flag, and so may compute another product: check the outputs on a phone.",
        _adjoint,
    ),
)
"""In the order of reports."""
