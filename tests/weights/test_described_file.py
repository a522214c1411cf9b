from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import edgevit
from edgevit.errors import BadLabelsError, CheckpointCorruptError, KeyMismatchError
from edgevit.models.registry import resolve
from edgevit.types import Form
from edgevit.weights import load_model, save_training
from edgevit.weights.checkpoint import read_checkpoint
from edgevit.weights.described_file import describe

LABELS = ("ant", "bee", "cow")
SIZE = (32, 48)
SPEC = resolve("fastvit_t8", num_classes=3, input_size=SIZE)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("described") / "net.safetensors"
    module = load_model("fastvit_t8", "random", 3, SIZE).module
    save_training(module, SPEC, path, labels=LABELS, licence="CC0", facts={"top1": "1 %"})
    return path


def doctored(file: Path, folder: Path, **changes: str) -> Path:
    """Return a copy with other metadata."""
    metadata = {**read_checkpoint(file).metadata, **changes}
    save_file(load_file(file), folder / "copy.safetensors", metadata)
    return folder / "copy.safetensors"


def test_what_the_file_says_need_not_be_asked_for(file: Path) -> None:
    loaded = load_model("fastvit_t8", file)
    assert loaded.spec == SPEC
    assert loaded.labels == LABELS
    assert loaded.weights.licence == "CC0"
    assert loaded.form is Form.TRAINING


def test_numbers_survive_within_half_precision(file: Path) -> None:
    source = load_model("fastvit_t8", "random", 3, SIZE).module.state_dict()
    stored = load_model("fastvit_t8", file).module.state_dict()
    for name, value in source.items():
        if not value.is_floating_point():
            continue
        expected = value if value.ndim <= 1 else value.half().float()
        assert torch.equal(stored[name], expected), name


def test_asking_for_something_else_wins_or_is_refused(file: Path) -> None:
    assert load_model("fastvit_t8", file, input_size=64).spec.input_size == (64, 64)
    with pytest.raises(KeyMismatchError, match="3 classes, but 5"):
        load_model("fastvit_t8", file, num_classes=5)
    with pytest.raises(KeyMismatchError, match="another model") as caught:
        load_model("fastvit_t12", file)
    assert "fastvit_t8" in caught.value.help


@pytest.mark.parametrize(
    "changes",
    [
        {"format_version": "2"},
        {"num_classes": "0"},
        {"num_classes": "many"},
        {"input_size": "32"},
        {"labels": "{}"},
        {"labels": '["ant"]'},
        {"labels": "[1, 2, 3]"},
        {"labels": "[" * 100_000},
        {"licence": "free\x1b[2J"},
    ],
    ids=str,
)
def test_unusable_metadata_are_refused(file: Path, tmp_path: Path, changes: dict[str, str]) -> None:
    with pytest.raises(CheckpointCorruptError, match="metadata"):
        describe(read_checkpoint(doctored(file, tmp_path, **changes)))


def test_labels_from_a_file_keep_the_rules_for_labels(file: Path, tmp_path: Path) -> None:
    with pytest.raises(BadLabelsError):
        load_model("fastvit_t8", doctored(file, tmp_path, labels='["ant", "ant", "b\\u202eee"]'))


def test_other_files_say_nothing(tmp_path: Path) -> None:
    save_file({"x": torch.zeros(1)}, tmp_path / "other.safetensors")
    assert describe(read_checkpoint(tmp_path / "other.safetensors")) is None


def test_an_sdk_has_the_labels_of_the_file(tmp_path: Path) -> None:
    spec = resolve("efficientvit_m0", num_classes=3, input_size=32)
    path = tmp_path / "net.safetensors"
    save_training(load_model("efficientvit_m0", "random", 3, 32).module, spec, path, labels=LABELS)
    request = edgevit.BuildSpec("efficientvit_m0", out=tmp_path / "sdk", weights=str(path), ios=False, android=True)
    report = edgevit.build(request)
    assert report.spec.input_size == (32, 32)
    (names,) = report.sdk.rglob("assets/edgevit/labels.txt")
    assert names.read_text().split() == list(LABELS)
