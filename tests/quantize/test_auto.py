"""The search for the smallest network within a budget."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from edgevit.errors import ParityError, UsageError
from edgevit.quantize.auto import WEIGHTS_ONLY, auto, searched_schemes
from edgevit.quantize.cost import weight_bytes
from edgevit.quantize.schemes import get_scheme
from edgevit.quantize.sensitivity import Evidence
from edgevit.types import AdaptedModel, Event, Head
from tests.quantize.networks import small
from tests.quantize.pictures import images, opinionated

PIXELS = images(24, seed=5)
SCHEMES = [get_scheme("w8"), get_scheme("pal4")]


def fragile() -> AdaptedModel:
    return opinionated(PIXELS, outliers=40.0)


@pytest.fixture(scope="module")
def truth() -> list[int]:
    return [int(row.argmax()) for row in Evidence(fragile(), PIXELS)._answers]


def test_the_budget_is_kept_and_more_of_it_buys_more(truth: list[int]) -> None:
    tight, wide = (auto(fragile(), "mlpackage", PIXELS, truth, max_drop=d, schemes=SCHEMES) for d in (0.0, 100.0))
    assert tight.best.drop <= 0.0
    assert tight.worthwhile
    assert tight.best.bytes <= 0.6 * tight.bytes_half
    assert wide.best.bytes < tight.best.bytes
    assert set(wide.chosen.values()) == {"pal4"}
    assert tight.measured == "top-1 accuracy"


def test_the_result_is_what_was_measured(truth: list[int]) -> None:
    model = fragile()
    found = auto(model, "mlpackage", PIXELS, truth, max_drop=5.0, schemes=SCHEMES)
    evidence = Evidence(model, PIXELS, truth)
    fidelity = evidence.of(found.quantized)
    assert fidelity == found.best.fidelity
    source = evidence.of_source()
    assert source.accuracy is not None
    assert fidelity.accuracy is not None
    assert found.best.drop == pytest.approx(100 * (source.accuracy - fidelity.accuracy))
    assert found.best.bytes == weight_bytes(found.quantized)
    assert found.bytes_half == sum(2 * p.numel() for n, p in model.module.named_parameters() if n.endswith("weight"))


def test_it_is_never_larger_than_one_scheme_for_all_within_the_budget(truth: list[int]) -> None:
    found = auto(fragile(), "mlpackage", PIXELS, truth, max_drop=20.0, schemes=SCHEMES)
    for scheme in SCHEMES:
        alone = auto(fragile(), "mlpackage", PIXELS, truth, max_drop=100.0, schemes=[scheme]).best
        assert alone.drop > 20.0 or found.best.bytes <= alone.bytes


def test_without_labels_the_budget_is_of_agreement() -> None:
    found = auto(fragile(), "mlpackage", PIXELS, max_drop=0.0, schemes=SCHEMES)
    assert found.measured == "agreement with the source"
    assert found.best.fidelity.agreement == 1.0
    assert any("Without labels" in note for note in found.notes)
    assert any("4.17 points" in note for note in found.notes), "24 images cannot resolve less"


def test_not_worth_it_is_an_answer() -> None:
    found = auto(small(), "mlpackage", PIXELS, max_drop=100.0, schemes=[])
    assert not found.worthwhile
    assert found.quantized.scheme == "fp16"
    assert any(note.startswith("Not worth it") for note in found.notes)


def test_a_budget_that_half_precision_misses_is_impossible() -> None:
    model = small()
    with torch.no_grad():
        weight = model.module.get_submodule("classifier").get_parameter("weight")
        weight.copy_(weight[:1] * (1 + 1e-5 * torch.arange(10.0)[:, None]))
        bias = model.module.get_submodule("classifier").get_parameter("bias")
        bias.copy_(torch.linspace(1e-6, 0.0, 10))
    with pytest.raises(ParityError, match="No assignment keeps within 0 points") as caught:
        auto(model, "mlpackage", PIXELS, max_drop=0.0, schemes=SCHEMES)
    assert caught.value.exit_status == 7
    assert "Half precision alone" in caught.value.why


def test_integer_arithmetic_counts_as_saving() -> None:
    found = auto(small(), "mlpackage", PIXELS, max_drop=100.0, schemes=[get_scheme("w8a8")])
    assert set(found.chosen.values()) == {"w8a8"}
    assert set(found.quantized.inputs) == set(found.chosen)
    names = {row.scheme for row in found.rows}
    assert names == {"w8a8", "w8a8" + WEIGHTS_ONLY}


def test_progress_is_told() -> None:
    events: list[Event] = []
    auto(small(), "mlpackage", images(2), max_drop=100.0, schemes=SCHEMES, on_event=events.append)
    stages = [event.stage for event in events]
    assert {"quantize", "sensitivity", "search"} <= set(stages)
    fractions = [event.fraction for event in events if event.stage == "sensitivity"]
    assert fractions[-1] == 1.0


@pytest.mark.parametrize("head", [Head.EMBEDDING, Head.FEATURES])
def test_only_classifiers_have_points(head: Head) -> None:
    with pytest.raises(UsageError, match="needs a classifier"):
        auto(dataclasses.replace(small(), head=head), "mlpackage", PIXELS)


@pytest.mark.parametrize("budget", [-0.1, np.nan])
def test_a_budget_is_not_negative(budget: float) -> None:
    with pytest.raises(UsageError, match="cannot be allowed"):
        auto(small(), "mlpackage", PIXELS, max_drop=budget)


def test_schemes_that_are_searched_by_default() -> None:
    names = [scheme.name for scheme in searched_schemes("mlpackage")]
    assert {"w8", "pal6", "pal4"} <= set(names)
    assert "w8a8" not in names
    assert "fp16" not in names
    assert not {"w4-block32", "pal4-grouped"} & {scheme.name for scheme in searched_schemes("mlpackage", 16)}
    # All layers of a file quantize activations or none does; these are as small as w8, and faster.
    assert {scheme.name for scheme in searched_schemes("tflite")} == {"dyn8", "w4-block"}


def test_schemes_with_dynamic_activations_are_mixed() -> None:
    found = auto(fragile(), "tflite", PIXELS, max_drop=100.0)
    assert set(found.chosen.values()) <= {"dyn8", "w4-block"}
    assert found.worthwhile
    fmt = found.quantized.form.activations
    assert fmt is not None
    assert fmt.dynamic
    assert any(encoding.bits == 4 for encoding in found.quantized.encodings.values())
