"""Options and lines of ``edgevit build`` about quantization."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from edgevit.cli import figures
from edgevit.cli.output import Block, Facts, Json, Level, Notice, Table, to_json
from edgevit.cli.values import FILE, Named
from edgevit.types import BuildReport, Cost, Quantization

__all__ = ["quantization_blocks", "quantization_data", "quantization_options", "write_charts"]

_MOST_SENSITIVE = 12
"""Rows of the table for people; --json has all layers."""

_FunctionT = TypeVar("_FunctionT", bound=Callable[..., object])

_AUTO = "auto"


def _scheme(name: str) -> str:
    from edgevit.quantize.schemes import get_scheme

    return _AUTO if name == _AUTO else get_scheme(name).name


def _schemes() -> Iterable[str]:
    from edgevit.quantize.schemes import list_schemes

    return (_AUTO, *(scheme.name for scheme in list_schemes()))


_OPTIONS = (
    click.option(
        "--quant",
        type=Named("scheme", _scheme, _schemes),
        metavar="SCHEME",
        help="Store weights in fewer bits; 'edgevit list --schemes' shows how. 'auto' mixes schemes within --max-drop. "
        "Default: none.",
    ),
    click.option(
        "--calib",
        type=FILE,
        metavar="DIR",
        help="Images to calibrate and measure --quant with. Default: four built-in photographs.",
    ),
    click.option(
        "--calib-count", type=int, default=64, show_default=True, metavar="N", help="How many of them to take."
    ),
    click.option("--calib-seed", type=int, default=0, show_default=True, metavar="N", help="Seed of their choice."),
    click.option(
        "--keep",
        multiple=True,
        metavar="PATTERN",
        help="Layers that --quant leaves in half precision, for example 'classifier' or 'stem.*'. May be repeated.",
    ),
    click.option(
        "--max-drop",
        type=float,
        metavar="POINTS",
        help="What --quant may cost: points of top-1 accuracy on --data, or of agreement with the network before. "
        "Layers that cost too much stay in half precision. Default: 0.5 for auto, no limit otherwise.",
    ),
    click.option(
        "--data",
        type=FILE,
        metavar="DIR",
        help="Labelled images, a folder for each class, to measure --max-drop on. Default: agreement on --calib.",
    ),
    click.option(
        "--data-count", type=int, default=1000, show_default=True, metavar="N", help="How many of --data to take."
    ),
    click.option(
        "--chart", type=FILE, metavar="FILE", help="Draw what each layer costs into this SVG file; for --max-drop."
    ),
    click.option(
        "--fp16-islands",
        type=click.Choice(["none", "auto"]),
        default="none",
        show_default=True,
        help="auto: operations that come near the end of half precision's range stay in float32 (Core ML).",
    ),
)


def quantization_options(function: _FunctionT) -> _FunctionT:
    """Add the options that decide how weights are stored."""
    for decorate in reversed(_OPTIONS):
        function = decorate(function)
    return function


def quantization_blocks(report: Quantization, cost: Cost | None) -> Iterator[Block]:
    """Yield what was quantized, what that costs, and what was left alone and why."""
    moved = "no difference" if report.sqnr_db is None else f"{report.sqnr_db:.1f} dB signal to noise"
    yield Facts(
        f"Quantization: {report.scheme}",
        [
            (
                "weights",
                f"{figures.megabytes(report.bytes_half)} in half precision, {figures.megabytes(report.bytes_stored)} "
                f"in {report.encoded} layers of codes and the rest",
            ),
            *(() if cost is None else (("cost", _cost(cost)),)),
            ("on images", f"{moved}, same top-1 on {figures.percent(report.agreement)} of {report.images}"),
            *(
                ()
                if report.speed is None
                else (("speed", f"{report.speed:.2f} times that with float32 weights, on one thread of this CPU"),)
            ),
        ],
    )
    if report.search:
        yield Notice(Level.NOTE, report.bought)
        yield _sensitivity(report)
    if report.skipped:
        yield _skipped(report)


def _sensitivity(report: Quantization) -> Table:
    """Return the layers that cost most, each quantized alone."""
    layers = cast("Sequence[Mapping[str, Any]]", report.search["layers"])
    schemes = list(dict.fromkeys(name for layer in layers for name in layer["sqnr_db"]))
    rows = [
        (
            str(layer["layer"]),
            figures.megabytes(int(layer["bytes_half"])),
            *(_alone(layer["sqnr_db"], scheme) for scheme in schemes),
            str(layer["chosen"]),
        )
        for layer in layers[:_MOST_SENSITIVE]
    ]
    title = f"Most sensitive of {len(layers)} layers: dB signal to noise with one layer quantized"
    columns = ("layer", "fp16", *schemes, "chosen")
    return Table(title, columns, rows, frozenset(columns[1:-1]))


def _alone(decibels: Mapping[str, float | None], scheme: str) -> str:
    if scheme not in decibels:
        return "-"
    value = decibels[scheme]
    return "equal" if value is None else f"{value:.1f}"


def quantization_data(report: Quantization | None) -> Json:
    """Return what was quantized for machines; the chart is a picture for people."""
    return None if report is None else to_json(dataclasses.replace(report, chart=""))


def write_charts(chart: Path | None, report: BuildReport) -> None:
    """Write what each layer costs as SVG; for two phones, the name of the phone ends the file's.

    Raises:
        OutputError: It cannot be written.
    """
    from edgevit.store.publish import write_file_atomically

    drawn = [(part.platform, part.quantization.chart) for part in report.platforms if part.quantization is not None]
    for platform, text in drawn:
        if chart is not None and text:
            path = chart if len(drawn) == 1 else chart.with_stem(f"{chart.stem}-{platform}")
            write_file_atomically(path, text.encode())


def _cost(cost: Cost) -> str:
    return (
        f"{figures.decibels(cost.psnr_db)} against the network before, cosine {cost.cosine:.6f}, "
        f"same top-1 on {figures.percent(cost.top1_agreement)} of the photographs"
    )


def _skipped(report: Quantization) -> Table:
    """Return the tensors in half precision, by reason."""
    bytes_by_reason: Counter[str] = Counter()
    names: dict[str, list[str]] = {}
    for row in report.skipped:
        reason = "would save too little" if row.reason.startswith("would save") else row.reason
        bytes_by_reason[reason] += row.bytes
        names.setdefault(reason, []).append(row.parameter)
    rows = [
        (reason, str(len(names[reason])), figures.megabytes(size), names[reason][0])
        for reason, size in bytes_by_reason.most_common()
    ]
    columns = ("in half precision", "tensors", "size", "first")
    return Table("", columns, rows, frozenset(columns[1:3]))
