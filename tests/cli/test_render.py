from __future__ import annotations

import io
import json
import re
from enum import StrEnum
from pathlib import Path

import pytest

from edgevit.cli import figures
from edgevit.cli.output import Facts, Level, Notice, Output, Table, to_json
from edgevit.cli.render import Renderer
from edgevit.types import Event, InputMetrics

OUTPUT = Output(
    {"schema": "test/1"},
    [
        Facts("Title", [("name", "value [bold]x[/bold] :smile:"), ("hostile", "\x1b[31mred\u202e")]),
        Table("Rows", ("name", "n"), [("a", "1"), ("long name", "22")], frozenset({"n"})),
        Notice(Level.WARNING, "UNTRAINED"),
    ],
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _drawn(monkeypatch: pytest.MonkeyPatch, *, term: str, **variables: str) -> str:
    monkeypatch.setenv("TERM", term)
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    out = Terminal()
    Renderer(out, Terminal(), as_json=False, quiet=False).output(OUTPUT)
    return out.getvalue()


def test_plain_text_is_aligned_and_has_no_escapes() -> None:
    out = io.StringIO()
    Renderer(out, io.StringIO(), as_json=False, quiet=False).output(OUTPUT)
    assert out.getvalue() == (
        "Title\n"
        "name     value [bold]x[/bold] :smile:\n"
        "hostile  \\x1b[31mred\\u202e\n"
        "\n"
        "Rows\n"
        "name        n\n"
        "a           1\n"
        "long name  22\n"
        "\n"
        "WARNING: UNTRAINED\n"
    )


def test_a_terminal_gets_colours_but_not_those_of_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = _drawn(monkeypatch, term="xterm-256color")
    assert "\x1b[" in drawn
    assert "\x1b[31mred" not in drawn
    assert "\u202e" not in drawn
    assert "[bold]x[/bold] :smile:" in drawn
    assert "UNTRAINED" in drawn


def test_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = _drawn(monkeypatch, term="xterm-256color", NO_COLOR="1")
    assert not re.search(r"\x1b\[[\d;]*3\dm", drawn)
    assert "UNTRAINED" in drawn


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_dumb_terminal_gets_plain_text(monkeypatch: pytest.MonkeyPatch, term: str) -> None:
    assert "\x1b" not in _drawn(monkeypatch, term=term)


def test_progress_is_drawn_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    err = Terminal()
    with Renderer(io.StringIO(), err, as_json=False, quiet=False).events() as listen:
        listen(Event("weights", "start", "Loading [x]"))
        listen(Event("weights", "progress", "model.safetensors", fraction=0.5))
        listen(Event("weights", "warning", "No hub."))
        listen(Event("weights", "end", "Loaded", seconds=1.234))
        listen(Event("other", "end"))
    assert "warning: No hub." in err.getvalue()
    assert "Loaded" in err.getvalue()
    assert "1.23 s" in err.getvalue()


@pytest.mark.parametrize(
    ("as_json", "quiet", "terminal"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_elsewhere_only_warnings_are_written(
    monkeypatch: pytest.MonkeyPatch, as_json: bool, quiet: bool, terminal: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    err = Terminal() if terminal else io.StringIO()
    with Renderer(io.StringIO(), err, as_json=as_json, quiet=quiet).events() as listen:
        listen(Event("weights", "start", "Loading"))
        listen(Event("weights", "warning", "No hub.\x1b[2J"))
        listen(Event("weights", "end", "Loading", seconds=1.0))
    assert err.getvalue() == "warning: No hub.\\x1b[2J\n"


def test_without_standard_streams_nothing_fails() -> None:
    renderer = Renderer(None, None, as_json=True, quiet=False)
    renderer.output(OUTPUT)
    with renderer.events() as listen:
        listen(Event("weights", "warning", "No hub."))


def test_values_as_json() -> None:
    class Colour(StrEnum):
        RED = "red"

    metrics = InputMetrics("a", 0.5, float("nan"), float("inf"), 1.0, True)
    value = {"path": Path("a/b"), "colour": Colour.RED, "metrics": metrics, "pair": (1, None), 3: -0.0}
    assert json.loads(json.dumps(to_json(value), allow_nan=False)) == {
        "path": "a/b",
        "colour": "red",
        "metrics": {
            "name": "a",
            "max_abs": 0.5,
            "max_rel": None,
            "psnr_db": None,
            "cosine": 1.0,
            "top1_equal": True,
        },
        "pair": [1, None],
        "3": 0.0,
    }
    with pytest.raises(TypeError, match="no place in JSON"):
        to_json({1, 2})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (figures.count(4_026_232), "4.03 M"),
        (figures.count(690_149_376), "690 M"),
        (figures.count(79_158_000), "79.2 M"),
        (figures.count(1_400_000_000), "1.40 G"),
        (figures.count(999), "999"),
        (figures.megabytes(8_050_000), "8.05 MB"),
        (figures.megabytes(6_700), "6.7 kB"),
        (figures.decibels(74.14), "74.1 dB"),
        (figures.decibels(float("inf")), "exact"),
        (figures.error(3.14e-7), "3.1e-07"),
        (figures.error(None), "-"),
        (figures.percent(1.0), "100 %"),
        (figures.percent(0.975), "97.5 %"),
        (figures.seconds(0.123), "0.12 s"),
        (figures.seconds(12.34), "12.3 s"),
        (figures.size((256, 192)), "256x192"),
    ],
)
def test_figures(text: str, expected: str) -> None:
    assert text == expected
