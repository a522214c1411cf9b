"""The last step of every verdict: the file with its own rounding, on photographs and on stress images."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from edgevit.images.noise import stress_images
from edgevit.types import Precision, Size
from edgevit.verification.cost import CostMeter
from edgevit.verification.evaluator import Rounding
from edgevit.verification.judgement import Judgement
from edgevit.verification.outputs import Outputs
from edgevit.verification.range_guard import PHOTOGRAPHS, STRESS, RangeGuard
from edgevit.verification.range_report import range_failures, range_report
from edgevit.verification.subject import EvaluatedPackage, Subject

__all__ = ["judge_evaluated", "judge_outputs"]

Images = Mapping[str, NDArray[np.uint8]]

_STRESS_NAMES = ("white", "binary", "checker8")
"""Black is left out: its centred pixels are smaller than white's. So is the finest board: binary noise contains it."""


def judge_outputs(
    judgement: Judgement,
    subject: Subject,
    images: Images,
    expected: Callable[[str], Outputs],
    guard: RangeGuard,
    *,
    cost: CostMeter | None = None,
) -> None:
    """Judge what a file computes on images.

    Args:
        judgement: Receives the figures and failures.
        subject: Runs the file.
        images: Name -> pixels (H, W, 3).
        expected: Returns what PyTorch computes on an image, by name.
        guard: Sees every operation, where the runtime shows them.
        cost: Is told the outputs as well.
    """
    for name, pixels in images.items():
        actual = subject.run(pixels, guard.watch(PHOTOGRAPHS))
        judgement.add(name, expected(name), actual, subject.labels)
        if cost is not None:
            cost.add(name, actual)


def judge_evaluated(
    judgement: Judgement,
    package: EvaluatedPackage,
    *,
    precision: Precision,
    images: Images,
    expected: Callable[[str], Outputs],
    size: Size,
    cost: CostMeter | None = None,
) -> tuple[str, dict[str, object]]:
    """Judge a package in the evaluator with the rounding of its precision, and guard its range.

    Args:
        judgement: Receives the figures and failures.
        package: What is run, with any rounding.
        precision: fp16 files are rounded after every operation.
        images: Name -> pixels (H, W, 3).
        expected: Returns what PyTorch computes on an image, by name.
        size: Of the stress images.
        cost: Is told the outputs on ``images``.

    Returns:
        What ran the file, and the range report.
    """
    device = package.with_rounding(Rounding.HALF if precision is Precision.FP16 else Rounding.NONE)
    guard = RangeGuard()
    judge_outputs(judgement, device, images, expected, guard, cost=cost)
    for name, pixels in stress_images(size).items():
        if name in _STRESS_NAMES:
            device.run(pixels, guard.watch(STRESS))
    judgement.fail(*range_failures(guard, package.evaluator.plan.constants))
    return device.runtime, range_report(guard, package.evaluator)
