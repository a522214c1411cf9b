"""The Android half of the chain, alone and beside iOS from one folded model."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

import edgevit
from edgevit.errors import EdgeVitError, ParityError, TargetExistsError, UnsupportedError, UsageError
from edgevit.lint.findings import Processor
from edgevit.lint.lint import lint
from edgevit.mobile.adapt import rewrite_names
from edgevit.mobile.rewrite import Target
from edgevit.models.registry import resolve
from edgevit.store.digest import file_digest, tree_digest
from edgevit.types import BuildReport, BuildSpec, Event, Head, Precision, Runtime
from edgevit.verification import budgets

SMALLEST = ("fastvit_t8", "efficientvit_m0", "sepvit_lite", "nextvit_small")
OTHERS = tuple(spec.name for spec in edgevit.list_models() if spec.name not in SMALLEST)
BOTH = ["ios", "android"]


def _build(name: str, out: Path, **options: object) -> BuildReport:
    request = BuildSpec(name, out=out, ios=False, android=True, weights="random")
    return edgevit.build(replace(request, **options))  # type: ignore[arg-type]


def _check(report: BuildReport) -> None:
    assert report.verdict.passed
    assert report.artifact.format == "tflite"
    assert all(proof.max_rel_error <= 1e-10 for proof in report.rewrites)
    again = edgevit.verify(report.sdk)
    assert again.passed
    assert again.artifact_sha256 == report.artifact.sha256 == file_digest(report.artifact.path)
    manifest = json.loads((report.sdk / "manifest.json").read_text())
    assert manifest["platform"] == "android"


@pytest.mark.parametrize("name", SMALLEST)
def test_smallest_variants_build_and_verify(name: str, tmp_path: Path) -> None:
    _check(_build(name, tmp_path / "sdk"))


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_other_variants_build_and_verify(name: str, tmp_path: Path) -> None:
    _check(_build(name, tmp_path / "sdk"))


@pytest.mark.parametrize("head", [Head.LOGITS, Head.EMBEDDING, Head.FEATURES])
def test_heads(head: Head, tmp_path: Path) -> None:
    report = _build("efficientvit_m0", tmp_path / "sdk", head=head, precision=Precision.FP32)
    _check(report)
    assert report.verdict.psnr_db > 100


def test_both_systems_from_one_folded_model(tmp_path: Path) -> None:
    seen: list[Event] = []
    request = BuildSpec("efficientvit_m0", out=tmp_path / "sdk", android=True, weights="random")
    report = edgevit.build(request, on_event=seen.append)
    started = [event.stage for event in seen if event.kind == "start"]
    assert started.count("fold") == started.count("weights") == started.count("golden") == 1
    assert started.count("convert") == started.count("verify") == 2
    assert [part.platform for part in report.platforms] == BOTH
    assert [part.sdk for part in report.platforms] == [tmp_path / "sdk" / name for name in BOTH]
    assert (report.sdk, report.artifact, report.verdict) == (
        report.platforms[0].sdk,
        report.platforms[0].artifact,
        report.platforms[0].verdict,
    )
    for part in report.platforms:
        verdict = edgevit.verify(part.sdk)
        assert verdict.passed
        assert verdict.artifact_sha256 == part.artifact.sha256
    golden = [json.loads((part.artifact.path.parent / "golden.json").read_text()) for part in report.platforms]
    assert golden[0] == golden[1]


def test_each_system_gives_the_bytes_that_it_gives_alone(tmp_path: Path) -> None:
    together = _build("efficientvit_m0", tmp_path / "both", ios=True)
    alone = [_build("efficientvit_m0", tmp_path / n, ios=n == "ios", android=n == "android") for n in BOTH]
    assert [tree_digest(part.sdk) for part in together.platforms] == [tree_digest(report.sdk) for report in alone]


def test_an_older_runtime_is_compared_with_its_own_gelu(tmp_path: Path) -> None:
    report = _build(
        "fastvit_t8", tmp_path / "sdk", input_size=64, precision=Precision.FP32, runtime=Runtime.TFLITE_2_14
    )
    assert report.verdict.passed
    assert report.verdict.psnr_db > 100
    assert any("tanh" in warning for warning in report.warnings)
    assert edgevit.verify(report.sdk).passed
    assert lint(report.artifact.path, runtime="tflite-2.14", processors=[Processor.CPU]).findings == ()


def test_own_labels_travel_in_the_file(tmp_path: Path) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text('a "quoted" name\n${injection}\nثعلب\n', encoding="utf-8")
    report = _build("efficientvit_m0", tmp_path / "sdk", labels=labels)
    with zipfile.ZipFile(report.artifact.path) as archive:
        assert archive.read("labels.txt").decode().splitlines() == ['a "quoted" name', "${injection}", "ثعلب"]
    sources = "".join(path.read_text(encoding="utf-8") for path in report.sdk.rglob("*.kt*"))
    assert "injection" not in sources


def test_a_rewrite_of_one_system_can_be_left_out_of_both(tmp_path: Path) -> None:
    spec = resolve("fastvit_t8")
    name = min(set(rewrite_names(spec, Target.TFLITE)) - set(rewrite_names(spec, Target.COREML)))
    report = _build("fastvit_t8", tmp_path / "sdk", ios=True, skip_rewrites=(name,))
    assert len(report.platforms) == 2
    assert name not in {proof.name for part in report.platforms for proof in part.rewrites}


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"android": False}, UsageError),
        ({"ios": True, "ios_min": 14}, UnsupportedError),
        ({"ios": True, "skip_rewrites": ("image-imput",)}, UsageError),
        ({"ios": True, "input_size": 225}, UnsupportedError),
    ],
)
def test_impossible_requests_leave_nothing(
    options: dict[str, object], error: type[EdgeVitError], tmp_path: Path
) -> None:
    with pytest.raises(error):
        _build("efficientvit_m0", tmp_path / "sdk", **options)
    assert list(tmp_path.iterdir()) == []


def test_the_oldest_ios_does_not_matter_for_android(tmp_path: Path) -> None:
    assert _build("efficientvit_m0", tmp_path / "sdk", ios_min=3).verdict.passed


def test_if_one_system_fails_none_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "_TFLITE_FLOORS", dict.fromkeys(Precision, 200.0))
    with pytest.raises(ParityError, match="TFLite"):
        _build("efficientvit_m0", tmp_path / "sdk", ios=True)
    assert list(tmp_path.iterdir()) == []


def test_a_project_of_one_system_does_not_take_two(tmp_path: Path) -> None:
    _build("efficientvit_m0", tmp_path / "sdk")
    before = tree_digest(tmp_path / "sdk")
    with pytest.raises(TargetExistsError):
        _build("efficientvit_m0", tmp_path / "sdk", ios=True)
    assert tree_digest(tmp_path / "sdk") == before


def test_by_default_the_folders_lie_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    edgevit.build(BuildSpec("efficientvit_m0", android=True, weights="random"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["efficientvit_m0-android", "efficientvit_m0-ios"]
