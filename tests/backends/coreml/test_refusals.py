"""What is refused before or during a conversion, and how it is said."""

from __future__ import annotations

import dataclasses
import importlib
import sys
from pathlib import Path

import coremltools
import numpy as np
import pytest
import torch

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert, count_ops
from edgevit.errors import BadLabelsError, ConversionError, InputError, TargetExistsError, ToolMissingError, UsageError
from edgevit.types import Head
from tests.backends.coreml.toy import LABELS, toy


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("my image", "no identifier"),
        ("1image", "no identifier"),
        ("imag\u00e9", "no identifier"),
        ("_image", "no identifier"),
        ("image.0", "no identifier"),
        ("", "no identifier"),
        ("class", "Swift keyword"),
        ("self", "Swift keyword"),
        ("tensor", "reserved in ML Programs"),
        ("fp16", "reserved in ML Programs"),
        ("state", "reserved in ML Programs"),
        ("logits", "more than once"),
    ],
)
def test_input_names_that_coremltools_or_xcode_would_change(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        convert(toy(Head.LOGITS), ConversionRequest(input_name=name), tmp_path / "M.mlpackage")
    assert reason in caught.value.why


def test_a_classifier_reserves_the_names_of_its_two_outputs(tmp_path: Path) -> None:
    request = ConversionRequest(labels=LABELS, input_name="classLabel")
    with pytest.raises(UsageError) as caught:
        convert(toy(), request, tmp_path / "M.mlpackage")
    assert "'classLabel' is used more than once." in caught.value.why


@pytest.mark.parametrize("name", ["model", "M.mlmodel", "my-model.mlpackage", "class.mlpackage", "1.mlpackage"])
def test_file_names_that_cannot_name_a_swift_class(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be named"):
        convert(toy(), ConversionRequest(), tmp_path / name)


@pytest.mark.parametrize("taken", ["M.mlpackage", "T.mlpackage"])
def test_existing_targets_are_left_alone(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).mkdir()
    with pytest.raises(TargetExistsError, match=taken):
        convert(toy(), ConversionRequest(), tmp_path / "M.mlpackage", twin=tmp_path / "T.mlpackage")
    assert list((tmp_path / taken).iterdir()) == []


def test_duplicate_labels_are_named(tmp_path: Path) -> None:
    labels = ("crane", *LABELS[1:-1], "crane")
    with pytest.raises(BadLabelsError) as caught:
        convert(toy(), ConversionRequest(labels=labels), tmp_path / "M.mlpackage")
    assert "'crane'" in caught.value.why


def test_labels_must_be_as_many_as_classes(tmp_path: Path) -> None:
    with pytest.raises(BadLabelsError, match="9 labels for 10 classes"):
        convert(toy(), ConversionRequest(labels=LABELS[:-1]), tmp_path / "M.mlpackage")


def test_unknown_input_kind(tmp_path: Path) -> None:
    model = dataclasses.replace(toy(), input_kind="sound")
    with pytest.raises(UsageError, match="sound"):
        convert(model, ConversionRequest(), tmp_path / "M.mlpackage")


class Unconvertible(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = torch.special.i0e(x)
        return result


def test_a_failing_operator_is_named_with_its_place(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConversionError) as caught:
        convert(toy(middle=Unconvertible()), ConversionRequest(), tmp_path / "M.mlpackage")
    assert "special_i0e" in caught.value.why
    assert "middle" in caught.value.why
    assert capfd.readouterr() == ("", "")


def test_coremltools_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "coremltools", None)
    with pytest.raises(ToolMissingError) as caught:
        convert(toy(), ConversionRequest(), tmp_path / "M.mlpackage")
    assert "edgevit-slim[ios]" in caught.value.help
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("module", "version"), [(coremltools, "9.1"), (np, "2.4.0")])
def test_other_releases_are_refused(monkeypatch: pytest.MonkeyPatch, module: object, version: str) -> None:
    monkeypatch.setattr(module, "__version__", version)
    toolchain = importlib.import_module("edgevit.backends.coreml.toolchain")
    with pytest.raises(ToolMissingError, match=version):
        toolchain.preload()


def test_counting_in_something_else(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        count_ops(tmp_path)
    folder = tmp_path / "M.mlpackage" / "Data" / "com.apple.CoreML"
    folder.mkdir(parents=True)
    (folder / "model.mlmodel").write_bytes(b"\xff\xff not a model")
    with pytest.raises(InputError, match="no Core ML model"):
        count_ops(tmp_path / "M.mlpackage")
