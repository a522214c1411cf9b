from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from edgevit.models.registry import create, resolve
from edgevit.store.digest import file_digest, tree_digest
from tests.cli.conftest import Run
from tests.store.stub_build import build
from tests.verification.tflite.files import LABELS, build_file

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "ios_template" / "Sources" / "EdgeVitKit" / "ModelData" / "EdgeVitModel.mlpackage"


def test_a_checkpoint(edgevit: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.pth"
    state = create(resolve("efficientvit_m0", num_classes=7)).state_dict()
    torch.save({"model": state, "epoch": 3}, path)
    data = edgevit("inspect", path, "--json").data
    assert (data["kind"], data["tensors"]) == ("checkpoint", len(state))
    assert data["sha256"] == file_digest(path)
    expected = {"model": "efficientvit_m0", "form": "training", "names": "official", "num_classes": 7}
    assert data["matches"] == [expected]
    assert "efficientvit_m0" in edgevit("inspect", path).out


def test_a_checkpoint_of_something_else(edgevit: Run, tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"layer.weight": torch.zeros(3, 4)}, path)
    result = edgevit("inspect", path)
    assert result.status == 0
    assert "fits none" in result.out


def test_a_file_that_is_no_checkpoint(edgevit: Run, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    result = edgevit("inspect", path, "--json")
    assert result.status == 3
    assert result.data["error"]["code"] == "checkpoint-corrupt"


def test_a_pickle_is_not_executed(edgevit: Run, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (exec, (f"open({str(tmp_path / 'executed')!r}, 'w')",))

    torch.save({"weights": Evil()}, tmp_path / "evil.pth")
    assert edgevit("inspect", tmp_path / "evil.pth").status == 4
    assert not (tmp_path / "executed").exists()


def test_a_core_ml_package(edgevit: Run) -> None:
    data = edgevit("inspect", SAMPLE, "--json").data
    assert data["kind"] == "mlpackage"
    assert data["sha256"] == tree_digest(SAMPLE)
    assert data["minimum_os"] == "iOS 16"
    assert [(item["name"], item["kind"]) for item in data["inputs"]] == [("image", "image")]
    assert data["operations"]["conv"] == 1
    assert data["constants"]["fp16"] > 100
    out = edgevit("inspect", SAMPLE).out
    assert "rgb image 32x32" in out
    assert "classLabel_probs" in out


def test_a_damaged_package(edgevit: Run, tmp_path: Path) -> None:
    (tmp_path / "M.mlpackage").mkdir()
    (tmp_path / "M.mlpackage" / "Manifest.json").write_text("{}")
    result = edgevit("inspect", tmp_path / "M.mlpackage", "--json")
    assert result.status == 3


def _sdk(folder: Path, config: object) -> Path:
    """Make a folder of edgevit's with this configuration."""
    build(folder, "old")
    (folder / "edgevit.json").write_text(json.dumps(config))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["edgevit.json"] = {"sha256": file_digest(folder / "edgevit.json")}
    manifest |= {"platform": "ios", "config": "edgevit.json"}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_an_sdk(edgevit: Run, tmp_path: Path) -> None:
    sdk = _sdk(tmp_path / "sdk", {"model": {"id": "fastvit_t8"}, "weights": {"trained": False, "note": "Random."}})
    data = edgevit("inspect", sdk, "--json").data
    assert (data["kind"], data["platform"]) == ("sdk", "ios")
    assert data["config"]["model"]["id"] == "fastvit_t8"
    assert data["changes"] == {"edited": [], "added": [], "missing": []}
    out = edgevit("inspect", sdk).out
    assert "Every file is as edgevit wrote it" in out
    assert "UNTRAINED WEIGHTS. Random." in out


def test_an_edited_sdk(edgevit: Run, tmp_path: Path) -> None:
    sdk = _sdk(tmp_path / "sdk", {})
    (sdk / "README.md").write_text("mine")
    (sdk / "Mine.swift").touch()
    (sdk / "Resources" / "weights.bin").unlink()
    expected = {"edited": ["README.md"], "added": ["Mine.swift"], "missing": ["Resources/weights.bin"]}
    assert edgevit("inspect", sdk, "--json").data["changes"] == expected
    assert "Mine.swift" in edgevit("inspect", sdk).out


@pytest.mark.parametrize("name", ["../outside.json", "missing.json", "README.md"])
def test_an_sdk_with_a_bad_configuration(edgevit: Run, tmp_path: Path, name: str) -> None:
    sdk = _sdk(tmp_path / "sdk", {})
    (tmp_path / "outside.json").write_text('{"secret": 1}')
    manifest = json.loads((sdk / "manifest.json").read_text()) | {"config": name}
    (sdk / "manifest.json").write_text(json.dumps(manifest))
    result = edgevit("inspect", sdk, "--json")
    assert result.status == 3
    assert "secret" not in result.out


def test_what_cannot_be_inspected(edgevit: Run, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "model.tflite").write_bytes(b"\x1c\0\0\0TFL3")
    assert edgevit("inspect", tmp_path / "missing").status == 3
    assert edgevit("inspect", tmp_path / "folder").status == 5
    assert "TFLite" in edgevit("inspect", tmp_path / "model.tflite").err


def test_a_tflite_file(edgevit: Run, tmp_path: Path) -> None:
    path = build_file(tmp_path).artifact.path
    data = edgevit("inspect", path, "--json").data
    assert data["kind"] == "tflite"
    assert data["inputs"] == [{"name": "image", "shape": [1, 48, 64, 3], "dtype": "UINT8"}]
    assert data["labels"] == list(LABELS)
    assert data["operations"]["CONV_2D"] == 2
    assert data["sha256"] == file_digest(path)
    people = edgevit("inspect", path).out
    for text in ("uint8 1x48x64x3", "CONV_2D", LABELS[0], "com.edgevit.model"):
        assert text in people
    path.write_bytes(path.read_bytes()[:2000])
    assert edgevit("inspect", path).status == 3
