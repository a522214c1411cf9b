"""Quantized weights in a package: the operators of each iOS, the very values of the codes, the same bytes each time."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert
from edgevit.errors import ConversionError
from edgevit.quantize.apply import quantize
from edgevit.quantize.encoding import LinearEncoding, PaletteEncoding
from edgevit.quantize.model import QuantizedModel
from edgevit.quantize.schemes import get_scheme, list_schemes
from edgevit.types import Artifact, Head, Precision
from edgevit.verification.compression import missing_weights
from edgevit.verification.constants import load_constants
from edgevit.verification.evaluator import Evaluator
from edgevit.verification.package import read_package
from tests.quantize.networks import SIDE, small

SCHEMES = [
    scheme.name
    for scheme in list_schemes()
    if "mlpackage" in scheme.formats and scheme.formats["mlpackage"].activations is None and scheme.name != "fp16"
]

OPERATORS = {
    (LinearEncoding, 16): "constexpr_affine_dequantize",
    (LinearEncoding, 18): "constexpr_blockwise_shift_scale",
    (PaletteEncoding, 16): "constexpr_lut_to_dense",
    (PaletteEncoding, 18): "constexpr_lut_to_dense",
}


def written(
    quantized: QuantizedModel, folder: Path, *, ios: int = 16, precision: Precision = Precision.FP16
) -> Artifact:
    request = ConversionRequest(quantized=quantized, ios_min=ios, precision=precision)
    return convert(quantized.source, request, folder / "EdgeVitModel.mlpackage")


def centred(seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return an image (1, 3, H, W) as pixels, and minus the mean, as the network reads it."""
    pixels = torch.from_numpy(np.random.default_rng(seed).integers(0, 256, (1, 3, SIDE, SIDE))).float()
    mean = torch.tensor(small().spec.preprocessing.mean).reshape(1, 3, 1, 1)
    return pixels, pixels - 255 * mean


def run(package: Path, pixels: Tensor) -> Tensor:
    result = Evaluator(package).run({"image": pixels})["logits"]
    assert isinstance(result, Tensor)
    return result


def half(module: nn.Module) -> nn.Module:
    module = copy.deepcopy(module)
    for tensor in module.parameters():
        tensor.data = tensor.data.half().float()
    return module.requires_grad_(requires_grad=False)


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("ios", [16, 18])
def test_the_package_computes_with_the_decoded_weights(name: str, ios: int, tmp_path: Path) -> None:
    quantized = quantize(small(), get_scheme(name), "mlpackage")
    artifact = written(quantized, tmp_path, ios=ios)
    pixels, values = centred()
    expected = half(quantized.model.module)(values)
    assert torch.allclose(run(artifact.path, pixels), expected, rtol=0, atol=2e-6 * float(expected.abs().max()))
    assert not torch.equal(half(quantized.source.module)(values), expected)


@pytest.mark.parametrize("name", SCHEMES)
def test_each_encoding_has_the_operator_of_its_ios(name: str, tmp_path: Path) -> None:
    quantized = quantize(small(), get_scheme(name), "mlpackage")
    artifact = written(quantized, tmp_path)
    ios = int(artifact.minimum_os.removeprefix("iOS "))
    expected: dict[str, int] = {}
    for encoding in quantized.encodings.values():
        operator = OPERATORS[type(encoding), ios]
        expected[operator] = expected.get(operator, 0) + 1
    assert {op: count for op, count in artifact.ops.items() if op.startswith("constexpr_")} == expected
    raised = ios > 16
    assert any(f"the scheme '{name}' needs it" in note for note in artifact.notes) == raised


@pytest.mark.parametrize("name", SCHEMES)
def test_stored_weights_are_the_decoded_values_bit_for_bit(name: str, tmp_path: Path) -> None:
    quantized = quantize(small(), get_scheme(name), "mlpackage")
    package = read_package(written(quantized, tmp_path).path)
    constants = load_constants(package, package.main)
    weights = {name: encoding.decode() for name, encoding in quantized.encodings.items()}
    assert not list(missing_weights(constants, weights))
    name = next(iter(weights))
    weights[name].flat[0] += 0.01
    assert list(missing_weights(constants, weights)) == [f"The weight '{name}' is not in the file as its codes say."]


def test_codes_take_their_bits_on_disk(tmp_path: Path) -> None:
    plain = convert(small(), ConversionRequest(), tmp_path / "Plain.mlpackage")
    quantized = quantize(small(), get_scheme("pal4"), "mlpackage")
    saved = sum(2 * e.codes.size - e.size_bits // 8 for e in quantized.encodings.values())
    overhead = plain.size_bytes - saved - written(quantized, tmp_path).size_bytes
    assert abs(overhead) < 600 * len(quantized.encodings)
    assert saved > 4000


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    digests = set()
    for place in ("first", "second"):
        (tmp_path / place).mkdir()
        digests.add(written(quantize(small(), get_scheme("w8"), "mlpackage"), tmp_path / place).sha256)
    assert len(digests) == 1


def test_float32_packages_hold_codes_too(tmp_path: Path) -> None:
    quantized = quantize(small(), get_scheme("w8"), "mlpackage")
    artifact = written(quantized, tmp_path, precision=Precision.FP32)
    pixels, values = centred()
    expected = quantized.model.module(values).detach()
    assert torch.allclose(run(artifact.path, pixels), expected, rtol=0, atol=2e-6 * float(expected.abs().max()))


def test_equal_weights_with_different_codes_are_refused(tmp_path: Path) -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, 48, 1, stride=8)
            self.first, self.second = nn.Conv2d(48, 48, 1), nn.Conv2d(48, 48, 1)
            self.second.weight.data = self.first.weight.data.clone()

        def forward(self, x: Tensor) -> Tensor:
            result: Tensor = self.second(self.first(self.stem(x)).relu()).mean((2, 3))
            return result

    torch.manual_seed(0)
    adapted = dataclasses.replace(small(), module=Twice().eval())
    quantized = quantize(adapted, get_scheme("pal4"), "mlpackage")
    six = quantize(adapted, get_scheme("pal6"), "mlpackage").encodings["second.weight"]
    written(quantized, tmp_path)
    mixed = dataclasses.replace(quantized, encodings={**quantized.encodings, "second.weight": six})
    (tmp_path / "mixed").mkdir()
    with pytest.raises(ConversionError, match=r"first\.weight, second\.weight are equal"):
        written(mixed, tmp_path / "mixed")


def test_a_weight_that_is_not_in_the_program_is_refused(tmp_path: Path) -> None:
    quantized = quantize(small(), get_scheme("w8"), "mlpackage")
    other = small()
    with torch.no_grad():
        other.module.get_parameter("classifier.weight")[0, 0] += 0.01
    with pytest.raises(ConversionError, match=r"classifier\.weight") as caught:
        convert(other, ConversionRequest(quantized=quantized), tmp_path / "EdgeVitModel.mlpackage")
    assert "--keep classifier" in caught.value.help


def test_the_twin_has_the_source_weights(tmp_path: Path) -> None:
    quantized = quantize(small(), get_scheme("pal4"), "mlpackage")
    twin = tmp_path / "Twin.mlpackage"
    convert(quantized.source, ConversionRequest(quantized=quantized), tmp_path / "Codes.mlpackage", twin=twin)
    pixels, values = centred()
    expected = quantized.source.module(values).detach()
    assert quantized.source.head is Head.LOGITS
    assert torch.allclose(run(twin, pixels), expected, rtol=0, atol=2e-6 * float(expected.abs().max()))
