"""What a TFLite file takes: bytes or floats, with and without codes."""

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

_SMALL = {"efficientvit_m0": 64, "fastvit_t8": 32}


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
