"""Which operations should stay in float32 because half precision may not hold what they compute."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edgevit.types import Head, Preprocessing
from edgevit.verification.evaluator import Evaluator
from edgevit.verification.ops.registry import Value
from edgevit.verification.plan import Plan, Step
from edgevit.verification.range_guard import NEAR, PHOTOGRAPHS, RangeGuard
from edgevit.verification.subject import EvaluatedPackage

__all__ = ["Island", "find_islands"]

_ALWAYS_FLOAT32 = ("cast", "classify")
"""Operators that have no half-precision form of their own."""


@dataclass(frozen=True, slots=True)
class Island:
    """An operation that should compute in float32.

    Attributes:
        value: Name of its first result.
        op: Operator type.
        reason: For people, for example ``its result reaches 120000``.
    """

    value: str
    op: str
    reason: str


def find_islands(
    twin: Path, images: Sequence[NDArray[np.uint8]], head: Head, preprocessing: Preprocessing
) -> tuple[Island, ...]:
    """Return the operations that come within a quarter of half precision's range on images, in order of execution.

    Counted are results, the terms of sums inside an operation, constants, and what an operation reads, since a value
    beyond the range must not be handed on in half precision either.

    Args:
        twin: Package of the same graph in float32: there, values have not overflowed yet.
        images: Pixels (H, W, 3) at the network's input size.
        head: What the package returns.
        preprocessing: Of the network.

    Raises:
        ArtifactCorruptError: The package cannot be read.
    """
    package = EvaluatedPackage(Evaluator(twin), head, preprocessing)
    guard = RangeGuard()
    for pixels in images:
        package.run(pixels, guard.watch(PHOTOGRAPHS))
    return tuple(_islands(package.evaluator.plan, guard.near_values(), guard.near_sums()))


def _islands(plan: Plan, values: Mapping[str, float], sums: Mapping[str, float]) -> Iterator[Island]:
    for step in plan.steps:
        reason = "" if step.type in _ALWAYS_FLOAT32 else _reason(step, values, sums)
        if reason:
            yield Island(step.outputs[0].name, step.type, reason)


def _reason(step: Step, values: Mapping[str, float], sums: Mapping[str, float]) -> str:
    """Return why a step should stay in float32, or nothing."""
    for output in step.outputs:
        if output.name in values:
            return f"its result reaches {values[output.name]:.0f}"
        if output.name in sums:
            return f"sums inside it may reach {sums[output.name]:.0f}"
    read = next((name for name in step.reads() if name in values), None)
    if read is not None:
        return f"it reads '{read}', which reaches {values[read]:.0f}"
    constant = max((_largest(value) for value in step.arguments.values()), default=0.0)
    return f"a constant of it is {constant:.0f}" if constant > NEAR else ""


def _largest(value: Value) -> float:
    """Return the largest magnitude of a floating-point constant; 0 for anything else."""
    if isinstance(value, list):
        return max((_largest(item) for item in value), default=0.0)
    if not isinstance(value, Tensor) or not value.is_floating_point() or value.numel() == 0:
        return 0.0
    largest = float(torch.maximum(-value.amin(), value.amax()))
    return largest if math.isfinite(largest) else 0.0
