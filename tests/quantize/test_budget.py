"""The quantization stage of a build with a budget."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from edgevit.datasets import CalibrationSet, EvaluationSet
from edgevit.errors import UnsupportedError, UsageError
from edgevit.platforms import ANDROID, IOS, Platform
from edgevit.quantize.sensitivity import Evidence
from edgevit.quantizing import (
    QuantizationImages,
    check_quantization,
    oldest_ios,
    quantized_for,
)
from edgevit.types import BuildSpec, Event, Precision
from tests.quantize.pictures import images, opinionated

PIXELS = images(24, seed=5)
CALIBRATION = CalibrationSet(images(8), "d" * 64, "8 of 8 images in 'here', seed 0", None)


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def request(**options: object) -> BuildSpec:
    return dataclasses.replace(BuildSpec("small", quant="auto"), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("platform", [IOS, ANDROID], ids=["ios", "android"])
def test_auto_mixes_the_schemes_of_each_phone(platform: Platform) -> None:
    model = opinionated(PIXELS, outliers=40.0)
    truth = tuple(int(row.argmax()) for row in Evidence(model, PIXELS)._answers)
    events: list[Event] = []
    found = quantized_for(
        platform,
        model,
        request(max_drop=5.0),
        QuantizationImages(CALIBRATION, EvaluationSet(PIXELS, truth, "24 images")),
        events.append,
    )
    assert found is not None
    assert found.report.search["measured"] == "top-1 accuracy"
    assert found.report.search["max_drop"] == 5.0
    assert found.report.bytes_stored < 0.6 * found.report.bytes_half
    assert found.report.chart.startswith("<svg")
    assert "points of top-1 accuracy on 24 images" in found.report.bought
    json.dumps(dataclasses.asdict(found.report), allow_nan=False)
    names = {name for row in found.report.search["layers"] for name in row["sqnr_db"]}  # type: ignore[attr-defined]
    assert ("pal4" in names) is (platform is IOS)
    assert any("24 is 4.17 points" in event.message for event in events) is False, "5 points can be measured"


def test_a_scheme_with_a_budget_keeps_what_costs_too_much() -> None:
    model = opinionated(PIXELS, outliers=40.0)
    found = quantized_for(
        IOS, model, request(quant="pal4", max_drop=0.0), QuantizationImages(dataclasses.replace(
            CALIBRATION, images=PIXELS
        ), None), lambda _: None,
    )  # fmt: skip
    assert found is not None
    assert {row["chosen"] for row in found.report.search["layers"]} <= {"pal4", "fp16"}  # type: ignore[attr-defined]
    assert found.report.agreement == 1.0


def test_without_a_budget_all_layers_take_the_scheme() -> None:
    model = opinionated(PIXELS)
    found = quantized_for(IOS, model, request(quant="pal4"), QuantizationImages(CALIBRATION, None), lambda _: None)
    assert found is not None
    assert found.report.search == {}
    assert found.report.encoded == 3
    rounded = found.model.encodings["second.weight"].decode()
    source = model.module.get_parameter("second.weight").detach().numpy()
    distances = np.abs(source[..., None] - np.unique(rounded)).min(-1)
    assert (np.abs(rounded - source) > distances + 1e-6).any(), "codes are chosen for the layer, not one by one"


def test_newer_schemes_are_searched_for_newer_phones() -> None:
    model = opinionated(PIXELS)
    seen = QuantizationImages(CALIBRATION, None)
    old, new = (
        quantized_for(IOS, model, request(max_drop=100.0, ios_min=ios), seen, lambda _: None) for ios in (16, 18)
    )
    assert old is not None
    assert new is not None
    assert old.model.form.minimum_os == 16
    assert "w4-block32" in {name for row in new.report.search["layers"] for name in row["sqnr_db"]}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"quant": None, "max_drop": 0.5}, "A budget belongs to quantization"),
        ({"quant": None, "data": Path("x")}, "A budget belongs to quantization"),
        ({"quant": "w8", "data": Path("x")}, "Labelled images are for a budget"),
        ({"keep": ("classifier",)}, "cannot be kept by hand"),
        ({"precision": Precision.FP32}, "no fp32 numbers"),
    ],
)
def test_options_that_contradict_each_other(options: dict[str, object], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        check_quantization(request(**options), [IOS])


def test_auto_is_for_both_phones_and_says_nothing_of_ios() -> None:
    check_quantization(request(), [IOS, ANDROID])
    assert oldest_ios(request()) == 16
    assert oldest_ios(request(ios_min=18)) == 18
    with pytest.raises(UnsupportedError):
        check_quantization(request(quant="pal4"), [ANDROID])
