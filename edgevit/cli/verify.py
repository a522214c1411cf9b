"""``edgevit verify``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from edgevit.cli.group import Choice, Command
from edgevit.cli.output import Block, Facts, Level, Notice, Output
from edgevit.cli.session import Session, common_options
from edgevit.cli.values import FILE
from edgevit.cli.verdicts import fidelity_data, fidelity_facts, inputs_table
from edgevit.errors import ParityError
from edgevit.types import Event, Verdict

__all__ = ["command"]


@click.command(
    "verify",
    cls=Command,
    examples=[
        ("verify fastvit_t8-ios", "A package made by 'edgevit build'"),
        ("verify Model.mlpackage --json", "A Core ML package alone, for programs"),
        ("verify model.tflite", "A TFLite file alone, run by LiteRT"),
        ("verify fastvit_t8-ios --runtime coreml", "On a Mac: by Core ML itself"),
    ],
)
@click.argument("path", type=FILE)
@click.option(
    "--runtime",
    type=Choice(["auto", "evaluator", "coreml", "litert"]),
    default="auto",
    show_default=True,
    help="What runs the file. Core ML packages: edgevit's evaluator, or Core ML on a Mac. TFLite files: LiteRT.",
)
@common_options
@click.pass_obj
def command(session: Session, path: Path, runtime: str) -> Output:
    """Run a written file on the photographs it was proven with, and compare with what PyTorch gave.

    The weights are not needed: the expected outputs travel with the file. Exits with 7 if a budget is missed.
    """
    with session.listening() as listen:
        listen(Event("verify", "start", f"Running {path.name}"))
        from edgevit.verification.verify import verify

        verdict = verify(path, runtime=runtime)
    status = 0 if verdict.passed else ParityError.exit_status
    data = {"schema": "edgevit-verify/1", "path": str(path), "fidelity": fidelity_data(verdict)}
    return Output(data, list(_blocks(path, verdict)), status)


def _blocks(path: Path, verdict: Verdict) -> Iterator[Block]:
    yield Facts(str(path), fidelity_facts(verdict))
    yield inputs_table(verdict)
    if verdict.passed:
        yield Notice(Level.OK, "The file computes what PyTorch computed, within every budget.")
    else:
        yield Notice(Level.ERROR, "\n".join(verdict.failures))
