"""A scheme on a network: which weights become codes, what the copy computes with, what is left and why."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from edgevit.errors import InputError, UnsupportedError, UsageError
from edgevit.quantize.apply import LEAST_SAVING, quantize
from edgevit.quantize.encoding import LinearEncoding, PaletteEncoding
from edgevit.quantize.model import QuantizedModel
from edgevit.quantize.schemes import get_scheme, list_schemes
from tests.quantize.networks import SIDE, small

FLOATING = [
    (scheme.name, form)
    for scheme in list_schemes()
    for form, chosen in scheme.formats.items()
    if chosen.activations is None or chosen.activations.dynamic
]


def reasons(model: QuantizedModel) -> dict[str, str]:
    return {skipped.parameter: skipped.reason for skipped in model.skipped}


@pytest.mark.parametrize(("name", "form"), FLOATING)
def test_the_copy_computes_with_what_the_codes_stand_for(name: str, form: str) -> None:
    adapted = small()
    before = {key: value.clone() for key, value in adapted.module.state_dict().items()}
    result = quantize(adapted, get_scheme(name), form)
    for key, value in result.model.module.state_dict().items():
        expected = torch.from_numpy(result.encodings[key].decode()) if key in result.encodings else before[key]
        assert torch.equal(value, expected), key
        assert torch.equal(adapted.module.state_dict()[key], before[key])
    assert bool(result.encodings) == (name != "fp16")


@pytest.mark.parametrize(("name", "form"), FLOATING)
def test_every_large_tensor_is_encoded_or_listed(name: str, form: str) -> None:
    result = quantize(small(), get_scheme(name), form)
    large = {key for key, tensor in result.source.module.named_parameters() if tensor.dim() >= 2 and name != "fp16"}
    assert result.encodings.keys() | reasons(result).keys() == large
    assert not result.encodings.keys() & reasons(result).keys()


def test_tables_are_no_weights_and_small_weights_do_not_pay() -> None:
    result = quantize(small(), get_scheme("w8"), "mlpackage")
    assert result.encodings.keys() == {"block.2.weight", "classifier.weight"}
    assert reasons(result) == {
        "stem.weight": "would save 352 bytes",
        "block.0.weight": "would save 192 bytes",
        "table": "no weight of a convolution or linear layer",
    }
    saved = {name: 2 * encoding.codes.size - encoding.size_bits // 8 for name, encoding in result.encodings.items()}
    assert min(saved.values()) >= LEAST_SAVING


def test_layers_are_kept_by_pattern() -> None:
    result = quantize(small(), get_scheme("w8"), "tflite", keep=["block.*"])
    assert reasons(result)["block.2.weight"] == "kept as asked"
    assert "stem.weight" in result.encodings


def test_a_pattern_without_a_layer_is_refused_with_a_close_one() -> None:
    with pytest.raises(UsageError) as caught:
        quantize(small(), get_scheme("w8"), "tflite", keep=["clasifier"])
    assert "Did you mean 'classifier'?" in caught.value.help


def test_core_ml_gets_no_scales_that_a_unit_may_take_for_zero() -> None:
    adapted = small()
    with torch.no_grad():
        adapted.module.get_parameter("block.2.weight").mul_(1e-2)
    stored = quantize(adapted, get_scheme("w8"), "mlpackage").encodings["block.2.weight"]
    assert isinstance(stored, PaletteEncoding)
    stored = quantize(adapted, get_scheme("w8"), "tflite").encodings["block.2.weight"]
    assert isinstance(stored, LinearEncoding)


def test_ranges_come_from_images() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, SIDE, SIDE, 3), np.uint8)
    adapted = small()
    result = quantize(
        adapted, get_scheme("w8a8"), "tflite", calibration=images, calibration_digest="ab", keep=["classifier"]
    )
    assert result.calibration == "ab"
    assert result.inputs.keys() == result.outputs.keys() == {"stem", "block.0", "block.2"}
    assert result.inputs["stem"].low < -50 < 50 < result.inputs["stem"].high


def test_ranges_without_images_are_refused() -> None:
    with pytest.raises(InputError, match="quantizes activations"):
        quantize(small(), get_scheme("w8a8"), "tflite")


def test_a_scheme_of_the_other_format_is_refused_with_those_that_exist() -> None:
    with pytest.raises(UnsupportedError) as caught:
        quantize(small(), get_scheme("pal4"), "tflite")
    assert "w8" in caught.value.help
    assert "pal" not in caught.value.help


def test_progress_is_told_layer_by_layer() -> None:
    events: list[str] = []
    quantize(small(), get_scheme("w8"), "tflite", on_event=lambda event: events.append(event.message))
    assert events == [f"Encoding {name}" for name in ("stem", "block.0", "block.2", "classifier")]


def test_precision_of_other_parameters_is_untouched() -> None:
    adapted = small()
    result = quantize(adapted, get_scheme("pal4"), "mlpackage")
    bias = adapted.module.get_parameter("stem.bias")
    assert torch.equal(result.model.module.get_parameter("stem.bias"), bias)


def test_a_layer_that_is_little_of_the_network_stays_as_it_is() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(3, 800, 1), nn.Linear(3200, 1000)).eval()
    adapted = dataclasses.replace(small(), module=module)
    alone = dataclasses.replace(small(), module=module[:1])
    assert "0.weight" in quantize(alone, get_scheme("w8"), "tflite").encodings
    result = quantize(adapted, get_scheme("w8"), "tflite")
    assert result.encodings.keys() == {"1.weight"}
    assert reasons(result)["0.weight"].startswith("would save")
