"""A search, told to people and machines."""

from __future__ import annotations

import dataclasses
import json
from xml.etree import ElementTree as ET

import pytest

from edgevit.quantize.auto import AutoResult, auto
from edgevit.quantize.chart import sensitivity_chart
from edgevit.quantize.report import KEPT, bought, layer_rows, search_record
from edgevit.quantize.schemes import get_scheme
from tests.quantize.networks import small
from tests.quantize.pictures import images, opinionated

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def result() -> AutoResult:
    pixels = images(24, seed=5)
    model = opinionated(pixels, outliers=40.0)
    return auto(model, "mlpackage", pixels, max_drop=0.0, schemes=[get_scheme("w8"), get_scheme("pal4")])


def test_the_most_sensitive_layer_comes_first(result: AutoResult) -> None:
    rows = layer_rows(result)
    assert {row.layer for row in rows} == {"first", "second", "classifier"}
    worst = [max(row.divergence.values()) for row in rows]
    assert worst == sorted(worst, reverse=True)
    for row in rows:
        assert row.chosen == result.chosen.get(row.layer, KEPT)


def test_a_sentence_says_what_was_bought(result: AutoResult) -> None:
    text = bought(result)
    assert f"{result.best.bytes / 1e6:.2f} MB" in text
    assert "0.00 points of agreement with the source on 24 images" in text


def test_not_worth_it_is_said_plainly() -> None:
    found = auto(small(), "mlpackage", images(4), max_drop=100.0, schemes=[])
    assert bought(found).startswith("Not worth it")


def test_the_record_is_json(result: AutoResult) -> None:
    infinite = dataclasses.replace(result.rows[0].fidelity, sqnr_db=float("inf"))
    odd = dataclasses.replace(result, rows=(dataclasses.replace(result.rows[0], fidelity=infinite), *result.rows[1:]))
    record = json.loads(json.dumps(search_record(odd), allow_nan=False))
    assert record["best"]["bytes"] == result.best.bytes
    assert {layer["layer"] for layer in record["layers"]} == {"first", "second", "classifier"}
    values = [value for layer in record["layers"] for value in layer["sqnr_db"].values()]
    assert values.count(None) == 1


def test_the_chart_has_a_dot_for_each_row_and_a_ring_for_each_choice(result: AutoResult) -> None:
    root = ET.fromstring(sensitivity_chart(result))  # noqa: S314 - our own text
    circles = list(root.iter(f"{SVG}circle"))
    rings = [circle for circle in circles if circle.get("fill") == "none"]
    schemes = {row.scheme for row in result.rows}
    assert len(circles) - len(rings) == len(result.rows) + len(schemes)
    assert len(rings) == len(result.chosen) + 1  # the legend's


def test_names_of_layers_are_text_not_markup(result: AutoResult) -> None:
    odd = dataclasses.replace(result, rows=(dataclasses.replace(result.rows[0], layer="<script>&"), *result.rows[1:]))
    text = sensitivity_chart(odd)
    assert "<script>" not in text
    assert any(each.text == "<script>&" for each in ET.fromstring(text).iter(f"{SVG}text"))  # noqa: S314 - our own text


def test_a_network_that_overflows_is_drawn_at_the_edge(result: AutoResult) -> None:
    broken = dataclasses.replace(result.rows[0].fidelity, sqnr_db=float("-inf"))
    odd = dataclasses.replace(result, rows=(dataclasses.replace(result.rows[0], fidelity=broken), *result.rows[1:]))
    root = ET.fromstring(sensitivity_chart(odd))  # noqa: S314 - our own text
    grid = {round(float(line.get("x1", "0"))) for line in root.iter(f"{SVG}line")}
    (dot,) = [each for each in root.iter(f"{SVG}circle") if "-inf dB" in "".join(each.itertext())]
    assert round(float(dot.get("cx", "0"))) == min(grid)


def test_the_chart_has_room_for_its_text(result: AutoResult) -> None:
    long = dataclasses.replace(result.rows[0], layer="stage." * 20)
    root = ET.fromstring(sensitivity_chart(dataclasses.replace(result, rows=(long, *result.rows[1:]))))  # noqa: S314
    width = float(root.get("viewBox", "").split()[2])
    (name,) = [each for each in root.iter(f"{SVG}text") if each.text == "stage." * 20]
    assert float(name.get("x", "0")) > 120 * 6
    assert max(float(line.get("x2", "0")) for line in root.iter(f"{SVG}line")) < width - 200


def test_the_chart_says_units_and_what_was_bought(result: AutoResult) -> None:
    texts = [each.text or "" for each in ET.fromstring(sensitivity_chart(result)).iter(f"{SVG}text")]  # noqa: S314
    assert {"kB in fp16", "chosen", "dB, further right costs less"} <= set(texts)
    assert any(f"{result.best.bytes / 1e6:.2f} MB as chosen" in text for text in texts)
