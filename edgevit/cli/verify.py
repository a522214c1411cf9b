"""``edgevit verify``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from edgevit.cli.group import Choice, Command
from edgevit.cli.output import Block, Facts, Json, Level, Notice, Output
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
        ("verify out", "Both projects of 'edgevit build --ios --android --out out'"),
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

    The weights are not needed: the expected outputs travel with the file. Of a folder with projects for several phone
    systems, all are run. Exits with 7 if a budget is missed.
    """
    with session.listening() as listen:
        from edgevit.verification.verify import sdk_folders, verify

        verdicts: dict[Path, Verdict] = {}
        for part in sdk_folders(path) or (path,):
            listen(Event("verify", "start", f"Running {part.name}"))
            verdicts[part] = verify(part, runtime=runtime)
    status = 0 if all(verdict.passed for verdict in verdicts.values()) else ParityError.exit_status
    return Output(_data(path, verdicts), [block for item in verdicts.items() for block in _blocks(*item)], status)


def _data(path: Path, verdicts: Mapping[Path, Verdict]) -> dict[str, Json]:
    """Return the figures of one file or project, or of each in the folder."""
    data: dict[str, Json] = {"schema": "edgevit-verify/1", "path": str(path)}
    if path in verdicts:
        return data | {"fidelity": fidelity_data(verdicts[path])}
    parts: list[Json] = [{"path": str(part), "fidelity": fidelity_data(each)} for part, each in verdicts.items()]
    return data | {"platforms": parts}


def _blocks(path: Path, verdict: Verdict) -> Iterator[Block]:
    yield Facts(str(path), fidelity_facts(verdict))
    yield inputs_table(verdict)
    if verdict.passed:
        yield Notice(Level.OK, "The file computes what PyTorch computed, within every budget.")
    else:
        yield Notice(Level.ERROR, "\n".join(verdict.failures))
