"""Quantized builds from a name to verified projects: what is proven, what is said about the cost, what apps test."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import edgevit
from edgevit.images.photos import photos
from edgevit.schemas.validation import violations
from edgevit.types import BuildReport, BuildSpec, Head
from edgevit.verification.evaluator import Evaluator
from edgevit.verification.golden import read_golden
from edgevit.verification.judgement import Judgement
from edgevit.verification.outputs import Outputs
from edgevit.verification.record import read_golden_text
from edgevit.verification.subject import EvaluatedPackage

MODEL = "efficientvit_m0"


def _build(out: Path, **options: object) -> BuildReport:
    spec = BuildSpec(MODEL, out=out, weights="random", head=Head.LOGITS, calib_count=4)
    return edgevit.build(replace(spec, **options))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def w8(tmp_path_factory: pytest.TempPathFactory) -> BuildReport:
    return _build(tmp_path_factory.mktemp("w8") / "sdk", quant="w8", keep=("head",))


def test_the_file_is_proven_against_its_codes_and_the_cost_is_stated(w8: BuildReport) -> None:
    verdict, cost = w8.verdict, w8.verdict.cost
    assert verdict.passed
    assert verdict.graph_max_rel is not None
    assert verdict.graph_max_rel < 1e-5
    assert verdict.rounding_max_rel is not None
    assert verdict.rounding_max_rel < 1e-4
    assert cost is not None
    assert 10 < cost.psnr_db < verdict.psnr_db - 5
    assert len(cost.inputs) == len(verdict.inputs)


def test_what_was_quantized_is_reported(w8: BuildReport) -> None:
    (part,) = w8.platforms
    report = part.quantization
    assert report is not None
    assert report.scheme == "w8"
    assert report.bytes_stored < 0.6 * report.bytes_half
    assert report.sqnr_db is not None
    assert 10 < report.sqnr_db < 60
    assert any(row.parameter == "head.weight" and row.reason == "kept as asked" for row in report.skipped)


def test_the_project_says_the_same(w8: BuildReport) -> None:
    config = json.loads((w8.artifact.path.parent / "edgevit.json").read_text())
    schema = json.loads((files("edgevit.schemas") / "edgevit-sdk-1.schema.json").read_text())
    assert violations(config, schema) == []
    assert config["quantization"]["scheme"] == "w8"
    assert config["quantization"]["photos_psnr_db"] == pytest.approx(w8.verdict.cost.psnr_db)  # type: ignore[union-attr]
    text = (w8.sdk / "README.md").read_text()
    assert "Cost of quantization" in text
    assert "w8 in " in text


def test_it_verifies_again_within_the_tolerances_of_a_plain_file(w8: BuildReport) -> None:
    again = edgevit.verify(w8.sdk)
    assert again.passed
    assert again.psnr_db > 50


def test_a_self_test_sees_mistakes_that_are_smaller_than_the_cost_of_a_scheme(w8: BuildReport) -> None:
    """Golden outputs are those of the quantized network, so that a mistake in the pixels has nowhere to hide."""
    package = EvaluatedPackage(Evaluator(w8.artifact.path), Head.LOGITS, w8.spec.preprocessing)
    golden = read_golden_text(package.evaluator.package)
    assert golden is not None
    expected = read_golden(golden, Head.LOGITS, ["logits"])
    photo = photos()[0]
    pixels = photo.pixels(w8.spec.input_size, w8.spec.preprocessing)
    tolerance = w8.verdict.budget["psnr_db"] - 10  # as the apps' self-test has it
    nearest = Image.open(photo.path).convert("RGB").resize((pixels.shape[1], pixels.shape[0]), Image.Resampling.NEAREST)
    assert _psnr(expected[photo.name][1], package.run(pixels)) > tolerance
    for wrong in (pixels[..., ::-1], pixels[:, ::-1], np.asarray(nearest)):
        assert _psnr(expected[photo.name][1], package.run(np.ascontiguousarray(wrong))) < tolerance


def _psnr(expected: Outputs, actual: Outputs) -> float:
    from edgevit.verification.budgets import NO_BUDGET

    judgement = Judgement(NO_BUDGET)
    judgement.add("photo", expected, actual)
    return judgement.figures[0].psnr_db


def test_activations_in_8_bits(tmp_path: Path) -> None:
    events: list[str] = []
    spec = BuildSpec(MODEL, out=tmp_path / "sdk", weights="random", head=Head.LOGITS, quant="w8a8", calib_count=4)
    report = edgevit.build(spec, on_event=lambda e: events.append(e.message) if e.kind == "warning" else None)
    assert report.artifact.minimum_os == "iOS 17"
    assert report.artifact.ops["quantize"] > 50
    assert any("first look only" in text for text in (*events, *report.warnings))
    assert report.verdict.cost is not None
    assert report.verdict.cost.psnr_db > 10
    assert edgevit.verify(report.sdk).passed


def test_the_speed_of_a_tflite_file_is_measured_and_not_shipped(tmp_path: Path) -> None:
    """Timings differ from run to run; an app's files must not."""
    spec = BuildSpec(
        "efficientvit_m0", tmp_path / "sdk", ios=False, android=True, weights="random", num_classes=10, input_size=64,
        quant="w8", calib_count=2,
    )  # fmt: skip
    report = edgevit.build(spec)
    quantization = report.platforms[0].quantization
    assert quantization is not None
    assert quantization.speed is not None
    assert 0.3 < quantization.speed < 3.0
    assert report.stage_seconds["speed"] > 0.0
    (manifest,) = report.sdk.rglob("edgevit.json")
    assert "speed" not in json.loads(manifest.read_text())["quantization"]
