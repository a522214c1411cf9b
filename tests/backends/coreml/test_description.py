"""What the package says about itself."""

from __future__ import annotations

import getpass
import json
import re
import socket
from pathlib import Path

import pytest

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert
from edgevit.errors import UsageError
from edgevit.types import Head
from tests.backends.coreml.test_convert import read
from tests.backends.coreml.toy import LABELS, SIDE, toy


def test_texts_of_the_request_win_over_those_of_the_model(tmp_path: Path) -> None:
    request = ConversionRequest(author="Ada", licence="CC0-1.0", description="Sorts birds.", version="1.2")
    metadata = read(convert(toy(), request, tmp_path / "M.mlpackage").path).description.metadata
    assert (metadata.author, metadata.license) == ("Ada", "CC0-1.0")
    assert (metadata.shortDescription, metadata.versionString) == ("Sorts birds.", "1.2")


def test_defaults_name_the_paper_the_licence_and_untrained_weights(tmp_path: Path) -> None:
    metadata = read(convert(toy(), ConversionRequest(), tmp_path / "M.mlpackage").path).description.metadata
    assert "Toys, 2026" in metadata.author
    assert metadata.license == "MIT"
    assert "UNTRAINED" in metadata.shortDescription


def test_every_feature_is_described(tmp_path: Path) -> None:
    description = read(convert(toy(), ConversionRequest(labels=LABELS), tmp_path / "M.mlpackage").path).description
    texts = {feature.name: feature.shortDescription for feature in [*description.input, *description.output]}
    assert f"{SIDE} x {SIDE}" in texts["image"]
    assert "10 labels" in texts["classLabel_probs"]
    stages = read(convert(toy(Head.FEATURES), ConversionRequest(), tmp_path / "F.mlpackage").path).description.output
    assert [stage.shortDescription.split(",")[0] for stage in stages] == ["Feature map stage1", "Feature map stage2"]


def test_the_record_of_the_model_is_complete_and_foreign_entries_are_kept(tmp_path: Path) -> None:
    request = ConversionRequest(labels=LABELS, metadata={"com.edgevit.golden": '{"a": 1}'})
    entries = read(convert(toy(), request, tmp_path / "M.mlpackage").path).description.metadata.userDefined
    record = json.loads(entries["com.edgevit.model"])
    assert record["name"] == "toy"
    assert record["input_size"] == [SIDE, SIDE]
    assert record["head"] == "probabilities"
    assert record["precision"] == "fp16"
    assert record["preprocessing"]["mean"] == [0.485, 0.456, 0.406]
    assert record["weights"] == {"kind": "random", "source": "seed 7", "sha256": "ab" * 32, "trained": False}
    assert entries["com.edgevit.golden"] == '{"a": 1}'
    assert entries["com.apple.coreml.model.preview.type"] == "imageClassifier"


def test_only_image_classifiers_ask_for_the_preview(tmp_path: Path) -> None:
    for name, model in {"A": toy(), "B": toy(input_kind="normalized"), "C": toy(Head.LOGITS)}.items():
        labels = None if name == "A" else LABELS
        path = convert(model, ConversionRequest(labels=labels), tmp_path / f"{name}.mlpackage").path
        assert "com.apple.coreml.model.preview.type" not in read(path).description.metadata.userDefined


def test_nothing_tells_when_where_or_by_whom_it_was_made(tmp_path: Path) -> None:
    path = convert(toy(), ConversionRequest(labels=LABELS), tmp_path / "M.mlpackage").path
    metadata = read(path).description.metadata
    text = str(metadata) + (path / "Manifest.json").read_text()
    assert not re.search(r"20\d\d-\d\d-\d\d", text)
    assert str(tmp_path) not in text
    assert re.fullmatch(r"torch==[\d.]+", metadata.userDefined["com.github.apple.coremltools.source"])
    raw = (path / "Data/com.apple.CoreML/model.mlmodel").read_bytes()
    for secret in (str(tmp_path), str(Path.home()) + "/", socket.gethostname()):
        assert secret.encode() not in raw
    assert f"/{getpass.getuser()}/".encode() not in raw


def test_keys_of_edgevit_cannot_be_overwritten(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"com\.edgevit\.model"):
        convert(toy(), ConversionRequest(metadata={"com.edgevit.model": "x"}), tmp_path / "M.mlpackage")
