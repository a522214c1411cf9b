from __future__ import annotations

from pathlib import Path

from edgevit.models.registry import get_spec
from edgevit.store.digest import file_digest
from tests.cli.conftest import Run


def test_folded_weights_are_written_proven_and_recognized(edgevit: Run, tmp_path: Path) -> None:
    out = tmp_path / "folded.safetensors"
    command = ("reparam", "efficientvit_m0", "--weights", "random", "--num-classes", "10", "--out", out)
    result = edgevit(*command, "--json")
    assert result.status == 0
    data = result.data
    assert data["sha256"] == file_digest(out)
    assert data["max_rel_error"] <= 1e-10
    assert len(data["blocks"]) > 10
    assert data["weights"]["trained"] is False
    assert data["folded_params"] < data["params"] == get_spec("efficientvit_m0").params
    found = edgevit("inspect", out, "--json").data["matches"]
    assert found == [{"model": "efficientvit_m0", "form": "folded", "names": "edgevit", "num_classes": 10}]

    again = edgevit(*command)
    assert again.status == 0, "what it wrote itself, it may replace"
    assert file_digest(out) == data["sha256"], "the same request gives the same bytes"
    assert "UNTRAINED WEIGHTS" in again.out


def test_a_file_of_somebody_else_is_kept(edgevit: Run, tmp_path: Path) -> None:
    out = tmp_path / "trained.pth"
    out.write_bytes(b"weeks of training")
    result = edgevit("reparam", "efficientvit_m0", "--weights", out, "--out", out, "--json")
    assert result.status == 8
    assert result.data["error"]["code"] == "target-exists"
    assert out.read_bytes() == b"weeks of training"


def test_a_place_that_cannot_be_written_is_refused_before_the_work(edgevit: Run, tmp_path: Path) -> None:
    result = edgevit("reparam", "efficientvit_m0", "--weights", tmp_path / "missing.pth", "--out", tmp_path)
    assert result.status == 8, "not 3: the weights were not even looked for"
