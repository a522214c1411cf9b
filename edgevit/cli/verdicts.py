"""A verdict as data and as lines."""

from __future__ import annotations

from edgevit.cli import figures
from edgevit.cli.output import Json, Table, to_json
from edgevit.types import Verdict

__all__ = ["fidelity_data", "fidelity_facts", "inputs_table"]


def fidelity_data(verdict: Verdict) -> Json:
    """Return every figure of a verdict; infinite ratios (equal outputs) are null."""
    return to_json(verdict)


def fidelity_facts(verdict: Verdict) -> list[tuple[str, str]]:
    """Return the headline figures, named; the two proofs of a build are absent from later verdicts."""
    numbers = "rounded weights" if verdict.cost is None else "the same codes"
    proofs = (
        ("graph", verdict.graph_max_rel, "PyTorch, largest relative difference of the float32 twin"),
        ("rounding", verdict.rounding_max_rel, f"PyTorch with {numbers}, largest relative difference"),
    )
    return [
        ("verified by", verdict.runtime),
        *((name, f"{figures.error(value)} from {text}") for name, value, text in proofs if value is not None),
        (
            "fidelity",
            f"{figures.decibels(verdict.psnr_db)}, cosine {verdict.cosine:.6f}, "
            f"same top-1 on {figures.percent(verdict.top1_agreement)} of the inputs"
            f"{'' if verdict.cost is None else ', against PyTorch with the same codes'}",
        ),
    ]


def inputs_table(verdict: Verdict) -> Table:
    """Return the figures of each input."""
    columns = ("input", "PSNR", "max abs", "max rel", "cosine", "top-1")
    rows = [
        (
            item.name,
            figures.decibels(item.psnr_db),
            figures.error(item.max_abs),
            figures.error(item.max_rel),
            f"{item.cosine:.6f}",
            "same" if item.top1_equal else "DIFFERS",
        )
        for item in verdict.inputs
    ]
    return Table("Inputs", columns, rows, frozenset(columns[1:5]))
