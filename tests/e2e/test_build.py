"""The whole chain, from a name to a verified Swift package on disk."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import edgevit
from edgevit.errors import EdgeVitError, ParityError, TargetExistsError, UnsupportedError, UsageError
from edgevit.store.digest import tree_digest
from edgevit.types import BuildReport, BuildSpec, Event, Head, Precision

SMALLEST = ("fastvit_t8", "efficientvit_m0", "sepvit_lite", "nextvit_small")
OTHERS = tuple(spec.name for spec in edgevit.list_models() if spec.name not in SMALLEST)
OUTPUTS = {
    Head.LOGITS: ["logits"],
    Head.PROBABILITIES: ["classLabel", "classLabel_probs"],
    Head.EMBEDDING: ["embedding"],
    Head.FEATURES: ["stage1", "stage2", "stage3", "stage4"],
}


def _build(name: str, out: Path, **options: object) -> BuildReport:
    return edgevit.build(replace(BuildSpec(name, out=out, weights="random"), **options))  # type: ignore[arg-type]


def _check(report: BuildReport) -> None:
    assert report.verdict.passed
    assert report.fold_max_rel_error <= 1e-10
    assert all(proof.max_rel_error <= 1e-10 for proof in report.rewrites)
    assert report.verdict.graph_max_rel is not None
    assert report.artifact.ops["conv"] > 10
    again = edgevit.verify(report.sdk)
    assert again.passed
    assert again.artifact_sha256 == report.artifact.sha256 == tree_digest(report.artifact.path)
    photographs = [m.psnr_db for m in report.verdict.inputs if not m.name.startswith("structured noise")]
    if report.spec.num_classes > 32:  # few outputs are scaled by all images, and the noise is not among the golden ones
        assert again.psnr_db == pytest.approx(min(photographs), abs=0.1)


@pytest.mark.parametrize("name", SMALLEST)
def test_smallest_variants_build_and_verify(name: str, tmp_path: Path) -> None:
    _check(_build(name, tmp_path / "sdk"))


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_other_variants_build_and_verify(name: str, tmp_path: Path) -> None:
    _check(_build(name, tmp_path / "sdk"))


@pytest.mark.parametrize("head", list(Head))
def test_heads(head: Head, tmp_path: Path) -> None:
    report = _build("efficientvit_m0", tmp_path / "sdk", head=head)
    _check(report)
    config = json.loads((report.artifact.path.parent / "edgevit.json").read_text())
    assert config["output"]["head"] == head.value
    assert config["output"]["names"] == OUTPUTS[head]


@pytest.mark.parametrize("ios_min", [15, 17, 18])
def test_oldest_system_is_stated_everywhere(ios_min: int, tmp_path: Path) -> None:
    report = _build("efficientvit_m0", tmp_path / "sdk", ios_min=ios_min)
    assert report.artifact.minimum_os == f"iOS {ios_min}"
    assert f".iOS(.v{ios_min})" in (report.sdk / "Package.swift").read_text()
    _check(report)


def test_float32_file_is_its_own_twin(tmp_path: Path) -> None:
    report = _build("efficientvit_m0", tmp_path / "sdk", precision=Precision.FP32)
    assert report.verdict.psnr_db > 100
    assert report.verdict.rounding_max_rel is None
    _check(report)


@pytest.mark.parametrize(
    ("name", "size"), [("fastvit_sa12", (192, 160)), ("efficientvit_m1", (256, 256)), ("nextvit_small", (160, 224))]
)
def test_other_input_sizes(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    report = _build(name, tmp_path / "sdk", input_size=size)
    assert report.spec.input_size == size
    _check(report)


def test_own_classes(tmp_path: Path) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text('a "quoted" name\n\\(injection)\nثعلب\n', encoding="utf-8")
    report = _build("efficientvit_m0", tmp_path / "sdk", labels=labels)
    assert report.spec.num_classes == 3
    written = (report.artifact.path.parent / "labels.txt").read_text(encoding="utf-8").splitlines()
    assert written == ['a "quoted" name', "\\(injection)", "ثعلب"]
    swift = "".join(path.read_text(encoding="utf-8") for path in report.sdk.rglob("*.swift"))
    assert "injection" not in swift


@pytest.mark.parametrize("classes", [1, 2])
@pytest.mark.parametrize("head", [Head.LOGITS, Head.PROBABILITIES])
def test_few_classes_are_measured_on_a_scale_that_means_something(classes: int, head: Head, tmp_path: Path) -> None:
    _check(_build("efficientvit_m0", tmp_path / "sdk", num_classes=classes, head=head))


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for seed in ("1", "2"):
        out = tmp_path / f"folder {seed}" / "sdk"
        out.parent.mkdir()
        command = [sys.executable, "-m", "edgevit", "build", "efficientvit_m0", "--ios", "--weights", "random"]
        environment = {"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "OMP_NUM_THREADS": seed}
        run = subprocess.run(
            [*command, "--out", str(out), "--json"], capture_output=True, text=True, env=environment, check=False
        )
        assert run.returncode == 0, run.stderr
        assert json.loads(run.stdout)["sdk"] == str(out)
        digests.append(tree_digest(out))
    assert digests[0] == digests[1]


def test_events_tell_every_stage_in_order(tmp_path: Path) -> None:
    seen: list[Event] = []
    report = edgevit.build(BuildSpec("efficientvit_m0", out=tmp_path / "sdk", weights="random"), on_event=seen.append)
    started = [event.stage for event in seen if event.kind == "start"]
    assert started == list(report.stage_seconds)
    assert started[0] == "check"
    assert started[-1] == "publish"


def test_rebuilding_replaces_what_we_made_and_nothing_else(tmp_path: Path) -> None:
    first = _build("efficientvit_m0", tmp_path / "sdk")
    second = _build("efficientvit_m0", tmp_path / "sdk", seed=1)
    assert first.artifact.sha256 != second.artifact.sha256
    assert edgevit.verify(tmp_path / "sdk").passed
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("years of work")
    with pytest.raises(TargetExistsError):
        _build("efficientvit_m0", foreign)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["foreign", "sdk"]
    assert (foreign / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"ios": False}, UsageError),
        ({"ios_min": 14}, UnsupportedError),
        ({"input_size": 225}, UnsupportedError),
        ({"head": Head.FEATURES, "labels": Path("labels.txt")}, UsageError),
        ({"skip_rewrites": ("image-imput",)}, UsageError),
    ],
)
def test_impossible_requests_leave_nothing(
    options: dict[str, object], error: type[EdgeVitError], tmp_path: Path
) -> None:
    with pytest.raises(error) as caught:
        _build("efficientvit_m0", tmp_path / "sdk", **options)
    assert caught.value.what
    assert caught.value.help
    assert list(tmp_path.iterdir()) == []


def test_a_file_below_budget_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgevit.backends.coreml import convert

    def wrong(model, request, path, *, twin=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        broken = model.module.get_submodule("network.head") if hasattr(model.module, "network") else model.module
        next(iter(broken.parameters())).data.mul_(1.01)
        artifact = convert(model, request, path, twin=twin)
        next(iter(broken.parameters())).data.div_(1.01)
        return artifact

    monkeypatch.setattr("edgevit.backends.coreml.convert", wrong)
    with pytest.raises(ParityError, match="does not compute"):
        _build("efficientvit_m0", tmp_path / "sdk")
    assert list(tmp_path.iterdir()) == []
