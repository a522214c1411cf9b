from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.probe.conftest import DIGEST, Phone, apk, phone, sample_report

__all__ = ["apk", "phone"]  # fixtures


@pytest.fixture(autouse=True)
def _adb(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    phone.adb()
    monkeypatch.setenv("EDGEVIT_ADB", str(phone.program))


def test_a_short_table(edgevit: Run, apk: Path) -> None:
    result = edgevit("probe", apk)
    assert result.status == 0, result.err
    for text in ("fastvit_t8 on Google Pixel 9", "Android 16 (API 36)", "cpu, asked for cpu", "2 of 2 photographs"):
        assert text in result.out
    for name, value in (
        ("load", "120.00"),
        ("first run", "9.00"),
        ("p50", "51.00"),
        ("p90", "91.00"),
        ("p99", "100.00"),
    ):
        assert any(line.split() == [*name.split(), value] for line in result.out.splitlines()), name
    assert "ok: The figures are good." in result.out


def test_for_programs(edgevit: Run, apk: Path) -> None:
    data = edgevit("probe", apk, "--json").data
    assert data["schema"] == "edgevit-probe/1"
    assert data["valid"] is True
    assert data["latency_ms"]["p50"] == 51.0
    assert data["report"] == sample_report()
    assert data["report"]["subject"]["sha256"] == DIGEST


def test_the_report_is_kept_as_it_came(edgevit: Run, apk: Path, phone: Phone, tmp_path: Path) -> None:
    edgevit("probe", apk, "--out", tmp_path / "pixel.json")
    assert (tmp_path / "pixel.json").read_text(encoding="utf-8") == phone.scene["report"]


def test_figures_that_do_not_count_are_marked(edgevit: Run, apk: Path, phone: Phone) -> None:
    placement = {"asked": "gpu", "used": "cpu", "failures": [{"units": "gpu", "reason": "no \x1b[31mGPU"}]}
    subject = sample_report()["subject"] | {"weights_are_trained": False}
    phone.adb(report=json.dumps(sample_report(placement=placement, phase="warm", samples=[], runs=0, subject=subject)))
    result = edgevit("probe", apk)
    assert result.status == 0
    assert "not gpu: no \\x1b[31mGPU" in result.out, "a phone's text does not steer the terminal"
    assert "WARNING: Not to be compared with other figures: unfinished, too_few_runs." in result.out
    assert "predictions are not" in result.out


def test_no_phone(edgevit: Run, apk: Path, phone: Phone) -> None:
    phone.adb(devices=[])
    assert edgevit("probe", apk).status == 11
    assert edgevit("probe", apk, "--json").data["error"]["code"] == "no-device"


def test_no_adb(edgevit: Run, apk: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EDGEVIT_ADB", str(tmp_path / "missing"))
    result = edgevit("probe", apk)
    assert result.status == 10
    assert "EDGEVIT_ADB" in result.err


@pytest.mark.parametrize("arguments", [["--protocol", "fast"], ["--minutes", "0"], ["--accelerator", "tpu"]])
def test_wrong_usage(edgevit: Run, apk: Path, arguments: list[str]) -> None:
    assert edgevit("probe", apk, *arguments).status == 2
