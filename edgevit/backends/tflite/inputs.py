"""The file's inputs and outputs: what an app hands in and gets back, and the exact arithmetic between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgevit.backends.tflite.builtins import Builtin
from edgevit.backends.tflite.graph import DType, Tensor
from edgevit.backends.tflite.layout import NHWC, Value, permutation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edgevit.backends.tflite.emitter import Emitter
    from edgevit.backends.tflite.graph import Array

__all__ = ["InputSpec", "make_input", "make_outputs"]


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input of the file.

    Attributes:
        name: Its name in the signature.
        channels_last: The file's input is (N, H, W, C) where the network's is (N, C, H, W).
        dtype: ``UINT8`` or ``FLOAT32``.
        offset: Subtracted from each channel, in float32, before anything else; empty for nothing.
        scale: Multiplied with each channel after that; empty for nothing. Both need ``channels_last``.
    """

    name: str
    channels_last: bool = False
    dtype: DType = DType.FLOAT32
    offset: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()


def make_input(e: Emitter, spec: InputSpec, shape: Sequence[int]) -> tuple[Tensor, Value]:
    """Return the file's input tensor, and the value of the network's input of the given logical shape."""
    order = NHWC if spec.channels_last else tuple(range(len(shape)))
    physical = tuple(int(shape[d]) for d in order)
    outside = Tensor(spec.name, physical, spec.dtype)
    inside = outside
    if spec.dtype is not DType.FLOAT32:
        # Options are left at their defaults: the kernels take the types from the tensors.
        inside = e.emit(Builtin.CAST, [inside], physical)
    for kind, numbers in ((Builtin.SUB, spec.offset), (Builtin.MUL, spec.scale)):
        if numbers:
            inside = e.emit(kind, [inside, e.constant(_row(numbers, physical))], physical)
    return outside, Value(inside, physical, permutation(order))


def _row(numbers: Sequence[float], physical: Sequence[int]) -> Array:
    """Return one number a channel, repeated for a whole row of pixels.

    XNNPACK works along the innermost dimensions that both operands have: three channels alone take ten times as long.
    """
    return np.tile(np.array(numbers, np.float32), (physical[-2], 1))


def make_outputs(e: Emitter, values: Mapping[str, Value], *, channels_last: bool) -> dict[str, Tensor]:
    """Return the file's output tensors by name, each a tensor of its own that an operator writes.

    Args:
        e: Where RESHAPE and TRANSPOSE operators go that bring the outputs to their shapes.
        values: Signature name -> value.
        channels_last: Four-dimensional outputs are (N, H, W, C) where the network's are (N, C, H, W).
    """
    outputs: dict[str, Tensor] = {}
    for name, value in values.items():
        image = channels_last and value.rank == len(NHWC)
        tensor = e.tensor(e.in_order(value, NHWC if image else range(value.rank)))
        if e.producer(tensor) is None or tensor in outputs.values():
            shape = tensor.shape
            tensor = e.emit(Builtin.RESHAPE, [tensor, e.integers(shape)], shape, {"newShape": shape})
        outputs[name] = tensor
    return outputs
