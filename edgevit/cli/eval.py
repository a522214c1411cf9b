"""``edgevit eval``."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgevit.cli import figures
from edgevit.cli.group import Command
from edgevit.cli.output import Block, Facts, Level, Notice, Output, Table, to_json
from edgevit.cli.session import Session, common_options
from edgevit.cli.values import FILE, INPUT_SIZE
from edgevit.types import Size

if TYPE_CHECKING:
    from edgevit.evaluation.evaluate import Evaluation
    from edgevit.evaluation.figures import ClassAccuracy

__all__ = ["command"]

_SHOWN_CLASSES = 20


@click.command(
    "eval",
    cls=Command,
    examples=[
        ("eval fastvit_t8-ios --data photos/val", "The Core ML model of an SDK, in edgevit's evaluator"),
        ("eval model.tflite --data photos/val --jobs 2", "A TFLite file in LiteRT, two processes"),
        ("eval fastvit_t8 --weights mine.pth --data photos/val", "The network in PyTorch, to compare with"),
        ("eval Model.mlpackage --data photos/val --limit 500 --json", "A part of the images, for programs"),
    ],
)
@click.argument("model")
@click.option("--data", type=FILE, required=True, metavar="DIR", help="Images in one folder for each class.")
@click.option("--limit", type=int, metavar="N", help="Take N images, an equal share of each class. Default: all.")
@click.option("--jobs", type=int, metavar="N", help="Processes. Default: one for each processor.")
@click.option("--labels", type=FILE, metavar="FILE", help="Class names, where the model carries none.")
@click.option("--weights", default="auto", show_default=True, metavar="SOURCE", help="Of a model by name, as in build.")
@click.option("--num-classes", type=int, metavar="N", help="Of a model by name.")
@click.option("--input-size", type=INPUT_SIZE, metavar="HxW", help="Of a model by name.")
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Seed of random weights.")
@common_options
@click.pass_obj
def command(
    session: Session,
    *,
    model: str,
    data: Path,
    limit: int | None,
    jobs: int | None,
    labels: Path | None,
    weights: str,
    num_classes: int | None,
    input_size: Size | None,
    seed: int,
) -> Output:
    """Measure top-1 and top-5 accuracy on labelled images.

    MODEL is an SDK folder, an .mlpackage, a .tflite file, a weight file that says its network, or a model's name.
    Results are kept in the cache: an interrupted measurement goes on where it was.
    """
    with session.listening() as listen:
        from edgevit.evaluation.evaluate import evaluate

        result = evaluate(
            model,
            data,
            weights=weights,
            num_classes=num_classes,
            input_size=input_size,
            labels=labels,
            limit=limit,
            jobs=jobs if jobs is not None else os.cpu_count() or 1,
            seed=seed,
            on_event=listen,
        )
    measured = {field.name: to_json(getattr(result, field.name)) for field in dataclasses.fields(result)}
    return Output({"schema": "edgevit-eval/1", **measured}, list(_blocks(result)))


def _blocks(result: Evaluation) -> Iterator[Block]:
    low, high = result.top1_interval
    yield Facts(
        result.model,
        [
            ("top-1", f"{_points(result.top1)} (95 % interval {_points(low)} to {_points(high)})"),
            *([("top-5", _points(result.top5))] if result.top5 is not None else []),
            ("images", result.data),
            ("runtime", result.runtime),
            ("time", figures.seconds(result.seconds)),
            ("model sha256", figures.short_digest(result.sha256)),
            ("images sha256", figures.short_digest(result.data_sha256)),
        ],
    )
    rows = [(item.label, str(item.images), _points(item.top1)) for item in _weakest(result)]
    title = "Classes" if len(rows) == len(result.classes) else "Weakest classes"
    yield Table(title, ("class", "images", "top-1"), rows, frozenset({"images", "top-1"}))
    if result.confusions:
        mistakes = [(item.label, item.predicted, str(item.count)) for item in result.confusions]
        yield Table("Most frequent mistakes", ("class", "taken for", "images"), mistakes, frozenset({"images"}))
    if result.known:
        yield Notice(Level.NOTE, f"{result.known} of {result.images} images were known from an earlier run.")


def _weakest(result: Evaluation) -> list[ClassAccuracy]:
    return sorted(result.classes, key=lambda item: item.top1)[:_SHOWN_CLASSES]


def _points(share: float) -> str:
    return f"{100 * share:.2f} %"
