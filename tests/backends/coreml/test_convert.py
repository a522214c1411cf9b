"""The package that is written: operators, inputs and outputs, targets, precision."""

from __future__ import annotations

import gc
import logging
import warnings
from pathlib import Path

import coremltools
import pytest
import torch
from coremltools.proto.Model_pb2 import Model

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert, count_ops
from edgevit.errors import UnsupportedError
from edgevit.types import Head, Precision
from tests.backends.coreml.toy import LABELS, SIDE, toy


def read(package: Path) -> Model:
    model = Model()
    model.ParseFromString((package / "Data/com.apple.CoreML/model.mlmodel").read_bytes())
    return model


def operators(model: Model) -> list[str]:
    (block,) = model.mlProgram.functions["main"].block_specializations.values()
    return [op.type for op in block.operations if op.type != "const"]


def weight_bytes(package: Path) -> bytes:
    return (package / "Data/com.apple.CoreML/weights/weight.bin").read_bytes()


def test_the_program_is_the_one_that_coremltools_itself_writes(tmp_path: Path) -> None:
    model = toy()
    convert(model, ConversionRequest(labels=LABELS), tmp_path / "Ours.mlpackage", twin=tmp_path / "Twin.mlpackage")

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(model.module, torch.zeros(1, 3, SIDE, SIDE), check_trace=False)  # type: ignore[no-untyped-call]
        bias = [-255 * mean for mean in model.spec.preprocessing.mean]
        coremltools.convert(
            traced,
            inputs=[coremltools.ImageType(name="image", shape=(1, 3, SIDE, SIDE), bias=bias)],
            outputs=[coremltools.TensorType(name="probabilities")],
            classifier_config=coremltools.ClassifierConfig(list(LABELS)),
            minimum_deployment_target=coremltools.target.iOS16,
        ).save(str(tmp_path / "Theirs.mlpackage"))

    ours, theirs = tmp_path / "Ours.mlpackage", tmp_path / "Theirs.mlpackage"
    assert operators(read(ours)) == operators(read(theirs))
    assert weight_bytes(ours) == weight_bytes(theirs)
    for part in ("input", "output"):
        expected = [(f.name, f.type) for f in getattr(read(theirs).description, part)]
        assert [(f.name, f.type) for f in getattr(read(ours).description, part)] == expected


@pytest.mark.parametrize(("ios", "version"), [(15, 6), (16, 7), (17, 8), (18, 9)])
def test_every_target_is_written_at_its_specification_version(tmp_path: Path, ios: int, version: int) -> None:
    artifact = convert(toy(), ConversionRequest(labels=LABELS, ios_min=ios), tmp_path / "M.mlpackage")
    assert artifact.minimum_os == f"iOS {ios}"
    assert artifact.notes == ()
    assert read(artifact.path).specificationVersion == version


@pytest.mark.parametrize("ios", [14, 19, 26])
def test_other_targets_are_refused(tmp_path: Path, ios: int) -> None:
    with pytest.raises(UnsupportedError, match=f"iOS {ios}"):
        convert(toy(), ConversionRequest(ios_min=ios), tmp_path / "M.mlpackage")
    assert list(tmp_path.iterdir()) == []


def test_outputs_are_half_from_ios_16_on_and_float_before_with_a_note(tmp_path: Path) -> None:
    array = coremltools.proto.FeatureTypes_pb2.ArrayFeatureType
    new = convert(toy(Head.LOGITS), ConversionRequest(), tmp_path / "New.mlpackage")
    old = convert(toy(Head.LOGITS), ConversionRequest(ios_min=15), tmp_path / "Old.mlpackage")
    kinds = [read(one.path).description.output[0].type.multiArrayType.dataType for one in (new, old)]
    assert kinds == [array.FLOAT16, array.FLOAT32]
    assert new.notes == ()
    assert "Float32" in old.notes[0]


def test_an_operator_of_a_newer_system_raises_the_minimum_and_says_so(tmp_path: Path) -> None:
    shuffle = torch.nn.Sequential(torch.nn.PixelUnshuffle(2), torch.nn.PixelShuffle(2))
    artifact = convert(toy(middle=shuffle), ConversionRequest(ios_min=15), tmp_path / "M.mlpackage")
    assert artifact.minimum_os == "iOS 16"
    assert artifact.notes[0] == "The minimum is raised from iOS 15 to 16: 'pixel_unshuffle' needs it."


def test_fp32_has_no_casts_and_twice_the_weights(tmp_path: Path) -> None:
    half = convert(toy(Head.LOGITS), ConversionRequest(), tmp_path / "Half.mlpackage")
    full = convert(toy(Head.LOGITS), ConversionRequest(precision=Precision.FP32), tmp_path / "Full.mlpackage")
    assert "cast" in half.ops
    assert "cast" not in full.ops
    assert full.size_bytes > half.size_bytes
    assert {**half.ops, "cast": 0} == {**full.ops, "cast": 0}


def test_attention_becomes_two_matrix_products_without_a_transpose(tmp_path: Path) -> None:
    ops = convert(toy(Head.LOGITS), ConversionRequest(), tmp_path / "M.mlpackage").ops
    assert ops["matmul"] == 2
    assert "transpose" not in ops


@pytest.mark.parametrize("head", list(Head))
def test_outputs_of_each_head_have_their_names(tmp_path: Path, head: Head) -> None:
    model = toy(head)
    path = convert(model, ConversionRequest(), tmp_path / "M.mlpackage").path
    assert tuple(feature.name for feature in read(path).description.output) == model.output_names


def test_labels_make_a_classifier_only_of_probabilities(tmp_path: Path) -> None:
    classifier = read(convert(toy(), ConversionRequest(labels=LABELS), tmp_path / "A.mlpackage").path)
    assert [f.name for f in classifier.description.output] == ["classLabel", "classLabel_probs"]
    assert classifier.description.predictedFeatureName == "classLabel"
    logits = read(convert(toy(Head.LOGITS), ConversionRequest(labels=LABELS), tmp_path / "B.mlpackage").path)
    assert [f.name for f in logits.description.output] == ["logits"]


def test_normalized_input_is_a_float_array_and_pixels_are_an_image(tmp_path: Path) -> None:
    array = read(convert(toy(input_kind="normalized"), ConversionRequest(), tmp_path / "A.mlpackage").path)
    assert tuple(array.description.input[0].type.multiArrayType.shape) == (1, 3, SIDE, SIDE)
    image = read(convert(toy(), ConversionRequest(input_name="photo"), tmp_path / "B.mlpackage").path)
    assert image.description.input[0].name == "photo"
    assert image.description.input[0].type.imageType.width == SIDE


def test_the_mean_is_subtracted_in_float32(tmp_path: Path) -> None:
    model = read(convert(toy(), ConversionRequest(), tmp_path / "M.mlpackage").path)
    (block,) = model.mlProgram.functions["main"].block_specializations.values()
    first, second = [op for op in block.operations if op.type != "const"][:2]
    assert (first.type, second.type) == ("add", "cast")
    assert first.outputs[0].type.tensorType.dataType == coremltools.proto.MIL_pb2.FLOAT32


def test_batch_norms_are_not_made_of_elementwise_operators(tmp_path: Path) -> None:
    """coremltools would write one with epsilon 1e-5, which changes the result by 5e-6."""

    class Affine(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            scale = torch.arange(1.0, 17.0).reshape(1, 16, 1, 1)
            return x.relu() * scale + scale

    ops = convert(toy(Head.LOGITS, middle=Affine()), ConversionRequest(), tmp_path / "M.mlpackage").ops
    assert "batch_norm" not in ops
    assert ops["mul"] == 2


def test_count_ops_reads_what_was_written(tmp_path: Path) -> None:
    artifact = convert(toy(), ConversionRequest(labels=LABELS), tmp_path / "M.mlpackage")
    assert count_ops(artifact.path) == artifact.ops
    assert artifact.ops["classify"] == 1
    assert "const" not in artifact.ops


def test_nothing_is_printed_logged_or_left_behind(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    from coremltools.converters.mil.frontend.torch import ops
    from coremltools.converters.mil.mil.block import Block

    logger = logging.getLogger("coremltools")
    before = (logger.propagate, list(logger.handlers), ops._tqdm, Block._propagate_nonreplaceable_vars)
    convert(toy(Head.LOGITS), ConversionRequest(ios_min=15), tmp_path / "M.mlpackage")
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
    assert gc.isenabled()
    assert (logger.propagate, list(logger.handlers), ops._tqdm, Block._propagate_nonreplaceable_vars) == before
    assert [path.name for path in tmp_path.iterdir()] == ["M.mlpackage"]
