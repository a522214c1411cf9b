"""``edgevit profile``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgevit.cli import figures
from edgevit.cli.group import Command
from edgevit.cli.output import Block, Facts, Json, Output, Table, to_json
from edgevit.cli.session import common_options
from edgevit.cli.values import FILE

if TYPE_CHECKING:
    from edgevit.profiling.profile import Profile

__all__ = ["command"]

_SHOWN = 20


@click.command(
    "profile",
    cls=Command,
    examples=[
        ("profile model.tflite", "Time per operator, those inside of XNNPACK included"),
        ("profile model.tflite --threads 2 --json", "Every operator, in order, for programs"),
    ],
)
@click.argument("path", type=FILE)
@click.option("--threads", type=click.IntRange(1, 64), default=1, show_default=True, help="Of the CPU's kernels.")
@click.option("--runs", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many to measure.")
@common_options
def command(path: Path, threads: int, runs: int) -> Output:
    """Measure where the time of a TFLite file goes on this machine's CPU; a phone's differs."""
    from edgevit.profiling.profile import profile

    result = profile(path, threads=threads, runs=runs)
    data: dict[str, Json] = {"schema": "edgevit-profile/1", "path": str(path)}
    data |= {name: to_json(getattr(result, name)) for name in ("runtime", "threads", "runs", "milliseconds")}
    data["operators"] = to_json(result.operators)
    return Output(data, list(_blocks(path, result)))


def _blocks(path: Path, result: Profile) -> Iterator[Block]:
    yield Facts(
        str(path),
        [
            ("runtime", f"{result.runtime}, {result.threads} threads, median of {result.runs} runs"),
            ("a run", f"{result.milliseconds:.2f} ms"),
            ("operators", str(len(result.operators))),
        ],
    )
    yield Table("By kind", ("kind", "where", "count", "ms", "share"), _by_kind(result), _NUMERIC)
    slowest = sorted(enumerate(result.operators), key=lambda item: -item[1].milliseconds)[:_SHOWN]
    rows = [(str(i), op.name, f"{op.milliseconds:.3f}", figures.percent(op.share)) for i, op in slowest]
    yield Table("Slowest", ("place", "operator", "ms", "share"), rows, _NUMERIC)


_NUMERIC = frozenset({"count", "ms", "share", "place"})


def _by_kind(result: Profile) -> list[tuple[str, str, str, str, str]]:
    """Return one row for each kind of operator, the slowest first."""
    kinds: dict[tuple[str, bool], list[float]] = {}
    for operator in result.operators:
        kinds.setdefault((operator.name, operator.in_xnnpack), []).append(operator.milliseconds)
    total = sum(map(sum, kinds.values())) or 1.0
    ordered = sorted(kinds.items(), key=lambda item: -sum(item[1]))
    return [
        (name, "XNNPACK" if inside else "TFLite", str(len(ms)), f"{sum(ms):.3f}", figures.percent(sum(ms) / total))
        for (name, inside), ms in ordered
    ]
