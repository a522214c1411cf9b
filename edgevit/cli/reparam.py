"""``edgevit reparam``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from edgevit.cli import figures
from edgevit.cli.group import Command
from edgevit.cli.output import Block, Facts, Json, Output, Table, to_json
from edgevit.cli.session import Session, common_options
from edgevit.cli.values import FILE, model_options
from edgevit.cli.weights_notice import weights_fact, weights_notices
from edgevit.errors import EdgeVitError, TargetExistsError
from edgevit.types import Event, EventSink, FoldedModel, LoadedModel, Size

__all__ = ["command"]


@click.command(
    "reparam",
    cls=Command,
    examples=[
        ("reparam fastvit_t8 --weights mine.pth --out folded.safetensors", "Fold your checkpoint"),
        ("build fastvit_t8 --ios --weights folded.safetensors", "What it gives can be built like any other"),
    ],
)
@model_options
@click.option("--out", type=FILE, required=True, metavar="FILE", help="Safetensors file to make.")
@common_options
@click.pass_obj
def command(
    session: Session,
    *,
    name: str,
    weights: str,
    num_classes: int | None,
    input_size: Size | None,
    seed: int,
    out: Path,
) -> Output:
    """Fold training-time branches, norms and scales into plain layers, prove it in float64, and write the weights."""
    _refuse_foreign(out)
    with session.listening() as listen:
        from edgevit.weights import load_model, save_folded

        listen(Event("weights", "start", f"Loading {name}"))
        model = load_model(name, weights, num_classes, input_size, seed=seed, on_event=listen)
        folded = _fold(model, listen)
        digest = save_folded(folded, out)
    return Output(_data(folded, out, digest), list(_blocks(folded, out, digest)))


def _refuse_foreign(out: Path) -> None:
    """Refuse before the work what cannot be written, and files that this command did not write: they are weights."""
    from edgevit.store.target import check_file_target

    target = check_file_target(out)
    if target.exists() and not _is_ours(target):
        raise TargetExistsError(
            f"'{out}' exists, and 'edgevit reparam' did not write it.",
            why="It may hold weights that nothing can bring back.",
            help="Choose another --out, or move the file away.",
        )


def _is_ours(path: Path) -> bool:
    from edgevit.weights.checkpoint import read_checkpoint
    from edgevit.weights.folded_file import is_folded

    try:
        return is_folded(read_checkpoint(path))
    except EdgeVitError:
        return False


def _fold(model: LoadedModel, listen: EventSink) -> FoldedModel:
    from edgevit.reparam.proof import reparameterize

    listen(Event("weights", "end", f"Loaded {model.spec.title}"))
    listen(Event("fold", "start", "Folding, proving it in float64"))
    folded = reparameterize(model)
    listen(Event("fold", "end", f"Folded and proved {len(folded.blocks)} blocks"))
    return folded


def _data(folded: FoldedModel, out: Path, digest: str) -> dict[str, Json]:
    return {
        "schema": "edgevit-reparam/1",
        "model": folded.spec.name,
        "path": str(out),
        "sha256": digest,
        "weights": to_json(folded.weights),
        "params": folded.spec.params,
        "folded_params": sum(parameter.numel() for parameter in folded.module.parameters()),
        "max_rel_error": to_json(folded.max_rel_error),
        "blocks": to_json(folded.blocks),
    }


def _blocks(folded: FoldedModel, out: Path, digest: str) -> Iterator[Block]:
    yield Facts(
        f"{folded.spec.title}, folded",
        [
            ("file", str(out)),
            ("digest", digest),
            ("weights", weights_fact(folded.weights)),
            ("proof", f"largest relative error {figures.error(folded.max_rel_error)} in float64"),
        ],
    )
    rows = [(block.block, figures.error(block.max_rel_error)) for block in folded.blocks]
    yield Table("Blocks", ("block", "relative error"), rows, frozenset({"relative error"}))
    yield from weights_notices(folded.weights)
