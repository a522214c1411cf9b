"""Every kind of failure: its exit status, its text for people, its JSON."""

from __future__ import annotations

import click
import pytest

from edgevit import errors
from edgevit.errors import EdgeVitError
from edgevit.types import BuildSpec
from tests.cli.conftest import Run

PUBLIC = [getattr(errors, name) for name in errors.__all__]
KINDS = [value for value in PUBLIC if isinstance(value, type) and issubclass(value, EdgeVitError)]
STATUSES = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11}


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Make every build raise what the test puts into the list."""
    raised: list[BaseException] = []

    def build(_: BuildSpec, **__: object) -> None:
        raise raised[0]

    monkeypatch.setattr("edgevit.pipeline.build", build)
    return raised


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not EdgeVitError])
def test_expected_failures(edgevit: Run, failing: list[BaseException], kind: type[EdgeVitError]) -> None:
    failing.append(kind("It failed.", why="Because of that.", help="Do this."))
    plain = edgevit("build", "fastvit_t8", "--ios")
    assert plain.status == kind.exit_status
    assert plain.status in STATUSES
    assert plain.out == ""
    assert plain.err == "error: It failed.\nBecause of that.\nDo this.\n"
    as_json = edgevit("build", "fastvit_t8", "--ios", "--json")
    assert as_json.status == kind.exit_status
    assert as_json.data == {
        "error": {
            "code": kind.code,
            "exit_status": kind.exit_status,
            "what": "It failed.",
            "why": "Because of that.",
            "help": "Do this.",
        }
    }


def test_codes_are_distinct() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS)


def test_a_bug_asks_for_a_report_and_shows_no_traceback(edgevit: Run, failing: list[BaseException]) -> None:
    failing.append(ZeroDivisionError("division by zero"))
    result = edgevit("build", "fastvit_t8", "--ios")
    assert result.status == 1
    assert "bug in edgevit" in result.err
    assert "ZeroDivisionError: division by zero" in result.err
    assert "torch 2." in result.err
    assert "--debug" in result.err
    assert "Traceback" not in result.err
    assert "/" not in result.err.split("ZeroDivisionError")[1], "no path of the user's goes into a report"


def test_debug_adds_the_traceback(edgevit: Run, failing: list[BaseException]) -> None:
    failing.append(ZeroDivisionError("division by zero"))
    assert "Traceback" in edgevit("build", "fastvit_t8", "--ios", "--debug").err
    failing[0] = errors.DiskError("It is full.")
    assert "Traceback" in edgevit("build", "fastvit_t8", "--ios", "--debug").err


def test_a_bug_as_json(edgevit: Run, failing: list[BaseException]) -> None:
    failing.append(ZeroDivisionError("division by zero"))
    result = edgevit("build", "fastvit_t8", "--ios", "--json")
    assert result.status == 1
    assert result.data["error"]["code"] == "bug"


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt(), click.Abort(), EOFError()])
def test_an_interrupt(edgevit: Run, failing: list[BaseException], interrupt: BaseException) -> None:
    failing.append(interrupt)
    result = edgevit("build", "fastvit_t8", "--ios", "--json")
    assert result.status == 130
    assert result.data["error"]["code"] == "interrupted"


def test_hostile_text_does_not_reach_the_terminal(edgevit: Run, failing: list[BaseException]) -> None:
    failing.append(errors.BadLabelsError("The label '\x1b[2J\u202e\x07' is bad."))
    result = edgevit("build", "fastvit_t8", "--ios")
    assert r"\x1b[2J\u202e\x07" in result.err
    assert "\x1b" not in result.err
