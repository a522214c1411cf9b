"""Activations in 8 bits: pairs around layers, on the very grids that PyTorch rounds to."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert
from edgevit.errors import ConversionError
from edgevit.mobile.halves import half_weights
from edgevit.quantize.apply import quantize
from edgevit.quantize.model import QuantizedModel
from edgevit.quantize.schemes import get_scheme
from edgevit.quantize.simulation import simulated
from edgevit.types import Artifact, Head
from edgevit.verification.evaluator import Evaluator
from tests.quantize.networks import SIDE, small

IMAGES = np.random.default_rng(0).integers(0, 256, (4, SIDE, SIDE, 3), np.uint8)


def w8a8(*keep: str) -> QuantizedModel:
    return quantize(small(), get_scheme("w8a8"), "mlpackage", calibration=IMAGES, keep=keep)


def written(quantized: QuantizedModel, folder: Path) -> Artifact:
    return convert(quantized.source, ConversionRequest(quantized=quantized), folder / "EdgeVitModel.mlpackage")


@torch.no_grad()
def test_the_package_rounds_to_the_grids_that_pytorch_rounds_to(tmp_path: Path) -> None:
    quantized = w8a8()
    pixels = torch.from_numpy(IMAGES[0].transpose(2, 0, 1)[None].astype(np.float32))
    mean = 255 * torch.tensor(quantized.source.spec.preprocessing.mean).reshape(1, 3, 1, 1)
    expected = half_weights(simulated(quantized))(pixels - mean)
    actual = Evaluator(written(quantized, tmp_path).path).run({"image": pixels})["logits"]
    assert isinstance(actual, Tensor)
    assert torch.allclose(actual, expected, rtol=0, atol=1e-5 * float(expected.abs().max()))
    source = half_weights(quantized.source.module)(pixels - mean)
    assert not torch.allclose(actual, source, rtol=0, atol=1e-3 * float(expected.abs().max()))


def test_pairs_are_where_ranges_are(tmp_path: Path) -> None:
    artifact = written(w8a8(), tmp_path)
    # Inputs of four layers and outputs of three; the stem's output is the next input, on the same grid.
    assert artifact.ops["quantize"] == artifact.ops["dequantize"] == 6
    assert artifact.minimum_os == "iOS 17"


@torch.no_grad()
def test_a_pair_stands_behind_a_relu_and_has_no_negative_integers(tmp_path: Path) -> None:
    network = small()
    block = network.module.get_submodule("block")
    assert isinstance(block, nn.Sequential)
    network.module.block = nn.Sequential(nn.ReLU(), *block)
    quantized = quantize(network, get_scheme("w8a8"), "mlpackage", calibration=IMAGES)
    evaluator = Evaluator(written(quantized, tmp_path).path)
    kinds = [step.type for step in evaluator.plan.steps]
    assert kinds[kinds.index("conv") :][:4] == ["conv", "relu", "quantize", "dequantize"]
    first, *others = (step for step in evaluator.plan.steps if step.type == "quantize")
    assert first.outputs[0].type.dtype == "int8"
    assert others[0].outputs[0].type.dtype == "uint8"
    pixels = torch.from_numpy(IMAGES[0].transpose(2, 0, 1)[None].astype(np.float32))
    mean = 255 * torch.tensor(quantized.source.spec.preprocessing.mean).reshape(1, 3, 1, 1)
    expected = half_weights(simulated(quantized))(pixels - mean)
    actual = evaluator.run({"image": pixels})["logits"]
    assert isinstance(actual, Tensor)
    assert torch.allclose(actual, expected, rtol=0, atol=1e-5 * float(expected.abs().max()))


class _Maps(nn.Module):
    """Returns what its first layer makes, which the second one reads too, and what the second one makes."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 3, stride=4, padding=1)
        self.second = nn.Conv2d(32, 32, 1)
        with torch.no_grad():
            self.stem.weight.div_(255 * 0.25)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        first = self.stem(x)
        return first, self.second(first.abs())


@torch.no_grad()
def test_an_output_that_a_layer_reads_keeps_its_name(tmp_path: Path) -> None:
    torch.manual_seed(3)
    network = dataclasses.replace(small(), module=_Maps().eval(), head=Head.FEATURES, output_names=("stage1", "stage2"))
    quantized = quantize(network, get_scheme("w8a8"), "mlpackage", calibration=IMAGES)
    pixels = torch.from_numpy(IMAGES[0].transpose(2, 0, 1)[None].astype(np.float32))
    mean = 255 * torch.tensor(quantized.source.spec.preprocessing.mean).reshape(1, 3, 1, 1)
    expected = half_weights(simulated(quantized))(pixels - mean)
    actual = Evaluator(written(quantized, tmp_path).path).run({"image": pixels})
    assert list(actual) == ["stage1", "stage2"]
    for value, wanted in zip(actual.values(), expected, strict=True):
        assert isinstance(value, Tensor)
        assert torch.allclose(value, wanted, rtol=0, atol=1e-5 * float(wanted.abs().max()))


def test_layers_that_are_kept_have_no_pairs(tmp_path: Path) -> None:
    artifact = written(w8a8("stem", "block.0", "classifier"), tmp_path)
    assert artifact.ops["quantize"] == artifact.ops["dequantize"] == 2


def test_scales_are_half_precision_numbers() -> None:
    quantized = w8a8()
    for seen in (*quantized.inputs.values(), *quantized.outputs.values()):
        scale = max(seen.high, -seen.low) / 127
        assert scale == pytest.approx(float(np.float16(scale)), rel=1e-6)


def test_a_classifier_returns_what_it_computes() -> None:
    assert "classifier" in w8a8().inputs
    assert "classifier" not in w8a8().outputs


def test_ranges_of_an_unknown_layer_are_refused(tmp_path: Path) -> None:
    quantized = w8a8()
    encodings = {name: encoding for name, encoding in quantized.encodings.items() if name != "block.2.weight"}
    lost = QuantizedModel(
        quantized.source,
        quantized.model,
        quantized.scheme,
        quantized.form,
        encodings,
        quantized.inputs,
        quantized.outputs,
        quantized.skipped,
    )
    with pytest.raises(ConversionError, match=r"'block\.2' with quantized activations"):
        written(lost, tmp_path)
