"""What ``edgevit build`` says of a search within a budget."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import click
import pytest

from edgevit.cli.build_quantized import quantization_blocks, quantization_data, quantization_options, write_charts
from edgevit.cli.output import Facts, Notice, Table
from edgevit.errors import OutputError, UnsupportedError
from edgevit.types import BuildReport, Quantization

LAYERS = [
    {
        "layer": f"layer{place}",
        "bytes_half": 2000,
        "chosen": "fp16" if place == 0 else "pal4",
        "sqnr_db": {"w8": None} if place == 1 else {"w8": 50.0, "pal4": 20.04},
    }
    for place in range(30)
]
FOUND = Quantization(
    "mixed", 29, 60_000, 16_000, "9 images", "ab", 25.0, 0.99, (), {"layers": LAYERS}, "<svg/>", "Bought much."
)


def report(*platforms: str) -> BuildReport:
    parts = [SimpleNamespace(platform=name, quantization=FOUND) for name in platforms]
    return cast("BuildReport", SimpleNamespace(platforms=parts))


def test_the_most_sensitive_layers_are_a_table() -> None:
    blocks = list(quantization_blocks(FOUND, None))
    assert [block.text for block in blocks if isinstance(block, Notice)] == ["Bought much."]
    (table,) = [block for block in blocks if isinstance(block, Table)]
    assert "of 30 layers" in table.title
    assert list(table.columns) == ["layer", "fp16", "w8", "pal4", "chosen"]
    assert list(table.rows[0]) == ["layer0", "2.0 kB", "50.0", "20.0", "fp16"]
    assert list(table.rows[1])[2:] == ["equal", "-", "pal4"]
    assert len(table.rows) < 30


def test_without_a_search_there_is_no_table() -> None:
    plain = Quantization("w8", 1, 2, 1, "9 images", "ab", 25.0, 1.0, ())
    assert not [block for block in quantization_blocks(plain, None) if isinstance(block, Table | Notice)]


def test_the_speed_is_said_where_it_was_measured() -> None:
    timed = dataclasses.replace(FOUND, speed=1.912)
    facts = [row for block in quantization_blocks(timed, None) if isinstance(block, Facts) for row in block.pairs]
    assert ("speed", "1.91 times that with float32 weights, on one thread of this CPU") in facts
    assert "speed" not in [
        key for block in quantization_blocks(FOUND, None) if isinstance(block, Facts) for key, _ in block.pairs
    ]
    assert quantization_data(timed)["speed"] == 1.912  # type: ignore[index, call-overload]


def test_machines_get_all_layers_and_no_picture() -> None:
    data = quantization_data(FOUND)
    assert isinstance(data, dict)
    assert data["chart"] == ""
    assert len(data["search"]["layers"]) == 30  # type: ignore[index, arg-type, call-overload]
    assert quantization_data(None) is None


def test_charts_are_written_one_for_each_phone(tmp_path: Path) -> None:
    write_charts(tmp_path / "one.svg", report("ios"))
    write_charts(tmp_path / "two.svg", report("ios", "android"))
    write_charts(None, report("ios"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.svg", "two-android.svg", "two-ios.svg"]
    assert (tmp_path / "one.svg").read_text() == "<svg/>"
    with pytest.raises(OutputError):
        write_charts(tmp_path / "missing" / "one.svg", report("ios"))


@click.command()
@quantization_options
def _command(**options: object) -> dict[str, object]:
    return options


def parsed(*arguments: str) -> dict[str, object]:
    with _command.make_context("build", list(arguments)) as context:
        return dict(context.params)


def test_auto_is_taken_in_the_place_of_a_scheme() -> None:
    options = parsed("--quant", "auto", "--max-drop", "0.5", "--data", "here", "--fp16-islands", "auto")
    assert (options["quant"], options["max_drop"], options["data_count"]) == ("auto", 0.5, 1000)
    assert options["fp16_islands"] == "auto"
    with pytest.raises(UnsupportedError, match="no scheme 'automatic'"):
        parsed("--quant", "automatic")
