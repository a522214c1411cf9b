"""Whole networks and the backend's face: what is in the file, and that it computes what PyTorch computes."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from torch import Tensor, nn

from edgevit.backends.base import ConversionRequest
from edgevit.backends.tflite import Runtime, convert
from edgevit.errors import ConversionError, OutputError, TargetExistsError, UnsupportedOpError, UsageError
from edgevit.images.photos import photos
from edgevit.images.preprocess import normalize
from edgevit.mobile.adapt import IMAGE_INPUT, adapt
from edgevit.mobile.rewrite import Target
from edgevit.models.outputs import select_output
from edgevit.models.registry import list_models, resolve
from edgevit.reparam.proof import reparameterize
from edgevit.types import AdaptedModel, Head, LoadedModel, PixelType, Precision, WeightsInfo
from edgevit.verification.litert import run_tflite
from edgevit.weights import load_model

_SMALL = [
    ("fastvit_t8", 64),
    ("fastvit_sa12", 64),
    ("efficientvit_m0", 224),
    ("sepvit_lite", 224),
    ("nextvit_small", 64),
]
_NATIVE = [pytest.param(spec.name, None, marks=pytest.mark.slow, id=spec.name) for spec in list_models()]

_Source = Callable[[NDArray[np.uint8]], list[Tensor]]


def _loaded(name: str, head: Head, size: int | None = None) -> LoadedModel:
    return select_output(load_model(name, "random", input_size=size), head)


@functools.cache
def _network(
    name: str, head: Head = Head.LOGITS, *, size: int | None = None, skip: tuple[str, ...] = ()
) -> tuple[AdaptedModel, _Source]:
    """Return an adapted network, and the source network as a function of pixels."""
    loaded = _loaded(name, head, size)

    def source(pixels: NDArray[np.uint8]) -> list[Tensor]:
        with torch.no_grad():
            result = loaded.module(torch.from_numpy(normalize(pixels, loaded.spec.preprocessing)))
        outputs = list(result) if isinstance(result, tuple) else [result]
        return [out.softmax(-1) for out in outputs] if head is Head.PROBABILITIES else outputs

    return adapt(reparameterize(loaded), head=head, target=Target.TFLITE, skip=skip), source


def _psnr(reference: NDArray[Any], actual: NDArray[Any]) -> float:
    error = np.sqrt(np.mean((reference.astype(np.float64) - actual) ** 2))
    return float(20 * np.log10((reference.max() - reference.min()) / max(error, 1e-30)))


def _photo(model: AdaptedModel) -> NDArray[np.uint8]:
    return photos()[0].pixels(model.spec.input_size, model.spec.preprocessing)


def _planned(path: Path) -> Counter[str]:
    interpreter = Interpreter(model_path=str(path), num_threads=1)
    interpreter.allocate_tensors()
    return Counter(str(op["op_name"]) for op in interpreter._get_ops_details())


def _ranks(path: Path) -> int:
    return max(len(detail["shape"]) for detail in Interpreter(model_path=str(path)).get_tensor_details())


@pytest.mark.parametrize(("name", "size"), [*_SMALL, *_NATIVE])
def test_variants(tmp_path: Path, name: str, size: int | None) -> None:
    """Every variant: 100 dB on a photograph, one XNNPACK partition, at most four dimensions."""
    model, source = _network(name, size=size)
    path = tmp_path / f"{name}.tflite"
    artifact = convert(model, ConversionRequest(precision=Precision.FP32), path)
    pixels = _photo(model)
    (outputs,) = run_tflite(path, [{"image": pixels[None]}])
    assert _psnr(source(pixels)[0].numpy(), outputs["logits"]) > 100
    assert _planned(path)["DELEGATE"] == 1
    assert _ranks(path) <= 4
    assert artifact.size_bytes == path.stat().st_size < model.spec.folded_params * 4.2 + 1e6


@pytest.mark.parametrize(("name", "size"), [("fastvit_t8", 64), ("efficientvit_m0", 224)])
def test_half_precision_weights(tmp_path: Path, name: str, size: int) -> None:
    model, source = _network(name, size=size)
    path, twin = tmp_path / "half.tflite", tmp_path / "full.tflite"
    artifact = convert(model, ConversionRequest(precision=Precision.FP16), path, twin=twin)
    pixels = _photo(model)
    half, full = (run_tflite(p, [{"image": pixels[None]}])[0]["logits"] for p in (path, twin))
    expected = source(pixels)[0].numpy()
    assert _psnr(expected, full) > 100
    assert 60 < _psnr(expected, half) < 100
    assert artifact.size_bytes < 0.56 * twin.stat().st_size
    assert artifact.ops["DEQUANTIZE"]


@pytest.mark.parametrize("pixels", list(PixelType))
@pytest.mark.parametrize("skip", [(), (IMAGE_INPUT,)], ids=["centred", "normalized"])
def test_pixels_of_either_type_give_what_pytorch_gives(
    tmp_path: Path, pixels: PixelType, skip: tuple[str, ...]
) -> None:
    model, source = _network("fastvit_t8", size=64, skip=skip)
    path = tmp_path / "model.tflite"
    convert(model, ConversionRequest(Precision.FP32, input_name="photo", input_type=pixels), path)
    photo = _photo(model)
    (outputs,) = run_tflite(path, [{"photo": photo[None].astype(pixels.value)}])
    assert _psnr(source(photo)[0].numpy(), outputs["logits"]) > 100


@pytest.mark.parametrize("head", list(Head))
def test_heads(tmp_path: Path, head: Head) -> None:
    model, source = _network("fastvit_t8", head, size=64)
    path = tmp_path / "model.tflite"
    convert(model, ConversionRequest(precision=Precision.FP32), path)
    photo = _photo(model)
    (outputs,) = run_tflite(path, [{"image": photo[None]}])
    assert set(outputs) == set(model.output_names)
    for name, result in zip(model.output_names, source(photo), strict=True):
        expected = result.permute(0, 2, 3, 1) if result.dim() == 4 else result
        assert outputs[name].shape == tuple(expected.shape)
        assert _psnr(expected.numpy(), outputs[name]) > 100
    assert _planned(path)["DELEGATE"] == 1


def test_metadata_and_older_runtimes(tmp_path: Path) -> None:
    model, source = _network("fastvit_t8", size=64)
    path = tmp_path / "model.tflite"
    request = ConversionRequest(
        precision=Precision.FP32, metadata={"com.edgevit.golden": "täxt"}, runtime=Runtime.TFLITE_2_14
    )
    artifact = convert(model, request, path)
    assert artifact.minimum_os == "TensorFlow Lite 2.14"
    assert "tanh" in artifact.notes[0]
    assert "täxt".encode() in path.read_bytes()
    photo = _photo(model)
    (outputs,) = run_tflite(path, [{"image": photo[None]}])
    assert 40 < _psnr(source(photo)[0].numpy(), outputs["logits"]) < 110


def _toy(module: nn.Module) -> AdaptedModel:
    spec = resolve("fastvit_t8", input_size=32)
    weights = WeightsInfo("random", "", "")
    return AdaptedModel(spec, module, Head.LOGITS, weights, "centred_pixels", (), ("logits",))


class _Sorting(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1).sort(dim=1).values


class _Branching(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3)) if x.sum() > 0 else x.amax((2, 3))


def test_an_operator_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    with pytest.raises(UnsupportedOpError) as caught:
        convert(_toy(nn.Sequential(nn.ReLU(), _Sorting())), ConversionRequest(), path)
    assert "aten.sort.default in 1 (_Sorting)" in caught.value.what
    assert "test_convert.py:" in caught.value.why
    assert not list(tmp_path.iterdir())


def test_networks_that_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(ConversionError) as caught:
        convert(_toy(_Branching()), ConversionRequest(), tmp_path / "model.tflite")
    assert caught.value.why
    assert caught.value.help


def test_refusals_of_names_and_targets(tmp_path: Path) -> None:
    network: Any = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 4))
    with pytest.raises(UsageError):
        convert(_toy(network), ConversionRequest(input_name="logits"), tmp_path / "model.tflite")
    (tmp_path / "there.tflite").write_bytes(b"mine")
    there, other = tmp_path / "there.tflite", tmp_path / "other.tflite"
    for path, twin in ((there, None), (other, there)):
        with pytest.raises(TargetExistsError):
            convert(_toy(network), ConversionRequest(), path, twin=twin)
    with pytest.raises(OutputError):
        convert(_toy(network), ConversionRequest(), tmp_path / "no" / "folder.tflite")
    assert (tmp_path / "there.tflite").read_bytes() == b"mine"


def test_the_same_network_gives_the_same_bytes(tmp_path: Path) -> None:
    digests = set()
    for i in range(2):
        model, _ = _network.__wrapped__("fastvit_t8", size=64)
        digests.add(convert(model, ConversionRequest(), tmp_path / f"{i}.tflite").sha256)
    assert len(digests) == 1
