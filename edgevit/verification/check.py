"""Verification without weights: a package against the golden outputs that travel with it."""

from __future__ import annotations

from pathlib import Path

from edgevit.store.digest import tree_digest
from edgevit.threads import one_thread
from edgevit.types import Verdict
from edgevit.verification.budgets import quantized_budget
from edgevit.verification.coreml_runtime import CoreMLPackage
from edgevit.verification.device import judge_evaluated, judge_outputs
from edgevit.verification.evaluator import Evaluator
from edgevit.verification.judgement import Judgement
from edgevit.verification.package import read_package
from edgevit.verification.range_guard import RangeGuard
from edgevit.verification.record import Json
from edgevit.verification.recorded import expected_outputs, known_images, required_record
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
    record = required_record(package)
    evaluated = EvaluatedPackage(evaluator, record.head, record.preprocessing)
    expected = expected_outputs(package, record, golden, evaluated.output_names)
    tolerances = quantized_budget(
        record.family, record.precision, record.head, rounds_activations=record.rounds_activations
    )
    judgement = Judgement(tolerances)
    images = known_images(record, expected, judgement)
    if runtime == "coreml":
        subject = CoreMLPackage(package, record.head, record.preprocessing)
        judge_outputs(judgement, subject, images, lambda name: expected[name][1], RangeGuard())
        return judgement.verdict(artifact_sha256=tree_digest(path), runtime=subject.runtime)
    with one_thread():
        ran, report = judge_evaluated(
            judgement,
            evaluated,
            precision=record.precision,
            images=images,
            expected=lambda name: expected[name][1],
            size=record.input_size,
        )
    return judgement.verdict(artifact_sha256=tree_digest(path), runtime=ran, range_report=report)
