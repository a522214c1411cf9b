"""Operators that concern PyTorch's storage or training only, and write nothing."""

from __future__ import annotations

import torch

from edgevit.backends.tflite.emitter import Emitter, Refusal
from edgevit.backends.tflite.layout import Value
from edgevit.backends.tflite.registry import lowers

__all__: list[str] = []

_UNCHANGED = (
    "aten.alias.default",
    "aten.clone.default",
    "aten.contiguous.default",
    "aten.detach.default",
    "aten.detach_.default",
    "aten.lift_fresh_copy.default",
)


@lowers(*_UNCHANGED)
def unchanged(e: Emitter, x: Value, memory_format: torch.memory_format | None = None) -> Value:
    """Operators that only concern PyTorch's own storage."""
    del e, memory_format
    return x


@lowers("aten.dropout.default", "aten.dropout_.default")
def dropout(e: Emitter, x: Value, p: float, train: bool) -> Value:
    """Nothing, in a network in eval mode."""
    del e, p
    if train:
        raise Refusal("dropout is active: put the network in eval mode")
    return x


@lowers("aten.to.dtype", "aten._to_copy.default", "aten.to.dtype_layout", "aten.to.device")
def to(e: Emitter, x: Value, *args: object, **kwargs: object) -> Value:
    """A conversion to float32, which every value has already."""
    del e
    dtypes = [arg for arg in (*args, *kwargs.values()) if isinstance(arg, torch.dtype)]
    if any(dtype is not torch.float32 for dtype in dtypes):
        raise Refusal(f"values are float32 throughout, not {dtypes[0]}")
    return x
