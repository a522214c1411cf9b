"""Verdicts: a good package passes, and each kind of wrong package fails for its own reason."""

from __future__ import annotations

import copy
import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from edgevit.images.photos import photos
from edgevit.types import Head, Precision, Verdict
from edgevit.verification.budgets import budget
from edgevit.verification.judgement import Judgement
from edgevit.verification.outputs import Outputs
from edgevit.verification.package import read_package
from edgevit.verification.verdict import judge
from tests.verification.packages import LABELS, SPEC, Built, build_package


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build_package(tmp_path_factory.mktemp("classifier"))


def verdict_on(
    built: Built, reference: nn.Module | None = None, half: nn.Module | None = None, **options: object
) -> Verdict:
    return judge(
        built.artifact,
        spec=SPEC,
        head=built.head,
        reference=reference or built.reference,
        half_reference=half or built.half_reference,
        twin=built.twin,
        photos=photos()[:2],
        **options,  # type: ignore[arg-type]
    )


def scaled(module: nn.Module, factor: float) -> nn.Module:
    """Return a copy whose classifier or last layer is scaled."""
    clone = copy.deepcopy(module)
    layers = [layer for layer in clone.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    with torch.no_grad():
        layers[-1].weight.mul_(factor)
    return clone


def test_a_good_classifier_passes_with_all_its_figures(classifier: Built) -> None:
    verdict = verdict_on(classifier, labels=LABELS)
    assert verdict.failures == ()
    assert verdict.passed
    assert verdict.graph_max_rel is not None
    assert verdict.graph_max_rel < 2e-6
    assert verdict.rounding_max_rel is not None
    assert verdict.rounding_max_rel < 1e-5
    assert 60 < verdict.psnr_db < 110
    assert [metrics.name for metrics in verdict.inputs] == ["astronaut", "chelsea", "structured noise"]
    assert verdict.artifact_sha256 == classifier.artifact.sha256
    assert "fp16 rounding" in verdict.runtime


@pytest.mark.parametrize("head", [Head.LOGITS, Head.EMBEDDING, Head.FEATURES])
def test_every_head_is_judged_on_all_its_outputs(head: Head, tmp_path: Path) -> None:
    verdict = verdict_on(build_package(tmp_path, head, labels=None))
    assert verdict.failures == ()
    assert len(verdict.inputs) == 3 * (4 if head is Head.FEATURES else 1)


@pytest.mark.parametrize("ios", [15, 17, 18])
def test_every_generation_of_the_format_is_read(ios: int, tmp_path: Path) -> None:
    built = build_package(tmp_path, ios=ios)
    verdict = verdict_on(built)
    assert verdict.failures == ()
    assert read_package(built.artifact.path).minimum_os == f"iOS {ios}"


def test_a_float32_package_is_its_own_twin(tmp_path: Path) -> None:
    built = build_package(tmp_path, Head.LOGITS, Precision.FP32, labels=None)
    verdict = judge(built.artifact, spec=SPEC, head=built.head, reference=built.reference, photos=photos()[:1])
    assert verdict.passed
    assert verdict.psnr_db > 110
    assert "float32" in verdict.runtime


def test_a_wrong_graph_fails_although_its_psnr_is_fine(classifier: Built) -> None:
    verdict = verdict_on(classifier, scaled(classifier.reference, 1 + 5e-5))
    assert verdict.psnr_db > 60
    assert len(verdict.failures) == 1
    assert "graph" in verdict.failures[0]


def test_wrong_weights_fail(classifier: Built) -> None:
    verdict = verdict_on(classifier, half=scaled(classifier.half_reference, 1.01))
    assert [failure for failure in verdict.failures if "weights" in failure]


def test_low_fidelity_fails_on_every_input(classifier: Built) -> None:
    verdict = verdict_on(classifier, scaled(classifier.reference, 1.5))
    assert not verdict.passed
    assert sum("PSNR" in failure for failure in verdict.failures) == 3


def test_swapped_labels_fail(classifier: Built) -> None:
    wanted = (LABELS[1], LABELS[0], *LABELS[2:])
    (failure,) = verdict_on(classifier, labels=wanted).failures
    assert "2 labels differ, first class 0" in failure


def test_swapped_classes_fail(classifier: Built) -> None:
    class Swapped(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return classifier.reference(x).flip(-1)  # type: ignore[no-any-return]

    failures = verdict_on(classifier, Swapped()).failures
    assert any("largest output" in failure for failure in failures)
    assert any("probability differs" in failure for failure in failures)


def test_the_range_report_names_every_operation(classifier: Built) -> None:
    report = verdict_on(classifier).range_report
    rows = report["operations"]
    assert isinstance(rows, list)
    assert {"conv", "gelu", "softmax"} <= {row["op"] for row in rows}
    assert all(row["stress"] > 0 for row in rows)
    assert report["overflows"] == {"photographs": [], "stress": []}


def test_values_that_overflow_are_named_and_fail(tmp_path: Path) -> None:
    built = build_package(tmp_path, Head.EMBEDDING, labels=None, gain=1e6)
    verdict = judge(built.artifact, spec=SPEC, head=Head.EMBEDDING, reference=built.reference, photos=photos()[:1])
    assert any("fp16's range" in failure for failure in verdict.failures)
    overflows = verdict.range_report["overflows"]
    assert isinstance(overflows, dict)
    assert overflows["photographs"]


def outputs(*values: float, label: str | None = None) -> Outputs:
    logits = np.array(values)
    probabilities = np.exp(logits) / np.exp(logits).sum()
    return Outputs({"probabilities": logits}, probabilities, label)


def judgement() -> Judgement:
    return Judgement(budget("fastvit", Precision.FP16, Head.PROBABILITIES))


def test_logits_are_compared_up_to_a_constant() -> None:
    judged = judgement()
    judged.add("x", outputs(1.0, 2.0, 4.0), outputs(8.0, 9.0, 11.0))
    verdict = judged.verdict(artifact_sha256="", runtime="")
    assert verdict.passed
    assert verdict.max_abs < 1e-12


def test_probabilities_that_underflow_are_left_out() -> None:
    judged = judgement()
    reference = dataclasses.replace(outputs(0.0, 1.0, 2.0), values={"probabilities": np.array([0.0, 1.0, -math.inf])})
    judged.add("x", reference, outputs(0.0, 1.0, 2.0))
    assert judged.verdict(artifact_sha256="", runtime="").inputs[0].psnr_db == math.inf


def test_a_label_that_is_not_the_most_probable_class_fails() -> None:
    judged = judgement()
    judged.add("x", outputs(1.0, 2.0, 4.0), outputs(1.0, 2.0, 4.0, label="b"), ["a", "b", "c"])
    (failure,) = judged.verdict(artifact_sha256="", runtime="").failures
    assert "'b'" in failure


def test_a_narrow_lead_may_be_lost_but_a_clear_one_may_not() -> None:
    narrow, clear = judgement(), judgement()
    narrow.add("x", outputs(0.0, 9.9999, 10.0), outputs(0.0, 10.0, 9.9999))
    clear.add("x", outputs(0.0, 9.0, 10.0), outputs(0.0, 10.0, 9.0))
    assert narrow.verdict(artifact_sha256="", runtime="").passed
    assert any("largest output" in failure for failure in clear.verdict(artifact_sha256="", runtime="").failures)


def test_nothing_compared_is_no_pass() -> None:
    verdict = judgement().verdict(artifact_sha256="", runtime="")
    assert not verdict.passed
    assert verdict.psnr_db == -math.inf


@pytest.mark.parametrize(("count", "passes"), [(10, True), (1000, False)])
def test_few_outputs_span_less_and_may_be_noisier(count: int, passes: bool) -> None:
    reference = np.linspace(0.0, 1.0, count)
    noise = 10 ** (-67 / 20) * np.where(np.arange(count) % 2, 1.0, -1.0)
    judgement = Judgement(budget("fastvit", Precision.FP16, Head.LOGITS))
    judgement.add("image", Outputs({"logits": reference}), Outputs({"logits": reference + noise}))
    verdict = judgement.verdict(artifact_sha256="ab", runtime="none")
    assert verdict.psnr_db == pytest.approx(67.0, abs=0.1)
    assert verdict.passed is passes
