from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgevit.errors import ToolMissingError, UsageError
from edgevit.models.registry import resolve
from edgevit.pipeline import build
from edgevit.types import (
    Artifact,
    BuildReport,
    BuildSpec,
    Converter,
    Event,
    EventSink,
    Head,
    InputMetrics,
    PixelType,
    PlatformReport,
    Precision,
    RewriteProof,
    Runtime,
    Verdict,
    WeightsInfo,
)
from tests.cli.conftest import Run

Requests = list[BuildSpec]

NOTE = "Random weights: predictions mean nothing. The hub cannot be reached."


def _report(spec: BuildSpec, *, trained: bool = False) -> BuildReport:
    sdk = Path("fastvit_t8-ios")
    weights = WeightsInfo("random", "seed 0", "0" * 64, trained=trained, note="" if trained else NOTE)
    metrics = InputMetrics("coffee", 1e-4, 2e-4, float("inf"), 0.999999, True)
    artifact = Artifact(
        sdk / "Model.mlpackage", "mlpackage", Precision.FP16, "ab" * 32, 8_050_000, {"conv": 40}, "iOS 16"
    )
    verdict = Verdict(
        "ab" * 32, "edgevit evaluator", True, 3e-7, 8e-4, float("inf"), 0.999999, 1e-4, 1.0, {}, (metrics,)
    )
    rewrites = (RewriteProof("channel-first", "no transposes", 4, 1e-15),)
    names = [name for name in ("ios", "android") if getattr(spec, name)]
    return BuildReport(
        spec=resolve(spec.model),
        weights=weights,
        sdk=sdk,
        artifact=artifact,
        verdict=verdict,
        fold_max_rel_error=2e-15,
        rewrites=rewrites,
        platforms=tuple(PlatformReport(name, Path(f"x-{name}"), artifact, verdict, rewrites) for name in names),
        stage_seconds={"weights": 0.5, "convert": 4.0},
        warnings=("iOS 16 was raised to 17.",) if trained else (f"FastViT-T8: {NOTE}",),
    )


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    """Record what the command asks of the pipeline, which answers with a report at once."""
    asked: Requests = []

    def build(spec: BuildSpec, *, on_event: EventSink | None = None) -> BuildReport:
        asked.append(spec)
        if on_event is not None:
            on_event(Event("weights", "start", "Loading"))
            on_event(Event("weights", "warning", NOTE))
            on_event(Event("weights", "end", "Loading", seconds=0.5))
        return _report(spec)

    monkeypatch.setattr("edgevit.pipeline.build", build)
    return asked


def test_the_defaults_are_those_of_the_python_face(edgevit: Run, requests: Requests) -> None:
    assert edgevit("build", "fastvit_t8", "--ios").status == 0
    assert requests == [BuildSpec("fastvit_t8")]


def test_every_option_arrives(edgevit: Run, requests: Requests) -> None:
    options = (
        "--weights w.pth --out sdk --input-size 256x192 --num-classes 7 --labels l.txt --head logits --precision fp32 "
        "--ios-min 17 --seed 5 --skip-rewrite one --skip-rewrite two"
    )
    assert edgevit("build", "nextvit_small", "--ios", *options.split()).status == 0
    assert requests == [
        BuildSpec(
            model="nextvit_small",
            out=Path("sdk"),
            weights="w.pth",
            num_classes=7,
            input_size=(256, 192),
            head=Head.LOGITS,
            precision=Precision.FP32,
            ios_min=17,
            labels=Path("l.txt"),
            seed=5,
            skip_rewrites=("one", "two"),
        )
    ]


def test_an_older_runtime(edgevit: Run, requests: Requests) -> None:
    edgevit("build", "fastvit_t8", "--android", "--runtime", "tflite-2.14")
    assert requests[0].runtime is Runtime.TFLITE_2_14
    assert edgevit("build", "fastvit_t8", "--android", "--runtime", "tflite-1").status == 2


def test_an_image_of_floats(edgevit: Run, requests: Requests) -> None:
    edgevit("build", "fastvit_t8", "--android", "--input-type", "float32")
    assert requests[0].input_type is PixelType.FLOAT32
    assert edgevit("build", "fastvit_t8", "--android", "--input-type", "int8").status == 2


def test_several_images_at_once(edgevit: Run, requests: Requests) -> None:
    edgevit("build", "fastvit_t8", "--android", "--batch", "4")
    assert requests[0].batch == 4
    assert edgevit("build", "fastvit_t8", "--android", "--batch", "65").status == 2


@pytest.mark.parametrize(("given", "said"), [({"android": False}, "--android"), ({"quant": "w8"}, "--quant")])
def test_an_older_runtime_is_refused_where_it_makes_no_sense(given: dict[str, Any], said: str, tmp_path: Path) -> None:
    asked = {"ios": True, "android": True, "out": tmp_path / "sdk", "runtime": Runtime.TFLITE_2_14, **given}
    with pytest.raises(UsageError) as caught:
        build(BuildSpec("fastvit_t8", **asked))
    assert said in caught.value.help
    assert not list(tmp_path.iterdir())


_MISFITS = [
    ({"ios": True}, "iOS"),
    ({"android": False}, "--android"),
    ({"precision": Precision.FP16}, "fp32"),
    ({"runtime": Runtime.TFLITE_2_14}, "--runtime"),
    ({"head": Head.FEATURES}, "--head"),
    ({"input_type": PixelType.FLOAT32}, "--input-type"),
    ({"batch": 2}, "--batch"),
]


@pytest.mark.parametrize(("given", "said"), _MISFITS)
def test_another_converter_is_refused_where_it_does_not_fit(given: dict[str, Any], said: str, tmp_path: Path) -> None:
    fits = {"ios": False, "android": True, "precision": Precision.FP32, "out": tmp_path / "sdk"}
    with pytest.raises(UsageError) as caught:
        build(BuildSpec("fastvit_t8", **{**fits, "converter": Converter.LITERT_TORCH, **given}))
    assert said in caught.value.help


def test_another_converter_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgevit.backends.tflite.litert_torch.find_spec", lambda _: None)
    asked = BuildSpec("fastvit_t8", out=tmp_path / "sdk", ios=False, android=True, precision=Precision.FP32)
    with pytest.raises(ToolMissingError) as caught:
        build(dataclasses.replace(asked, converter=Converter.LITERT_TORCH))
    assert "edgevit[litert-torch]" in caught.value.help
    assert not list(tmp_path.iterdir())


def test_a_single_side_is_a_square(edgevit: Run, requests: Requests) -> None:
    edgevit("build", "fastvit_t8", "--ios", "--input-size", "320")
    assert requests[0].input_size == (320, 320)


@pytest.mark.parametrize(
    ("flags", "systems"), [(["--android"], ["android"]), (["--ios", "--android"], ["ios", "android"])]
)
def test_android_alone_or_beside_ios(edgevit: Run, requests: Requests, flags: list[str], systems: list[str]) -> None:
    data = edgevit("build", "fastvit_t8", *flags, "--json").data
    assert [name for name in ("ios", "android") if getattr(requests[0], name)] == systems
    assert [part["platform"] for part in data["platforms"]] == systems
    assert data["platforms"][0]["fidelity"]["passed"] is True
    people = edgevit("build", "fastvit_t8", *flags).out
    assert [name for name in ("ios", "android") if f"x-{name}" in people] == systems
    assert ("Android Studio" in people) is ("android" in systems)


def test_without_a_phone_system_nothing_is_built(edgevit: Run, requests: Requests) -> None:
    assert edgevit("build", "fastvit_t8").status == 2
    assert requests == []


@pytest.mark.usefixtures("requests")
def test_json(edgevit: Run) -> None:
    result = edgevit("build", "fastvit_t8", "--ios", "--json", "-q")
    data = result.data
    assert data["schema"] == "edgevit-build/1"
    assert data["sdk"] == "fastvit_t8-ios"
    assert data["artifact"]["path"] == "fastvit_t8-ios/Model.mlpackage"
    assert data["artifact"]["sha256"] == "ab" * 32
    assert data["artifact"]["size_bytes"] == 8_050_000
    assert data["fidelity"]["passed"] is True
    assert data["fidelity"]["psnr_db"] is None, "JSON has no infinity"
    assert data["fidelity"]["graph_max_rel"] == 3e-7
    assert data["stage_seconds"] == {"weights": 0.5, "convert": 4.0}
    assert data["total_seconds"] == 4.5
    assert data["weights"]["trained"] is False
    assert data["warnings"] == [f"FastViT-T8: {NOTE}"]
    assert data["rewrites"][0]["name"] == "channel-first"


@pytest.mark.usefixtures("requests")
@pytest.mark.parametrize("options", [[], ["-q"], ["--json"], ["--json", "-q"]])
def test_untrained_weights_cannot_be_missed(edgevit: Run, options: list[str]) -> None:
    result = edgevit("build", "fastvit_t8", "--ios", *options)
    assert f"warning: {NOTE}" in result.err
    assert NOTE in result.out
    if "--json" not in options:
        assert "WARNING: UNTRAINED WEIGHTS" in result.out.splitlines()[-1]
        assert result.out.count(NOTE) == 1


def test_trained_weights_raise_no_alarm(edgevit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answer: Callable[..., BuildReport] = lambda spec, on_event: _report(spec, trained=True)  # noqa: ARG005, E731
    monkeypatch.setattr("edgevit.pipeline.build", answer)
    result = edgevit("build", "fastvit_t8", "--ios")
    assert "UNTRAINED" not in result.out
    assert "WARNING: iOS 16 was raised to 17." in result.out
    assert result.err == ""


@pytest.mark.usefixtures("requests")
def test_people_see_the_figures(edgevit: Run) -> None:
    out = edgevit("build", "fastvit_t8", "--ios").out
    for text in ("8.05 MB", "ab" * 32, "iOS 16", "exact", "3.0e-07", "100 %", "4.50 s", "RANDOM"):
        assert text in out
