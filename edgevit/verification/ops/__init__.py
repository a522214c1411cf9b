"""The operators of MIL that the evaluator runs, one file a group; importing this package registers them all."""

from __future__ import annotations

from edgevit.verification.ops import (
    classification,
    constexpr,
    convolution,
    elementwise,
    linear,
    normalization,
    quantization,
    reduction,
    resize,
    shape,
)

__all__ = [
    "classification",
    "constexpr",
    "convolution",
    "elementwise",
    "linear",
    "normalization",
    "quantization",
    "reduction",
    "resize",
    "shape",
]
