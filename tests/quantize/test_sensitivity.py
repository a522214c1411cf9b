"""The table of what each layer costs alone, and its cache."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from edgevit.quantize.apply import quantize
from edgevit.quantize.assembly import MIXED, assemble
from edgevit.quantize.encoding import LinearEncoding, PaletteEncoding
from edgevit.quantize.fidelity import Fidelity
from edgevit.quantize.model import QuantizedModel
from edgevit.quantize.schemes import get_scheme
from edgevit.quantize.sensitivity import Evidence, sensitivity
from edgevit.types import AdaptedModel, Event
from tests.quantize.networks import small
from tests.quantize.pictures import images, opinionated

PLAIN = get_scheme("fp16").formats["mlpackage"]


def options(model: AdaptedModel, *schemes: str) -> dict[str, QuantizedModel]:
    return {name: quantize(model, get_scheme(name), "mlpackage", calibration=images(2)) for name in schemes}


def test_each_row_is_one_layer_alone() -> None:
    model = opinionated(images(3))
    evidence, made = Evidence(model, images(3)), options(model, "w8", "pal4")
    rows = sensitivity(evidence, made, PLAIN)
    assert [(row.scheme, f"{row.layer}.weight") for row in rows] == [
        (name, parameter) for name, option in made.items() for parameter in option.encodings
    ]
    assert {row.layer for row in rows} >= {"first", "second"}
    for row in rows:
        alone = assemble(model, made, {row.layer: row.scheme}, PLAIN)
        assert list(alone.encodings) == [f"{row.layer}.weight"]
        assert row.fidelity == evidence.of(alone)
        assert row.bytes < row.bytes_half
    first = {row.scheme: row.fidelity.sqnr_db for row in rows if row.layer == "first"}
    assert first["pal4"] < first["w8"] - 10.0


def test_an_interrupted_table_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = opinionated(images(2))
    evidence, made = Evidence(model, images(2)), options(model, "w8")
    whole = sensitivity(evidence, made, PLAIN)

    class InterruptedSearchError(Exception):
        pass

    def interrupt(event: Event) -> None:
        if event.message.startswith("second"):
            raise InterruptedSearchError

    with pytest.raises(InterruptedSearchError):
        sensitivity(evidence, made, PLAIN, cache=tmp_path, on_event=interrupt)
    computed: list[str] = []
    original = Evidence.of

    def noted(self: Evidence, model: QuantizedModel) -> Fidelity:
        computed.extend(model.encodings)
        return original(self, model)

    monkeypatch.setattr(Evidence, "of", noted)
    assert sensitivity(evidence, made, PLAIN, cache=tmp_path) == whole
    assert 0 < len(computed) < len(whole)
    assert "first.weight" not in computed


def test_a_damaged_cache_counts_as_empty(tmp_path: Path) -> None:
    model = opinionated(images(2))
    evidence, made = Evidence(model, images(1)), options(model, "w8")
    whole = sensitivity(evidence, made, PLAIN, cache=tmp_path)
    (file,) = tmp_path.iterdir()
    for damage in ("{", '{"w8 first": [1]}', "[]"):
        file.write_text(damage, "utf-8")
        assert sensitivity(evidence, made, PLAIN, cache=tmp_path) == whole


def test_other_codes_have_rows_of_their_own(tmp_path: Path) -> None:
    model = opinionated(images(2))
    evidence, made = Evidence(model, images(1)), options(model, "pal4")
    before = sensitivity(evidence, made, PLAIN, cache=tmp_path)
    encoding = made["pal4"].encodings["first.weight"]
    other = dataclasses.replace(encoding, codes=np.zeros_like(encoding.codes))
    changed = dataclasses.replace(made["pal4"], encodings={**made["pal4"].encodings, "first.weight": other})
    after = sensitivity(evidence, {"pal4": changed}, PLAIN, cache=tmp_path)
    assert after[0].layer == before[0].layer == "first"
    assert after[0].fidelity != before[0].fidelity


def test_other_weights_images_or_labels_have_rows_of_their_own() -> None:
    model = small()
    digests = {
        Evidence(model, images(2)).digest(),
        Evidence(model, images(2, seed=1)).digest(),
        Evidence(model, images(2), [0, 1]).digest(),
        Evidence(dataclasses.replace(model, input_kind="normalized"), images(2)).digest(),
    }
    with torch.no_grad():
        model.module.get_submodule("stem").get_parameter("weight")[0, 0, 0, 0] += 1.0
    digests.add(Evidence(model, images(2)).digest())
    assert len(digests) == 5


def test_labels_are_counted() -> None:
    model, pixels = opinionated(images(4)), images(4)
    evidence = Evidence(model, pixels)
    truth = [int(row.argmax()) for row in evidence._answers]
    assert Evidence(model, pixels, truth).of_source().accuracy == 1.0
    assert Evidence(model, pixels, [label + 1 for label in truth]).of_source().accuracy == 0.0
    assert Evidence(model, pixels, truth).few(2).labels == (truth[0], truth[2])
    with pytest.raises(ValueError, match="1 labels for 4 images"):
        Evidence(model, pixels, [0])


def test_several_schemes_meet_in_one_network() -> None:
    model = opinionated(images(4))
    made = options(model, "w8", "pal4", "w4-block32")
    mixed = assemble(model, made, {"first": "w8", "second": "pal4"}, PLAIN)
    assert mixed.scheme == MIXED
    assert isinstance(mixed.encodings["first.weight"], LinearEncoding)
    assert isinstance(mixed.encodings["second.weight"], PaletteEncoding)
    assert mixed.form.minimum_os == 16
    decoded = torch.from_numpy(mixed.encodings["first.weight"].decode())
    assert torch.equal(mixed.model.module.get_parameter("first.weight"), decoded)
    kept = {row.parameter: row.reason for row in mixed.skipped}
    assert "costs more" in kept["classifier.weight"]
    assert assemble(model, made, {"first": "w8", "second": "w4-block32"}, PLAIN).form.minimum_os == 18


def test_one_scheme_keeps_its_name_and_none_is_half_precision() -> None:
    model = opinionated(images(4))
    made = options(model, "w8")
    assert assemble(model, made, {"first": "w8"}, PLAIN).scheme == "w8"
    nothing = assemble(model, made, {}, PLAIN)
    assert (nothing.scheme, nothing.encodings, nothing.model) == ("fp16", {}, model)


def test_weights_alone_of_a_scheme_with_ranges_need_no_integers() -> None:
    model = opinionated(images(2))
    whole = options(model, "w8a8")["w8a8"]
    weights = dataclasses.replace(whole, inputs={}, outputs={})
    made = {"w8a8": whole, "weights": weights}
    both = assemble(model, made, {"first": "w8a8", "second": "weights"}, PLAIN)
    assert set(both.inputs) == {"first"} == set(both.outputs)
    assert both.form.activations == whole.form.activations
    assert assemble(model, made, {"second": "weights"}, PLAIN).form.activations is None
