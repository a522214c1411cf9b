"""What is compared: the outputs of a network or a file as float64 arrays that mean the same on both sides.

Probabilities are compared as centred log-probabilities, ``log p - mean(log p)``, which equal the logits minus their
mean. Softmax would hide errors (a confident network's 999 small probabilities vanish beside the large one), and in
fp16 it makes them up (probabilities below 6e-5 are subnormal). On the file's side the softmax's own input is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from torch import Tensor

from edgevit.types import Head
from edgevit.verification.metrics import Vector

__all__ = ["KEPT", "Network", "Outputs", "pairs", "reference_outputs", "sampled"]

_SMALLEST_PROBABILITY = 1e-30
"""Probabilities below are near float32's end; their logarithm says nothing, so they are left out on both sides."""


KEPT = 4096
"""Elements that are kept of a golden output: all logits of ImageNet-1k, a sample of a feature map."""

Network: TypeAlias = "Callable[[Tensor], Tensor | tuple[Tensor, ...]]"
"""Takes float32 (1, 3, H, W) and returns what the head says."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Outputs on one input.

    Attributes:
        values: Name -> array that is compared; for classifiers the logits, up to a constant.
        probabilities: Class probabilities (classes,), for classifiers.
        label: The label that the file gives, where it gives one.
        is_sampled: The arrays hold what :func:`sampled` keeps of them.
    """

    values: Mapping[str, Vector]
    probabilities: Vector | None = None
    label: str | None = None
    is_sampled: bool = False


def pairs(reference: Outputs, actual: Outputs) -> Iterator[tuple[str, Vector, Vector]]:
    """Yield the name of each output and its value on both sides, logits of classifiers centred."""
    for name, expected in reference.values.items():
        computed = sampled(actual.values[name]) if reference.is_sampled else actual.values[name]
        if reference.probabilities is not None and expected.shape == computed.shape:
            known = np.isfinite(expected)
            yield name, _centred(expected[known]), _centred(computed[known])
        else:
            yield name, expected, computed


def sampled(values: Vector) -> Vector:
    """Return the elements that golden outputs keep, flattened: all, or :data:`KEPT` evenly spread ones.

    Of n elements, the i-th kept one is ``i * n // KEPT``.
    """
    flat = values.ravel()
    return flat if flat.size <= KEPT else flat[np.arange(KEPT) * flat.size // KEPT]


def _centred(values: Vector) -> Vector:
    return np.asarray(values - values.mean())


def reference_outputs(result: Tensor | Sequence[Tensor], head: Head, names: Sequence[str]) -> Outputs:
    """Return what a network returned, under the names that the file gives its outputs.

    Args:
        result: Of one image, as ``head`` says; PROBABILITIES are after softmax.
        head: What the network returns.
        names: One name for each tensor; for PROBABILITIES one name for both.
    """
    tensors = [result] if isinstance(result, Tensor) else list(result)
    arrays = [tensor.detach().double().numpy() for tensor in tensors]
    if head is not Head.PROBABILITIES:
        return Outputs(dict(zip(names, arrays, strict=True)))
    probabilities = arrays[0].ravel()
    with np.errstate(divide="ignore"):
        logarithms = np.log(np.where(probabilities >= _SMALLEST_PROBABILITY, probabilities, 0.0))
    return Outputs({names[0]: logarithms}, probabilities)
