"""TFLite Metadata: what readers of others find in a file."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path

import pytest

from edgevit.backends.base import ConversionRequest
from edgevit.backends.tflite import convert
from edgevit.errors import ArtifactCorruptError, UsageError
from edgevit.mobile.heads import OUTPUT_NAMES
from edgevit.store.digest import file_digest
from edgevit.types import AdaptedModel, Head, PixelType, WeightsInfo
from edgevit.verification.tflite.flatbuffer import Table, read_root
from edgevit.verification.tflite.labels import read_labels
from edgevit.verification.tflite.model import read_tflite
from edgevit.verification.verdict import judge
from edgevit.verification.verify import verify
from tests.verification.tflite.files import CLASSES, LABELS, SPEC, Toy, build_file


def _metadata(path: Path) -> Table:
    return read_root(read_tflite(path).buffers["TFLITE_METADATA"], b"M001")


def _only(tables: tuple[Table, ...]) -> Table:
    (table,) = tables
    return table


def _sub(table: Table, field: int) -> Table:
    value = table.table(field)
    assert value is not None
    return value


@pytest.mark.parametrize("pixels", list(PixelType))
def test_the_image_is_described_with_its_preprocessing(tmp_path: Path, pixels: PixelType) -> None:
    root = _metadata(build_file(tmp_path, pixels=pixels).artifact.path)
    assert root.text(0) == SPEC.title
    assert "UNTRAINED" in root.text(1)
    assert root.text(5) == SPEC.licence
    image = _only(_only(root.tables(3)).tables(2))
    assert image.text(0) == "image"
    assert f"0 to 255 as {pixels.value}" in image.text(1)
    content = _sub(image, 3)
    assert content.integer(0, "B") == 2
    properties = _sub(content, 1)
    assert properties.integer(0, "b") == 1
    size = _sub(properties, 1)
    assert (size.integer(1, "I"), size.integer(0, "I")) == SPEC.input_size
    unit = _only(image.tables(4))
    assert unit.integer(0, "B") == 1
    normalization = _sub(unit, 1)
    assert (normalization.floats(0), normalization.floats(1)) == ((0.0,), (1.0,))


@pytest.mark.parametrize("head", list(Head))
def test_every_output_is_described_and_only_probabilities_have_labels(tmp_path: Path, head: Head) -> None:
    path = build_file(tmp_path, head).artifact.path
    model = read_tflite(path)
    outputs = _only(_metadata(path).tables(3)).tables(3)
    assert [output.text(0) for output in outputs] == list(model.main.outputs)
    assert zipfile.is_zipfile(path) is (head is Head.PROBABILITIES)
    assert read_labels(model) == (LABELS if head is Head.PROBABILITIES else ())


def test_labels_are_one_a_line_in_the_archive(tmp_path: Path) -> None:
    labels = (*(f"class {i}" for i in range(CLASSES - 2)), "ثعلب", 'a "quoted" name')
    path = build_file(tmp_path, labels=labels).artifact.path
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["labels.txt"]
        assert archive.testzip() is None
        assert archive.read("labels.txt").decode() == "\n".join(labels) + "\n"
    assert verify(path).passed


def test_wrong_labels_fail_the_verdict(tmp_path: Path) -> None:
    built = build_file(tmp_path)
    swapped = (LABELS[1], LABELS[0], *LABELS[2:])
    verdict = judge(built.artifact, spec=SPEC, head=built.head, reference=built.reference, labels=swapped)
    assert not verdict.passed
    assert "2 labels differ" in verdict.failures[0]
    assert judge(built.artifact, spec=SPEC, head=built.head, reference=built.reference, labels=LABELS).passed


def test_a_damaged_archive_is_one_error(tmp_path: Path) -> None:
    path = build_file(tmp_path).artifact.path
    content = path.read_bytes()
    start = content.rindex(b"label 0\n")
    for damaged in (content[:start] + b"LABEL" + content[start + 5 :], content[: start + 20]):
        path.write_bytes(damaged)
        with pytest.raises(ArtifactCorruptError, match="labels"):
            verify(path)


def test_the_same_network_gives_the_same_file_on_another_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = set()
    for day in (0.0, 2e9):
        monkeypatch.setattr("time.time", lambda day=day: day)
        folder = tmp_path / str(day)
        folder.mkdir()
        digests.add(file_digest(build_file(folder).artifact.path))
    assert len(digests) == 1


def test_own_keys_cannot_be_given(tmp_path: Path) -> None:
    model = AdaptedModel(
        SPEC, Toy(Head.LOGITS, 1.0), Head.LOGITS, WeightsInfo("random", "", ""), "centred_pixels", (),
        OUTPUT_NAMES[Head.LOGITS],
    )  # fmt: skip
    request = dataclasses.replace(ConversionRequest(), metadata={"com.edgevit.model": "mine"})
    with pytest.raises(UsageError):
        convert(model, request, tmp_path / "model.tflite")
    assert not list(tmp_path.iterdir())
