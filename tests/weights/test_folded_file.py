from __future__ import annotations

import dataclasses
import json
from functools import cache
from pathlib import Path

import pytest
import torch

from edgevit.errors import CheckpointCorruptError, KeyMismatchError, OutputError
from edgevit.models.outputs import select_output
from edgevit.reparam.proof import reparameterize
from edgevit.types import FoldedModel, Form, Head
from edgevit.weights import load_model, save_folded
from tests.weights.archives import flip

SMALL = ["fastvit_t8", "efficientvit_m0", "sepvit_lite", pytest.param("nextvit_small", marks=pytest.mark.slow)]


@cache
def _folded(name: str, head: Head = Head.LOGITS) -> FoldedModel:
    return reparameterize(select_output(load_model(name, "random"), head))


@pytest.mark.parametrize("name", SMALL)
def test_a_folded_network_comes_back_bit_for_bit(tmp_path: Path, name: str) -> None:
    path, folded = tmp_path / "model.safetensors", _folded(name)
    digest = save_folded(folded, path)
    model = load_model(name, str(path))
    assert model.form is Form.FOLDED
    assert model.spec == folded.spec
    assert model.weights.sha256 == digest
    assert model.weights.kind == "file"
    assert model.weights.source == "model.safetensors (folded from seed 0)"
    assert not model.weights.trained
    assert model.weights.note == folded.weights.note
    image = torch.randn(1, 3, *folded.spec.input_size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(model.module(image), folded.module(image))


def test_equal_networks_give_equal_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    assert save_folded(_folded("efficientvit_m0"), first) == save_folded(_folded("efficientvit_m0"), second)
    assert first.read_bytes() == second.read_bytes()
    header = first.read_bytes()[8 : 8 + int.from_bytes(first.read_bytes()[:8], "little")]
    metadata = json.loads(header)["__metadata__"]
    assert list(metadata) == sorted(metadata)
    assert {key: metadata[key] for key in ("format", "model", "num_classes", "input_size")} == {
        "format": "edgevit-folded",
        "model": "efficientvit_m0",
        "num_classes": "1000",
        "input_size": "224x224",
    }


def test_the_output_that_was_folded_for_is_kept(tmp_path: Path) -> None:
    path, folded = tmp_path / "model.safetensors", _folded("efficientvit_m0", Head.FEATURES)
    save_folded(folded, path)
    with torch.no_grad():
        maps = load_model("efficientvit_m0", str(path)).module(torch.zeros(1, 3, 224, 224))
    assert [tuple(each.shape[1:]) for each in maps] == [(32, 28, 28), (64, 14, 14), (128, 7, 7), (192, 4, 4)]


def test_class_count_and_size_come_from_the_file_unless_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_folded(reparameterize(load_model("efficientvit_m0", "random", num_classes=7, input_size=128)), path)
    spec = load_model("efficientvit_m0", str(path)).spec
    assert (spec.num_classes, spec.input_size) == (7, (128, 128))
    with pytest.raises(KeyMismatchError, match="folded for something else") as caught:
        load_model("efficientvit_m1", str(path), num_classes=8, input_size=224)
    assert caught.value.why.splitlines() == [
        "model: the file has efficientvit_m0, asked for was efficientvit_m1",
        "classes: the file has 7, asked for was 8",
        "input size: the file has (128, 128), asked for was (224, 224)",
    ]


def test_a_single_changed_bit_is_noticed_although_the_format_has_no_checksum(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_folded(_folded("efficientvit_m0"), path)
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    for position in range(start, len(data), (len(data) - start) // 5):
        path.write_bytes(flip(data, position, 0))
        with pytest.raises(CheckpointCorruptError, match="damaged"):
            load_model("efficientvit_m0", str(path))


def test_incomplete_metadata_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_folded(_folded("efficientvit_m0"), path)
    data = path.read_bytes()
    changes = (
        (b'"format_version":"1"', b'"format_version":"9"'),
        (b'"224x224"', b'"224y224"'),
        (b'"num_classes":"1000"', b'"num_classes":"9999999999"'),
        (b'"seed 0"', b'"\\u001b[31m"'),
    )
    for old, new in changes:
        assert old in data
        header = data[8 : 8 + int.from_bytes(data[:8], "little")].replace(old, new)
        tensors = data[8 + int.from_bytes(data[:8], "little") :]
        path.write_bytes(len(header).to_bytes(8, "little") + header + tensors)
        with pytest.raises(CheckpointCorruptError, match="metadata"):
            load_model("efficientvit_m0", str(path))


def test_a_missing_folder_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        save_folded(_folded("efficientvit_m0"), tmp_path / "none" / "model.safetensors")


def test_where_the_weights_came_from_survives(tmp_path: Path) -> None:
    folded = _folded("efficientvit_m0")
    weights = dataclasses.replace(folded.weights, trained=True, licence="MIT", source="owner/name x", note="ü")
    path = tmp_path / "model.safetensors"
    save_folded(dataclasses.replace(folded, weights=weights), path)
    loaded = load_model("efficientvit_m0", str(path)).weights
    assert (loaded.trained, loaded.licence, loaded.note) == (True, "MIT", "ü")
    assert loaded.source == "model.safetensors (folded from owner/name x)"
