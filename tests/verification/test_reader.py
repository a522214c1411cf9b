"""The reader: what it finds in a package, and that damage always ends in one of our errors."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from edgevit.errors import ArtifactCorruptError, EdgeVitError, InputError, UnsafeInputError, UnsupportedError
from edgevit.verification.blob import WeightFile, unpack_bits
from edgevit.verification.constants import load_constants
from edgevit.verification.evaluator import Evaluator, Rounding
from edgevit.verification.package import read_package
from edgevit.verification.wire import decode
from tests.verification.packages import CLASSES, LABELS, SIZE, build_package

MODEL = Path("Data/com.apple.CoreML/model.mlmodel")
WEIGHTS = Path("Data/com.apple.CoreML/weights/weight.bin")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_package(tmp_path_factory.mktemp("reader"), metadata={"com.example.note": "ünïcode"}).artifact.path


@pytest.fixture
def copied(package: Path, tmp_path: Path) -> Path:
    shutil.copytree(package, tmp_path / "Copy.mlpackage")
    return tmp_path / "Copy.mlpackage"


def run(path: Path) -> None:
    """Do everything with a package that a verdict does."""
    evaluator = Evaluator(path)
    inputs = {value.name: torch.zeros(value.type.shape) for value in evaluator.inputs}
    evaluator.with_rounding(Rounding.HALF).run(inputs)


def test_a_package_says_what_it_is(package: Path) -> None:
    read = read_package(package)
    (image,) = read.inputs
    assert (image.name, image.kind, image.shape, image.colour_space) == ("image", "image", SIZE, "rgb")
    assert {output.name: output.kind for output in read.outputs} == {
        "classLabel": "string",
        "classLabel_probs": "dictionary",
    }
    assert read.predicted_feature_name == "classLabel"
    assert read.minimum_os == "iOS 16"
    assert read.metadata["com.example.note"] == "ünïcode"
    assert read.main.count_ops()["conv"] == 3


def test_a_classifier_returns_its_label_and_dictionary(package: Path) -> None:
    results = Evaluator(package).run({"image": torch.full((1, 3, *SIZE), 90.0)})
    table = results["classLabel_probs"]
    assert isinstance(table, dict)
    assert tuple(table) == LABELS
    assert sum(table.values()) == pytest.approx(1.0, abs=1e-5)
    assert results["classLabel"] == max(table, key=lambda label: table[label])


def test_half_rounding_makes_every_fp16_value_a_half(package: Path) -> None:
    evaluator = Evaluator(package, rounding=Rounding.HALF)
    seen: list[str] = []
    evaluator.run({"image": torch.full((1, 3, *SIZE), 90.0)}, observer=lambda o: seen.append(f"{o.dtype} {o.op}"))
    names = [output.name for step in evaluator.plan.steps for output in step.outputs if output.type.dtype == "fp16"]
    values = evaluator.run({"image": torch.full((1, 3, *SIZE), 90.0)}, keep=names)
    assert len(names) >= 8
    assert "fp16 conv" in seen
    assert "fp32 add" in seen
    for name in names:
        value = values[name]
        assert isinstance(value, torch.Tensor)
        assert torch.equal(value, value.half().float())


def test_inputs_are_checked(package: Path) -> None:
    evaluator = Evaluator(package)
    with pytest.raises(InputError, match="missing"):
        evaluator.run({})
    with pytest.raises(InputError, match="shape"):
        evaluator.run({"image": torch.zeros(1, 3, 8, 8)})
    with pytest.raises(InputError, match="function"):
        Evaluator(package, function="other")


def test_constants_are_read_as_stored(package: Path) -> None:
    read = read_package(package)
    constants = load_constants(read, read.main)
    (linear,) = [operation for operation in read.main.operations if operation.type == "linear"]
    weight = constants.parameter(linear, "weight")
    assert weight is not None
    assert weight.dtype == np.float16
    assert weight.shape == (CLASSES, 24)


@pytest.mark.parametrize("part", [Path("Manifest.json"), MODEL, WEIGHTS])
def test_missing_and_empty_parts_are_named(copied: Path, part: Path) -> None:
    (copied / part).write_bytes(b"")
    with pytest.raises((ArtifactCorruptError, UnsupportedError)):
        run(copied)
    (copied / part).unlink()
    with pytest.raises(ArtifactCorruptError):
        run(copied)


@pytest.mark.parametrize("item", ["../../secret", "/etc/passwd", "com.apple.CoreML/../../..", "a\0b", ""])
def test_a_manifest_cannot_lead_out_of_the_package(copied: Path, item: str) -> None:
    manifest = json.loads((copied / "Manifest.json").read_text())
    manifest["itemInfoEntries"][manifest["rootModelIdentifier"]]["path"] = item
    (copied / "Manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UnsafeInputError):
        read_package(copied)


def test_a_link_cannot_lead_out_of_the_package(copied: Path, tmp_path: Path) -> None:
    shutil.copy(copied / WEIGHTS, tmp_path / "outside.bin")
    (copied / WEIGHTS).unlink()
    (copied / WEIGHTS).symlink_to(tmp_path / "outside.bin")
    with pytest.raises(UnsafeInputError):
        run(copied)


def test_a_weight_reference_cannot_lead_out_of_the_package(copied: Path) -> None:
    data = (copied / MODEL).read_bytes()
    # The same length, so that the surrounding messages stay intact.
    (copied / MODEL).write_bytes(data.replace(b"@model_path/weights/weight.bin", b"@model_path/../../../weights/w"))
    with pytest.raises(UnsafeInputError):
        run(copied)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"rootModelIdentifier": 3}', "[" * 100_000, '"x"'])
def test_malformed_manifests_are_refused(copied: Path, manifest: str) -> None:
    (copied / "Manifest.json").write_text(manifest)
    with pytest.raises(ArtifactCorruptError):
        read_package(copied)


def test_other_kinds_of_model_are_unsupported(copied: Path) -> None:
    (copied / MODEL).write_bytes(bytes([0x08, 0x01, 0xA2, 0x1F, 0x00]))  # version 1, an empty neuralNetwork (field 500)
    with pytest.raises(UnsupportedError, match="ML Program"):
        read_package(copied)


def mutate(data: bytes, generator: np.random.Generator) -> bytes:
    """Flip bits, cut, repeat or overwrite a stretch."""
    kind = generator.integers(4)
    at = int(generator.integers(len(data)))
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + data[at + int(generator.integers(1, 9)) :]
    changed = bytearray(data)
    for place in generator.integers(0, len(data), int(generator.integers(1, 4))):
        changed[place] = (
            int(generator.integers(256)) if kind == 2 else changed[place] ^ (1 << int(generator.integers(8)))
        )
    return bytes(changed)


@pytest.mark.parametrize("seed", range(6))
def test_mutated_programs_end_in_our_errors(copied: Path, seed: int) -> None:
    generator, refused = np.random.default_rng(seed), 0
    good = (copied / MODEL).read_bytes()
    for _ in range(60):
        (copied / MODEL).write_bytes(mutate(good, generator))
        refused += raises_only_our_errors(lambda: run(copied))
    assert refused >= 20


@pytest.mark.parametrize("seed", range(2))
def test_mutated_blob_records_end_in_our_errors(copied: Path, seed: int) -> None:
    generator, refused = np.random.default_rng(seed), 0
    good = (copied / WEIGHTS).read_bytes()
    records = [at for at in range(0, len(good), 64) if good[at : at + 4] == b"\xef\xbe\xad\xde"]
    for _ in range(60):
        changed = bytearray(good)
        at = int(generator.choice([0, *records])) + int(generator.integers(24))
        changed[at] = int(generator.integers(256))
        (copied / WEIGHTS).write_bytes(bytes(changed))
        refused += raises_only_our_errors(lambda: run(copied))
    assert refused >= 30


def raises_only_our_errors(action: Callable[[], None]) -> bool:
    """Return whether the action raised one of our errors; any other exception fails the test."""
    try:
        action()
    except EdgeVitError as error:
        return bool(error.what and error.help)
    return False


def test_messages_nested_without_end_are_refused() -> None:
    data = b""
    for _ in range(300):  # ValueType.list (2) . ListType.type (1)
        inner = b"\x0a" + length(data) + data
        data = b"\x12" + length(inner) + inner
    with pytest.raises(ArtifactCorruptError, match="deep"):
        decode(data, "ValueType")


def length(data: bytes) -> bytes:
    value, out = len(data), bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 6, 8])
def test_bits_are_unpacked_from_the_least_significant_up(bits: int) -> None:
    values = np.random.default_rng(bits).integers(0, 1 << bits, 37)
    number = sum(int(value) << (bits * place) for place, value in enumerate(values))
    data = np.frombuffer(number.to_bytes(-(-37 * bits // 8), "little"), np.uint8)
    assert np.array_equal(unpack_bits(data, bits, 37), values)
    signed = np.where(values >= 1 << (bits - 1), values - (1 << bits), values)
    assert np.array_equal(unpack_bits(data, bits, 37, signed=True), signed)


def test_blobs_must_have_the_declared_type_and_size(package: Path) -> None:
    weights = WeightFile(package / WEIGHTS)
    with pytest.raises(ArtifactCorruptError, match="says fp32"):
        weights.read(64, "fp32", (1,))
    with pytest.raises(ArtifactCorruptError, match="elements"):
        weights.read(64, "fp16", (1 << 40,))
    with pytest.raises(ArtifactCorruptError, match="no blob"):
        weights.read(128, "fp16", (1,))
    with pytest.raises(ArtifactCorruptError, match="no blob"):
        weights.read(1 << 60, "fp16", (1,))
