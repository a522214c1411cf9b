from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from edgevit.errors import InputError
from edgevit.types import InputMetrics, Verdict
from edgevit.verification.verify import verify
from tests.cli.conftest import Run

SAMPLE = Path(__file__).resolve().parents[2] / "ios_template/Sources/EdgeVitKit/ModelData/EdgeVitModel.mlpackage"

VERDICT = Verdict(
    artifact_sha256="ab" * 32,
    runtime="edgevit evaluator",
    passed=True,
    graph_max_rel=None,
    rounding_max_rel=None,
    psnr_db=71.4,
    cosine=0.999998,
    max_abs=6e-3,
    top1_agreement=0.75,
    budget={"psnr_db": 70.0},
    inputs=(InputMetrics("coffee", 6e-3, 1.7e-3, 71.4, 0.999998, False),),
)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Verdict]:
    """Let every verification give the verdict in this list."""
    verdicts = [VERDICT]
    monkeypatch.setattr("edgevit.verification.verify.verify", lambda _path, runtime: verdicts[0])  # noqa: ARG005
    return verdicts


@pytest.mark.usefixtures("answers")
def test_a_file_that_passes(edgevit: Run) -> None:
    result = edgevit("verify", "sdk")
    assert result.status == 0
    for text in ("71.4 dB", "75.0 %", "coffee", "DIFFERS", "within every budget"):
        assert text in result.out
    assert "graph" not in result.out, "a later verdict has no twin"
    assert edgevit("verify", "sdk", "--json").data["fidelity"]["psnr_db"] == 71.4


def test_a_file_below_budget_exits_with_7(edgevit: Run, answers: list[Verdict]) -> None:
    answers[0] = dataclasses.replace(VERDICT, passed=False, failures=("PSNR is 40.0 dB, 70 dB are needed.",))
    result = edgevit("verify", "sdk")
    assert result.status == 7
    assert "FAILED: PSNR is 40.0 dB" in result.out
    as_json = edgevit("verify", "sdk", "--json")
    assert as_json.status == 7
    assert as_json.data["fidelity"]["passed"] is False


def _both(folder: Path) -> Path:
    for name in ("ios", "android"):
        (folder / name).mkdir()
        (folder / name / "manifest.json").write_text("{}")
    return folder


def test_a_folder_of_both_systems_has_both_verified(edgevit: Run, answers: list[Verdict], tmp_path: Path) -> None:
    folder = _both(tmp_path)
    result = edgevit("verify", folder, "--json")
    assert result.status == 0
    assert [Path(part["path"]).name for part in result.data["platforms"]] == ["android", "ios"]
    answers[0] = dataclasses.replace(VERDICT, passed=False, failures=("PSNR is 40.0 dB, 70 dB are needed.",))
    assert edgevit("verify", folder).status == 7


def test_one_verdict_is_not_given_for_two_projects(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds 2 SDKs: android, ios"):
        verify(_both(tmp_path))


def test_nothing_there(edgevit: Run, tmp_path: Path) -> None:
    assert edgevit("verify", tmp_path / "missing").status == 3


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="needs a source checkout")
def test_a_runtime_that_is_not_here(edgevit: Run) -> None:
    assert edgevit("verify", SAMPLE, "--runtime", "coreml").status == 5
    assert edgevit("verify", SAMPLE, "--runtime", "coreMLx").status == 2
