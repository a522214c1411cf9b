"""``edgevit doctor``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from edgevit import __version__
from edgevit.cli.group import Command
from edgevit.cli.health import Check, State, check_machine
from edgevit.cli.output import Block, Json, Level, Notice, Output, Table, to_json
from edgevit.cli.session import common_options
from edgevit.errors import ToolMissingError

__all__ = ["command"]


@click.command(
    "doctor",
    cls=Command,
    examples=[
        ("doctor", "Everything, with fixes"),
        ("doctor --android", "And what APKs and phones need"),
        ("doctor --json", "For a bug report"),
    ],
)
@click.option("--android", is_flag=True, help="Check also the tools for APKs and for measuring on phones.")
@common_options
def command(android: bool) -> Output:
    """Check Python, packages, native libraries, memory, disks and tools; contacts nobody.

    Exits with 10 if something is missing without which an iOS build fails.
    """
    checks = list(check_machine())
    if android:
        from edgevit.cli.health_android import check_android

        checks += check_android()
    broken = [check.name for check in checks if check.required and check.state is State.MISSING]
    data: dict[str, Json] = {
        "schema": "edgevit-doctor/1",
        "edgevit": __version__,
        "ready": not broken,
        "checks": to_json(checks),
    }
    return Output(data, list(_blocks(checks, broken)), ToolMissingError.exit_status if broken else 0)


def _blocks(checks: Sequence[Check], broken: Sequence[str]) -> Iterator[Block]:
    rows = [(check.state.value, check.name, check.found) for check in checks]
    yield Table(f"edgevit {__version__}", ("state", "what", "found"), rows)
    fixes = [(check.name, check.fix) for check in checks if check.fix]
    if fixes:
        yield Table("What helps", ("what", "do"), fixes)
    if broken:
        yield Notice(Level.ERROR, f"Builds will fail: {', '.join(broken)}.")
    else:
        yield Notice(Level.OK, "Ready to build.")
