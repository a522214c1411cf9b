"""``edgevit lint``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgevit.cli.group import Choice, Command
from edgevit.cli.output import Block, Facts, Json, Level, Notice, Output, to_json
from edgevit.cli.session import common_options
from edgevit.cli.values import FILE
from edgevit.errors import UnsupportedError

if TYPE_CHECKING:
    from edgevit.lint.lint import LintReport

__all__ = ["command"]


@click.command(
    "lint",
    cls=Command,
    examples=[
        ("lint model.tflite", "What is slow on the CPU or refused by the GPU, and why"),
        ("lint model.tflite --runtime tflite-2.14", "Does an older runtime load it?"),
        ("lint model.tflite --processor gpu --json", "For programs"),
    ],
)
@click.argument("path", type=FILE)
@click.option("--runtime", default="litert-2.3", show_default=True, metavar="NAME", help="litert-2.3 or tflite-2.14.")
@click.option(
    "--processor",
    "processors",
    type=Choice(["cpu", "gpu"]),
    multiple=True,
    help="Where it is to run. May be repeated. Default: both.",
)
@common_options
def command(path: Path, runtime: str, processors: tuple[str, ...]) -> Output:
    """Look at a TFLite file, whoever wrote it: what will be slow, refused or different, with reasons.

    Exits with 5 if the runtime does not load the file; warnings leave the status at 0.
    """
    from edgevit.lint.findings import Processor
    from edgevit.lint.lint import lint

    report = lint(path, runtime=runtime, processors=[Processor(name) for name in processors or ("cpu", "gpu")])
    data: dict[str, Json] = {
        "schema": "edgevit-lint/1",
        "path": str(path),
        "runtime": report.runtime,
        "loads": report.loads,
        "partitions": report.partitions,
        "operators": to_json(report.operators),
        "findings": to_json(report.findings),
    }
    return Output(data, list(_blocks(path, report)), 0 if report.loads else UnsupportedError.exit_status)


def _blocks(path: Path, report: LintReport) -> Iterator[Block]:
    partitions = "not asked" if report.partitions is None else str(report.partitions)
    counts = sorted(report.operators.items(), key=lambda item: (-item[1], item[0]))
    yield Facts(
        str(path),
        [
            ("runtime", report.runtime),
            ("XNNPACK partitions", partitions),
            ("operators", f"{sum(report.operators.values())}: {', '.join(f'{n} {name}' for name, n in counts[:6])}"),
        ],
    )
    for finding in report.findings:
        more = finding.count - len(finding.places)
        pairs = [("where", place) for place in finding.places]
        pairs += [("and", f"{more} more")] if more > 0 else []
        yield Facts(
            f"{finding.level}: {finding.rule} ({finding.count})",
            [*pairs, ("why", finding.why), ("source", finding.source)],
        )
    if not report.loads:
        yield Notice(Level.ERROR, f"{report.runtime} does not load this file.")
    elif report.findings:
        yield Notice(Level.WARNING, f"The file loads, but look at: {', '.join(f.rule for f in report.findings)}.")
    else:
        yield Notice(Level.OK, "Nothing was found.")
