"""What XNNPACK, the CPU's kernels in LiteRT, leaves to slow kernels or does slowly itself."""

from __future__ import annotations

import math

from edgevit.lint.findings import Graph, Level, Processor, Rule
from edgevit.verification.tflite.model import Operator

__all__ = ["CPU_RULES"]

_MEASURED = "measured with LiteRT 2.3 on x86-64"
_DWCONV = "XNNPACK, src/configs/dwconv-config.c: kernels for at most 25 taps, one output a channel"
_MAX_CONCATENATED = 5
_MAX_TAPS = 25


def _computed_weights(operator: Operator, graph: Graph) -> str | None:
    if operator.kind != "FULLY_CONNECTED" or len(operator.inputs) < 2 or graph.is_fixed(operator.inputs[1]):
        return None
    return "weights are computed at run time"


def _many_concatenated(operator: Operator, _: Graph) -> str | None:
    count = len(operator.inputs)
    return f"{count} inputs" if operator.kind == "CONCATENATION" and count > _MAX_CONCATENATED else None


def _depthwise_filter(operator: Operator) -> tuple[int, ...] | None:
    """Return (1, height, width, channels) of a depthwise convolution's filter."""
    if operator.kind != "DEPTHWISE_CONV_2D" or len(operator.inputs) < 2 or operator.inputs[1] is None:
        return None
    shape = operator.inputs[1].shape
    return shape if len(shape) == 4 else None


def _many_taps(operator: Operator, _: Graph) -> str | None:
    shape = _depthwise_filter(operator)
    taps = math.prod(shape[1:3]) if shape else 0
    return f"{taps} taps" if taps > _MAX_TAPS else None


def _multiplier(operator: Operator, _: Graph) -> str | None:
    shape, image = _depthwise_filter(operator), operator.inputs[0] if operator.inputs else None
    if shape is None or image is None or len(image.shape) != 4 or not image.shape[3]:
        return None
    factor = shape[3] // image.shape[3]
    return f"{factor} results a channel" if factor > 1 else None


def _wide_activations(operator: Operator, _: Graph) -> str | None:
    return "int16 activations" if any(t is not None and t.dtype == "INT16" for t in operator.inputs) else None


CPU_RULES = (
    Rule(
        "computed-weights",
        Level.WARNING,
        Processor.CPU,
        "XNNPACK does not take the operator, so the graph falls apart there; a BATCH_MATMUL would stay inside.",
        _MEASURED,
        _computed_weights,
    ),
    Rule(
        "many-concatenated",
        Level.WARNING,
        Processor.CPU,
        "XNNPACK takes at most five inputs; nested concatenations would stay inside.",
        _MEASURED,
        _many_concatenated,
    ),
    Rule(
        "many-taps",
        Level.WARNING,
        Processor.CPU,
        "It runs as a general convolution, five to ten times slower an operation; several dilated ones are faster.",
        _DWCONV,
        _many_taps,
    ),
    Rule(
        "depth-multiplier",
        Level.WARNING,
        Processor.CPU,
        "It runs as a general convolution; one convolution for each result is faster.",
        _DWCONV,
        _multiplier,
    ),
    Rule(
        "int16-activations",
        Level.WARNING,
        Processor.CPU,
        "XNNPACK has no kernels for them: everything runs in reference kernels.",
        _MEASURED,
        _wide_activations,
    ),
)
"""In the order of reports."""
