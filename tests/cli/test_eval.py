from __future__ import annotations

from pathlib import Path

import pytest

from edgevit.evaluation.evaluate import Evaluation
from edgevit.evaluation.figures import ClassAccuracy, Confusion
from tests.cli.conftest import Run

MEASURED = Evaluation(
    model="fastvit_t8 (model.tflite)",
    runtime="LiteRT, CPU",
    sha256="ab" * 32,
    data="val, 200 images",
    data_sha256="cd" * 32,
    images=200,
    top1=0.925,
    top1_interval=(0.88, 0.95),
    top5=0.99,
    classes=(ClassAccuracy("cat", 100, 0.95), ClassAccuracy("dog", 100, 0.9)),
    confusions=(Confusion("dog", "cat", 10),),
    seconds=12.0,
    known=50,
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """Let every measurement give :data:`MEASURED`, and note what was asked."""
    calls: list[dict[str, object]] = []

    def evaluate(model: str, data: Path, **options: object) -> Evaluation:
        calls.append({"model": model, "data": data, **options})
        return MEASURED

    monkeypatch.setattr("edgevit.evaluation.evaluate.evaluate", evaluate)
    return calls


@pytest.mark.usefixtures("asked")
def test_people_see_figures_and_programs_get_them(edgevit: Run) -> None:
    shown = edgevit("eval", "model.tflite", "--data", "val")
    assert shown.status == 0
    for text in ("92.50 %", "88.00 % to 95.00 %", "99.00 %", "dog", "90.00 %", "50 of 200"):
        assert text in shown.out
    data = edgevit("eval", "model.tflite", "--data", "val", "--json").data
    assert data["schema"] == "edgevit-eval/1"
    assert data["top1"] == 0.925
    assert data["confusions"] == [{"label": "dog", "predicted": "cat", "count": 10}]


def test_options_reach_the_library(edgevit: Run, asked: list[dict[str, object]]) -> None:
    edgevit("eval", "m", "--data", "d", "--limit", "7", "--jobs", "3", "--input-size", "64", "--weights", "w.pth")
    assert asked[0]["limit"] == 7
    assert asked[0]["jobs"] == 3
    assert asked[0]["input_size"] == (64, 64)
    assert asked[0]["weights"] == "w.pth"


def test_a_misspelt_model_is_answered_with_the_nearest(edgevit: Run, tmp_path: Path) -> None:
    result = edgevit("eval", "fastvit_t9", "--data", tmp_path)
    assert result.status == 2
    assert "Did you mean fastvit_t8" in result.err


def test_images_are_needed(edgevit: Run) -> None:
    result = edgevit("eval", "fastvit_t8")
    assert result.status == 2
    assert "--data" in result.err
