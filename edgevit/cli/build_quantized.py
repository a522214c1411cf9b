"""Options and lines of ``edgevit build`` about quantization."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar

import click
from click.shell_completion import CompletionItem

from edgevit.cli import figures
from edgevit.cli.output import Block, Facts, Table
from edgevit.cli.values import FILE
from edgevit.types import Cost, Quantization

__all__ = ["quantization_blocks", "quantization_options"]

_FunctionT = TypeVar("_FunctionT", bound=Callable[..., object])


class _SchemeName(click.ParamType[str]):
    """The name of a scheme, checked before anything heavy is imported."""

    name = "scheme"

    def convert(
        self,
        value: object,
        param: click.Parameter | None,  # noqa: ARG002 - click's signature
        ctx: click.Context | None,  # noqa: ARG002
    ) -> str:
        """Return ``value``, or raise what the table of schemes says about it."""
        from edgevit.quantize.schemes import get_scheme

        return get_scheme(str(value)).name

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Return the names that begin as typed."""
        from edgevit.quantize.schemes import list_schemes

        return [CompletionItem(scheme.name) for scheme in list_schemes() if scheme.name.startswith(incomplete)]


_OPTIONS = (
    click.option(
        "--quant",
        type=_SchemeName(),
        metavar="SCHEME",
        help="Store weights in fewer bits; 'edgevit list --schemes' shows how. Default: none.",
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
        ],
    )
    if report.skipped:
        yield _skipped(report)


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
