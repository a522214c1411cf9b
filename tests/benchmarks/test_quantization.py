"""The tables of quantization say what the rows say, stale rows count as missing, and a bad row costs itself only."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quantization_accuracy import points_lost, top1
from benchmarks.quantization_cases import CASES, FLOAT_FILE, SOURCE, Kind
from benchmarks.quantization_rows import Figures, Rows
from benchmarks.quantization_runs import Runs
from benchmarks.quantization_tables import compact, decibels, full
from benchmarks.quantization_task import Task, case_digest
from benchmarks.quantization_verdicts import Outcome, verdicts

_ROOT = Path(__file__).resolve().parents[2]
_OURS, _PEER = "TFLite w8", "ai-edge-quantizer weight_only_wi8_afp32"


def _row(right: list[bool], *, megabytes: float = 3.0, sqnr_db: float = 40.0) -> Figures:
    packed = np.packbits(np.array(right)).tobytes().hex()
    return Figures(megabytes, sqnr_db, 1.0, packed, images=len(right), partitions=1)


def _answers(wrong: int, count: int = 1000) -> list[bool]:
    return [place >= wrong for place in range(count)]


def test_every_scheme_and_peer_is_a_case_of_its_own() -> None:
    peers = [case for case in CASES.values() if case.kind is Kind.PEER]
    assert len(peers) == 11
    assert {case.kind for case in CASES.values()} == set(Kind)
    names = {f"{'Core ML' if peer.form == 'mlpackage' else 'TFLite'} {peer.rival}" for peer in peers}
    assert names <= set(CASES)


def test_every_file_has_a_name_that_core_ml_takes() -> None:
    task = Task("fastvit_t8", "random", "work")
    names = [task.path(case).name for case in CASES.values()]
    assert len(set(names)) == len(CASES)
    assert all(re.fullmatch(r"[A-Za-z]\w*\.(mlpackage|tflite|)", name) for name in names)


def test_points_lost_are_paired() -> None:
    """Two files that are right on the same images differ by nothing, surely; on others, by chance."""
    before = _row([True, True, False, False, True])
    after = _row([True, False, False, True, False])
    lost = points_lost(before, after)
    assert lost is not None
    assert lost.points == pytest.approx(20.0)
    assert lost.error == pytest.approx(100 * np.sqrt(3 - 1 / 5) / 5)
    assert not lost.significant
    assert top1(before) == pytest.approx(60.0)
    same = points_lost(before, before)
    assert same is not None
    assert (same.points, same.error, same.significant) == (0.0, 0.0, False)


def test_points_of_other_images_are_not_compared() -> None:
    assert points_lost(_row([True] * 4), _row([True] * 5)) is None
    assert points_lost(Figures(images=4), _row([True] * 4)) is None


@pytest.mark.parametrize(
    ("ours", "outcome"),
    [
        (_row(_answers(10)), Outcome.BETTER),
        (_row(_answers(50)), Outcome.WORSE),
        (_row(_answers(30), sqnr_db=42.0), Outcome.BETTER),
        (_row(_answers(30), sqnr_db=40.2), Outcome.EQUAL),
        (_row(_answers(30), sqnr_db=38.0), Outcome.WORSE),
        (_row(_answers(10), megabytes=4.0), Outcome.LARGER),
    ],
)
def test_verdicts_judge_accuracy_first_and_noise_where_chance_decides(ours: Figures, outcome: Outcome) -> None:
    (verdict,) = verdicts({_OURS: ours, _PEER: _row(_answers(30))})
    assert verdict.outcome is outcome
    assert verdict.ours == _OURS
    assert verdict.peer == _PEER


def test_a_peer_that_fails_is_no_rival() -> None:
    (verdict,) = verdicts({_OURS: _row(_answers(1)), _PEER: Figures(note="it crashed")})
    assert verdict.outcome is Outcome.ALONE
    assert "it crashed" in str(verdict)


def test_the_short_table_has_a_row_a_file_and_the_peer_in_brackets() -> None:
    rows = {
        SOURCE.name: _row(_answers(100), megabytes=0.0),
        _OURS: _row(_answers(101)),
        _PEER: _row(_answers(115)),
        "TFLite dyn8": Figures(note="it crashed"),
    }
    lines = compact({"fastvit_t8": rows, "efficientvit_m0": {SOURCE.name: rows[SOURCE.name]}}).splitlines()
    assert lines[2] == "| PyTorch fp32, top-1 |  | 90.00 % |  | 90.00 % |"
    assert lines[3] == "| TFLite w8 | 3.00 | 0.10 (1.50) | - | - |"
    assert lines[4] == "| TFLite dyn8 | - | none | - | - |"
    assert len(lines) == 5


def test_the_full_table_has_notes_in_the_place_of_figures() -> None:
    rows = {SOURCE.name: _row(_answers(0)), _OURS: replace(_row(_answers(5)), speed=1.5), _PEER: Figures(note="a | b")}
    lines = full({"fastvit_t8": rows}).splitlines()
    assert lines[3] == "| FastViT-T8 | TFLite w8 | 3.00 | 99.50 | 0.50 ± 0.22 | 40.0 | 100.00 | 1 | 1.50 |"
    assert "| a / b |" in lines[4]
    assert len({line.count("|") for line in lines}) == 1


def test_without_labels_the_short_table_is_of_decibels() -> None:
    rows = {SOURCE.name: Figures(images=20), _OURS: Figures(3.0, 39.56, 1.0, images=20)}
    assert decibels({"nextvit_small": rows}).splitlines()[2] == "| Next-ViT-Small | 39.6 |"


def test_rows_outlive_the_process_and_answer_for_their_own_digest_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "rows.json"
    figures = replace(_row(_answers(3, 10)), sqnr_db=float("inf"))
    Rows.read(path).put("fastvit_t8", _OURS, "digest", figures)
    again = Rows.read(path)
    assert again.get("fastvit_t8", _OURS, "digest") == figures
    assert again.get("fastvit_t8", _OURS, "another") is None
    assert again.get("fastvit_t8", _PEER, "digest") is None


def test_a_row_is_stale_when_weights_images_or_options_change(tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"first")
    task = Task("fastvit_t8", str(weights), str(tmp_path / "work"), limit=10)
    case = CASES[_OURS]
    first = case_digest(task, case)
    assert case_digest(replace(task, folder="elsewhere", peer_python="python"), case) == first
    assert case_digest(replace(task, limit=11), case) != first
    assert case_digest(task, CASES["TFLite dyn8"]) != first
    data = tmp_path / "data" / "shoe"
    data.mkdir(parents=True)
    (data / "1.png").write_bytes(b"image")
    assert case_digest(replace(task, data=str(data.parent)), case) != first
    weights.write_bytes(b"second")
    assert case_digest(task, case) != first


def test_a_network_that_cannot_be_read_costs_one_row(tmp_path: Path) -> None:
    """The checkpoint is damaged, so its child fails: the row says so, and no file is tried."""
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no checkpoint")
    task = Task("fastvit_t8", str(broken), str(tmp_path / "work"))
    rows = Rows(tmp_path / "rows.json")
    Runs(rows, jobs=1).complete([task], [SOURCE, FLOAT_FILE])
    figures = rows.get("fastvit_t8", SOURCE.name, case_digest(task, SOURCE))
    assert figures is not None
    assert "status 1" in figures.note
    assert list(rows.found["fastvit_t8"]) == [SOURCE.name]
    Runs(rows, jobs=1).forget(task, [SOURCE])
    assert rows.get("fastvit_t8", SOURCE.name, case_digest(task, SOURCE)) is None


@pytest.mark.slow
def test_trained_weights_are_measured_on_labelled_images(tmp_path: Path) -> None:
    """The whole way on the 20 images of the repository: 8-bit weights change nothing, and times are taken."""
    fashion = _ROOT / "examples" / "fashion"
    calib = tmp_path / "calib"
    shutil.copytree(fashion / "sample", calib)
    weights = str(fashion / "fastvit_t8.safetensors")
    task = Task("fastvit_t8", weights, str(tmp_path), str(fashion / "sample"), str(calib), 20, searched=20)
    rows = Rows()
    runs = Runs(rows, jobs=1)
    runs.complete([task], [SOURCE, FLOAT_FILE, CASES[_OURS], CASES["Core ML w8"]])
    runs.time([task])
    found = {name: rows.get("fastvit_t8", name, case_digest(task, case)) for name, case in CASES.items()}
    source, ours, package = found[SOURCE.name], found[_OURS], found["Core ML w8"]
    assert source is not None
    assert (top1(source) or 0) >= 70
    for figures in (ours, package):
        assert figures is not None
        assert figures.note == ""
        assert figures.sqnr_db > 30
        assert 3 < figures.megabytes < 4
    assert ours is not None
    assert (ours.partitions, ours.agreement) == (1, 1.0)
    assert (ours.speed or 0) > 0.3
