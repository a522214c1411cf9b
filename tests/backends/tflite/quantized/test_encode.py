"""Quantized files: codes in the file, one XNNPACK partition, and the computation of the decoded network."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from edgevit.backends.base import ConversionRequest
from edgevit.backends.tflite import Runtime, convert
from edgevit.errors import ConversionError, UnsupportedError
from edgevit.lint.findings import Processor
from edgevit.lint.lint import lint
from edgevit.quantize.encoding import Encoding, LinearEncoding, PaletteEncoding
from edgevit.quantize.model import QuantizedModel
from edgevit.quantize.schemes import list_schemes
from edgevit.types import Artifact, Head, Verdict
from edgevit.verification.tflite.model import read_tflite
from edgevit.verification.verdict import judge
from tests.backends.tflite.quantized.networks import SMALL, Quantized, write_quantized, written
from tests.verification.packages import Normalized

Make = Callable[..., Quantized]

SCHEMES = [s.name for s in list_schemes() if "tflite" in s.formats and s.formats["tflite"].weights is not None]


def _judge(built: Quantized, artifact: Artifact | None = None) -> Verdict:
    return judge(
        artifact or built.artifact,
        spec=SMALL,
        head=Head.LOGITS,
        reference=Normalized(built.model.source.module),
        twin=built.twin,
        written=written(built.model),
    )


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Return a function that writes the network under a scheme, once for all tests."""

    @functools.cache
    def write(scheme: str, keep: tuple[str, ...] = ()) -> Quantized:
        return write_quantized(tmp_path_factory.mktemp(scheme), scheme, keep)

    return write


def _constants(path: Path) -> dict[str, list[bytes]]:
    """Return element type -> contents of constants."""
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes())
    names = {value: name for name, value in vars(schema.TensorType).items() if isinstance(value, int)}
    found: dict[str, list[bytes]] = {}
    for tensor in model.subgraphs[0].tensors:
        data = model.buffers[tensor.buffer].data
        if data is not None:
            found.setdefault(names[tensor.type], []).append(bytes(data))
    return found


def _with_encodings(model: QuantizedModel, **encodings: Encoding) -> QuantizedModel:
    named = {name.replace("_", "."): encoding for name, encoding in encodings.items()}
    return dataclasses.replace(model, encodings={**model.encodings, **named})


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_file_computes_what_was_meant_in_one_piece(make: Make, scheme: str) -> None:
    built = make(scheme)
    report = lint(built.artifact.path, processors=[Processor.CPU])
    assert report.findings == ()
    assert report.partitions == 1
    verdict = _judge(built)
    assert verdict.failures == ()
    assert verdict.graph_max_rel is not None
    assert verdict.graph_max_rel < 2e-6
    assert verdict.cost is not None
    assert 15 < verdict.cost.psnr_db < 80
    assert verdict.cost.psnr_db < verdict.psnr_db


def test_weights_alone_are_proven_to_the_last_bits(make: Make) -> None:
    verdict = _judge(make("w8"))
    assert verdict.rounding_max_rel is not None
    assert verdict.rounding_max_rel < 5e-6


@pytest.mark.parametrize("scheme", ["w8", "dyn8", "w8a8"])
def test_codes_that_changed_on_the_way_fail(make: Make, tmp_path: Path, scheme: str) -> None:
    """One code of the stem moves by a step; where activations are rounded, all of its codes stand the wrong way."""
    built = make(scheme)
    codes = next(each for each in _constants(built.artifact.path)["INT8"] if len(each) == 32 * 27)
    content = built.artifact.path.read_bytes()
    assert content.count(codes) == 1
    damaged = bytes([codes[0] ^ 1]) + codes[1:] if scheme == "w8" else codes[::-1]
    path = tmp_path / "damaged.tflite"
    path.write_bytes(content.replace(codes, damaged))
    verdict = _judge(built, dataclasses.replace(built.artifact, path=path))
    assert not verdict.passed
    assert "with the same codes" in verdict.failures[0]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_encoded_weight_stands_in_the_file_once(make: Make, scheme: str) -> None:
    built = make(scheme)
    linear = [each for each in built.model.encodings.values() if isinstance(each, LinearEncoding)]
    constants = _constants(built.artifact.path)
    eights = sorted(each.codes.size for each in linear if each.bits == 8)
    assert sorted(len(data) for data in constants["INT8"]) == eights
    fours = sorted(each.codes.size // 2 for each in linear if each.bits == 4)
    assert sorted(len(data) for data in constants.get("INT4", [])) == fours
    assert bool(fours) == (scheme == "w4-block")


def test_the_dynamic_scheme_multiplies_integers_where_that_pays(make: Make) -> None:
    kinds = read_tflite(make("dyn8").artifact.path).main.operators
    direct = [op for op in kinds if len(op.inputs) > 1 and op.inputs[1] is not None and op.inputs[1].dtype == "INT8"]
    assert [op.kind for op in direct] == ["FULLY_CONNECTED"] * 3
    assert sum(op.kind == "DEQUANTIZE" for op in kinds) == 3 + 1  # the spatial convolutions, and the table in halves


def test_layers_with_ranges_compute_in_integers(make: Make) -> None:
    """Between them only what needs floating point does; the sum of a layer's output and another layer's is such."""
    operators = read_tflite(make("w8a8").artifact.path).main.operators
    layers = [op for op in operators if op.kind in {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"}]
    for layer in layers:
        types = [tensor.dtype for tensor in (*layer.inputs, *layer.outputs) if tensor is not None]
        assert types == ["INT8", "INT8", "INT32", "INT8"]
    assert len(layers) == 6
    requantized = [op for op in operators if op.kind == "QUANTIZE" and op.inputs[0] and op.inputs[0].dtype == "INT8"]
    assert len(requantized) == 3  # the stem, the depthwise and the grouped convolution each feed a layer


def test_channels_without_weight_keep_their_bias(tmp_path: Path) -> None:
    """Training leaves weights of 1e-15 in channels that nothing uses; in such small steps a bias takes over 32 bits."""
    built = write_quantized(tmp_path, "w8a8", faint=96)
    assert lint(built.artifact.path, processors=[Processor.CPU]).partitions == 1
    verdict = _judge(built)
    assert verdict.rounding_max_rel is not None
    assert verdict.rounding_max_rel < 0.03  # 0.08 without the biases


def test_layers_that_are_kept_are_half_precision(make: Make) -> None:
    built = make("w8", ("mix.*",))
    sizes = sorted(len(data) for data in _constants(built.artifact.path)["FLOAT16"])
    assert sizes == [2 * 4096, 2 * 8192, 2 * 8192]  # the table and both pointwise convolutions
    assert _judge(built).failures == ()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_app_sees_no_difference(make: Make, scheme: str) -> None:
    graph = read_tflite(make(scheme).artifact.path).main
    assert {name: (tensor.dtype, tensor.is_quantized) for name, tensor in graph.inputs.items()} == {
        "image": ("UINT8", False)
    }
    assert {name: (tensor.dtype, tensor.is_quantized) for name, tensor in graph.outputs.items()} == {
        "logits": ("FLOAT32", False)
    }


def test_runtimes_that_lack_something_are_named(make: Make, tmp_path: Path) -> None:
    nibbles = make("w4-block").artifact
    assert nibbles.minimum_os == "LiteRT 2.3"
    assert "1.4 computes wrong numbers" in nibbles.notes[0]
    assert make("w8").artifact.minimum_os == "LiteRT 1.0"
    assert make("w8").artifact.notes == ()
    request = ConversionRequest(quantized=make("dyn8").model, runtime=Runtime.TFLITE_2_14)
    with pytest.raises(UnsupportedError, match="dyn8"):
        convert(make("dyn8").model.model, request, tmp_path / "old.tflite")


def test_the_same_network_gives_the_same_bytes(tmp_path: Path) -> None:
    digests = set()
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        digests.add(write_quantized(tmp_path / name, "w4-block").artifact.sha256)
    assert len(digests) == 1


def test_a_weight_that_is_not_in_the_graph_is_an_error(make: Make, tmp_path: Path) -> None:
    """The network computes with other values than the codes stand for."""
    built = make("w8")
    stem = built.model.encodings["stem.weight"]
    assert isinstance(stem, LinearEncoding)
    other = dataclasses.replace(stem, codes=np.roll(stem.codes, 1))
    model = _with_encodings(built.model, stem_weight=other)
    with pytest.raises(ConversionError, match=r"stem\.weight"):
        convert(model.model, ConversionRequest(quantized=model), tmp_path / "other.tflite")


def test_palettes_are_refused(make: Make, tmp_path: Path) -> None:
    built = make("w8")
    palette = PaletteEncoding(np.zeros((32, 3, 3, 3), np.uint8), np.zeros((1, 256), np.float32), 8)
    model = _with_encodings(built.model, stem_weight=palette)
    with pytest.raises(ConversionError, match="palette"):
        convert(model.model, ConversionRequest(quantized=model), tmp_path / "other.tflite")
