"""Lowerings, one module an operator group. Importing this package registers them all."""

from __future__ import annotations

from edgevit.backends.tflite.ops import (
    activation,
    convolution,
    elementwise,
    joining,
    matmul,
    normalization,
    pooling,
    reduction,
    shape,
    slicing,
    storage,
)

__all__ = [
    "activation",
    "convolution",
    "elementwise",
    "joining",
    "matmul",
    "normalization",
    "pooling",
    "reduction",
    "shape",
    "slicing",
    "storage",
]
