"""``docs/cli.md`` against the code."""

from __future__ import annotations

import re
from pathlib import Path

from edgevit import errors
from edgevit.errors import EdgeVitError
from tests.cli.conftest import Run

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")


def test_every_code_stands_beside_its_status() -> None:
    rows = dict(re.findall(r"^\| (\d+)[^|]*\|[^|]*\| (.+) \|$", DOCUMENT, re.MULTILINE))
    documented = {(int(status), code) for status, codes in rows.items() for code in re.findall(r"`([\w-]+)`", codes)}
    kinds = [getattr(errors, name) for name in errors.__all__]
    raised = {
        (kind.exit_status, kind.code)
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, EdgeVitError) and kind is not EdgeVitError
    }
    assert raised <= documented
    assert documented - raised == {(1, "bug"), (130, "interrupted"), (130, "terminated")}


def test_documented_keys_are_those_of_the_output(edgevit: Run) -> None:
    for command in ("list", "doctor"):
        line = next(line for line in DOCUMENT.splitlines() if line.startswith(f"| `{command}` | `edgevit-"))
        words = set(re.findall(r"`([\w-]+)`", line))
        data = edgevit(command, "--json").data
        rows = data["models"] if command == "list" else data["checks"]
        assert {*data, *rows[0]} - {"schema"} <= words
