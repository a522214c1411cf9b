"""``edgevit list``."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

import click

from edgevit.cli import figures
from edgevit.cli.group import Choice, Command
from edgevit.cli.list_schemes import scheme_output
from edgevit.cli.output import Facts, Json, Level, Notice, Output, Table, to_json
from edgevit.cli.session import common_options
from edgevit.errors import UsageError
from edgevit.models.registry import FAMILIES, get_spec, list_models
from edgevit.types import ModelSpec

__all__ = ["command"]

_COLUMNS = ("model", "params", "MACs", "input", "top-1 %", "published by", "weights", "licence")
_CHOSEN = {"input_size", "num_classes"}
_KEYS = [field.name for field in dataclasses.fields(ModelSpec) if field.name not in _CHOSEN]
_NUMERIC = frozenset({"params", "MACs", "top-1 %"})


@click.command(
    "list",
    cls=Command,
    examples=[
        ("list", "All models"),
        ("list --family nextvit", "One family"),
        ("list fastvit_t8", "One model: sizes, releases, paper"),
        ("list --schemes", "Ways to store a model in fewer bits, for --quant"),
        ("list --json | jq '.models[].name'", "For programs"),
    ],
)
@click.argument("name", required=False)
@click.option("--family", type=Choice(FAMILIES), help="Show one family.")
@click.option("--schemes", is_flag=True, help="Show the quantization schemes instead: what they need and buy.")
@common_options
def command(name: str | None, family: str | None, *, schemes: bool) -> Output:
    """Show the models: parameters, multiply-accumulates, native input size, published accuracy, licence.

    Parameters and multiply-accumulates are those of the training form with 1000 classes at the native size.
    """
    if schemes:
        if name is not None or family is not None:
            raise UsageError("Schemes are the same for all models.", help="edgevit list --schemes")
        return scheme_output()
    if name is not None:
        return _one(name)
    specs = [spec for spec in list_models() if family in {None, spec.family}]
    table = Table("", _COLUMNS, [_row(spec) for spec in specs], _NUMERIC)
    return Output(_data(specs), [table, Notice(Level.NOTE, "'edgevit list NAME' shows sizes, releases and the paper.")])


def _data(specs: Sequence[ModelSpec]) -> dict[str, Json]:
    """Return the variants' rows; what a build would choose (size, classes) is left out."""
    models: list[Json] = [{name: to_json(getattr(spec, name)) for name in _KEYS} for spec in specs]
    return {"schema": "edgevit-list/1", "models": models}


def _row(spec: ModelSpec) -> tuple[str, ...]:
    return (
        spec.name,
        figures.count(spec.params),
        figures.count(spec.macs),
        figures.size(spec.native_size),
        "-" if spec.top1 is None else f"{spec.top1:.1f}",
        spec.top1_source or "-",
        f"{len(spec.releases)} public" if spec.releases else "bring your own",
        re.split(r" \(|;", spec.licence)[0],
    )


def _one(name: str) -> Output:
    spec = get_spec(name)
    facts = Facts(
        spec.title,
        [
            ("name", spec.name),
            ("family", spec.family),
            ("parameters", f"{spec.params:,} ({spec.folded_params:,} folded)"),
            ("MACs", f"{spec.macs:,} at {figures.size(spec.native_size)}"),
            ("input sizes", spec.size_rule),
            ("top-1", "not published" if spec.top1 is None else f"{spec.top1} % ({spec.top1_source})"),
            ("licence", spec.licence),
            ("paper", spec.paper),
        ],
    )
    return Output(_data([spec]), [facts, _releases(spec)])


def _releases(spec: ModelSpec) -> Table | Notice:
    if not spec.releases:
        return Notice(Level.NOTE, "Public weights: none. Train it and pass the file with --weights PATH.")
    rows = [
        (
            f"pretrained:{item.tag}",
            item.repo,
            figures.size(item.input_size),
            "-" if item.top1 is None else f"{item.top1}",
            item.licence,
        )
        for item in spec.releases
    ]
    columns = ("--weights", "repository", "input", "top-1 %", "licence")
    return Table("Public weights", columns, rows, frozenset({"top-1 %"}))
