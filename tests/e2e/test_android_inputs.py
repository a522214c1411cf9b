"""What a TFLite file takes: bytes or floats, one image or several, with and without codes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import edgevit
from edgevit.errors import UsageError
from edgevit.lint.lint import lint
from edgevit.types import BuildReport, BuildSpec, PixelType
from edgevit.verification.tflite.model import read_tflite

_SMALL = {"efficientvit_m0": 64, "fastvit_t8": 32, "sepvit_lite": 224, "nextvit_small": 64}


def _build(name: str, out: Path, **options: object) -> BuildReport:
    request = BuildSpec(
        name, out=out, ios=False, android=True, weights="random", input_size=_SMALL[name], num_classes=10, calib_count=4
    )
    return edgevit.build(replace(request, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "quant"), [("efficientvit_m0", None), ("efficientvit_m0", "w8a8"), ("fastvit_t8", "dyn8")]
)
def test_an_image_of_floats(name: str, quant: str | None, tmp_path: Path) -> None:
    report = _build(name, tmp_path / "sdk", quant=quant, input_type=PixelType.FLOAT32)
    assert report.verdict.passed
    assert read_tflite(report.artifact.path).main.inputs["image"].dtype == "FLOAT32"
    assert edgevit.verify(report.sdk).passed
    config = json.loads((report.artifact.path.parent / "edgevit.json").read_text())
    assert config["input"]["type"] == "float32"
    assert "gpu-cast" not in {finding.rule for finding in lint(report.artifact.path).findings}


def test_an_image_of_floats_needs_an_android_project(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="float32"):
        _build("efficientvit_m0", tmp_path / "sdk", ios=True, android=False, input_type=PixelType.FLOAT32)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "quant", "batch"),
    [
        ("efficientvit_m0", None, 3),
        ("efficientvit_m0", "w8a8", 2),
        ("fastvit_t8", "dyn8", 2),
        pytest.param("sepvit_lite", None, 2, marks=pytest.mark.slow),
        pytest.param("nextvit_small", None, 2, marks=pytest.mark.slow),
    ],
)
def test_several_images_at_once(name: str, quant: str | None, batch: int, tmp_path: Path) -> None:
    report = _build(name, tmp_path / "sdk", quant=quant, batch=batch)
    assert report.verdict.passed
    assert any(f"in place {batch} of {batch}" in metrics.name for metrics in report.verdict.inputs)
    assert read_tflite(report.artifact.path).main.inputs["image"].shape == (batch, _SMALL[name], _SMALL[name], 3)
    assert edgevit.verify(report.sdk).passed
    config = json.loads((report.artifact.path.parent / "edgevit.json").read_text())
    assert (config["input"]["type"], config["input"]["batch"]) == ("uint8", batch)
    checked = lint(report.artifact.path)
    assert checked.partitions == 1
    assert not [finding.rule for finding in checked.findings if finding.rule == "gpu-rank"]


@pytest.mark.parametrize(
    ("options", "said"),
    [({"batch": 2, "ios": True, "android": False}, "--android"), ({"batch": 0}, "64"), ({"batch": 65}, "64")],
)
def test_a_batch_that_makes_no_sense(options: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="batch") as caught:
        _build("efficientvit_m0", tmp_path / "sdk", **options)
    assert said in caught.value.help
    assert list(tmp_path.iterdir()) == []
