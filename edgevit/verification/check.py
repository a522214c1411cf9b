"""Verification without weights: a package against the golden outputs that travel with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgevit.errors import UnsupportedError
from edgevit.images.photos import photos
from edgevit.store.digest import tree_digest
from edgevit.types import Verdict
from edgevit.verification.budgets import budget
from edgevit.verification.coreml_runtime import CoreMLPackage
from edgevit.verification.device import judge_evaluated, judge_outputs
from edgevit.verification.evaluator import Evaluator
from edgevit.verification.golden import GoldenOutputs, pixel_digest, read_golden
from edgevit.verification.judgement import Judgement
from edgevit.verification.package import Package, read_package
from edgevit.verification.range_guard import RangeGuard
from edgevit.verification.record import GOLDEN_KEY, Json, ModelRecord, malformed, read_record
from edgevit.verification.subject import EvaluatedPackage

__all__ = ["check_golden"]


def check_golden(path: Path, golden: Json, *, runtime: str = "evaluator") -> Verdict:
    """Return whether a package computes the golden outputs.

    Args:
        path: An ``.mlpackage`` folder that edgevit wrote.
        golden: From :func:`~edgevit.verification.golden.make_golden`.
        runtime: ``evaluator``, or ``coreml`` on macOS.

    Raises:
        ArtifactCorruptError: The package or the golden outputs are damaged.
        UnsupportedError: edgevit did not write the package, or the runtime is not there.
    """
    package = read_package(path)
    evaluator = Evaluator(package)
    record = read_record(package)
    if record is None:
        raise UnsupportedError(
            f"{path.name} does not say which model it is.",
            why="It has no record of edgevit's in its metadata, so there is nothing to compare it with.",
            help="Verify packages that edgevit build wrote; 'edgevit inspect' shows what is in others.",
        )
    evaluated = EvaluatedPackage(evaluator, record.head, record.preprocessing)
    expected = _expected(package, record, golden, evaluated)
    judgement = Judgement(budget(record.family, record.precision, record.head))
    images = _images(record, expected, judgement)
    if runtime == "coreml":
        subject = CoreMLPackage(package, record.head, record.preprocessing)
        judge_outputs(judgement, subject, images, lambda name: expected[name][1], RangeGuard())
        return judgement.verdict(artifact_sha256=tree_digest(path), runtime=subject.runtime)
    ran, report = judge_evaluated(
        judgement,
        evaluated,
        precision=record.precision,
        images=images,
        expected=lambda name: expected[name][1],
        size=record.input_size,
    )
    return judgement.verdict(artifact_sha256=tree_digest(path), runtime=ran, range_report=report)


def _expected(package: Package, record: ModelRecord, golden: Json, evaluated: EvaluatedPackage) -> GoldenOutputs:
    try:
        return read_golden(golden, record.head, evaluated.output_names)
    except (ValueError, KeyError, TypeError) as error:
        raise malformed(package, GOLDEN_KEY) from error


def _images(record: ModelRecord, expected: GoldenOutputs, judgement: Judgement) -> dict[str, NDArray[np.uint8]]:
    """Return the photographs that have golden outputs; others, or photographs that changed, are failures."""
    images: dict[str, NDArray[np.uint8]] = {}
    shipped = {photo.name: photo for photo in photos()}
    for name, (digest, _) in expected.items():
        if name not in shipped:
            judgement.fail(f"There is no photograph '{name}' in this version of edgevit.")
            continue
        pixels = shipped[name].pixels(record.input_size, record.preprocessing)
        if pixel_digest(pixels) != digest:
            judgement.fail(f"The photograph '{name}' has other pixels here than when the package was built.")
            continue
        images[name] = pixels
    if not expected:
        judgement.fail("The package carries no golden outputs.")
    return images
