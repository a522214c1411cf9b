"""Blocks with colours and boxes, through rich. Honours NO_COLOR."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich import box
from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.table import Table as RichTable
from rich.text import Text

from edgevit.cli.output import Block, Facts, Level, Notice, Table
from edgevit.cli.text import printable

__all__ = ["console", "draw"]

_STYLES = {Level.NOTE: "", Level.OK: "bold green", Level.WARNING: "bold yellow", Level.ERROR: "bold red"}
_BOXED = {Level.WARNING: "WARNING", Level.ERROR: "FAILED"}


def console(stream: TextIO) -> Console:
    """Return a console on ``stream`` that takes text literally: no markup, no emoji codes, no highlighting."""
    return Console(file=stream, markup=False, emoji=False, highlight=False)


def draw(stream: TextIO, blocks: Sequence[Block]) -> None:
    """Write blocks to a terminal, an empty line between them."""
    target = console(stream)
    for number, block in enumerate(blocks):
        if number:
            target.print()
        target.print(_renderable(block))


def _renderable(block: Block) -> RenderableType:
    match block:
        case Facts():
            return _facts(block)
        case Table():
            return _table(block)
        case Notice():
            return _notice(block)


def _facts(block: Facts) -> RenderableType:
    grid = RichTable(
        box=None, show_header=False, pad_edge=False, title=_text(block.title, "bold") or None, title_justify="left"
    )
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in block.pairs:
        grid.add_row(name, _text(value))
    return grid


def _table(block: Table) -> RenderableType:
    table = RichTable(
        box=box.SIMPLE_HEAD, pad_edge=False, title=_text(block.title, "bold") or None, title_justify="left"
    )
    for name in block.columns:
        table.add_column(_text(name), justify="right" if name in block.numeric else "left", overflow="fold")
    for row in block.rows:
        table.add_row(*(_text(cell) for cell in row))
    return table


def _notice(block: Notice) -> RenderableType:
    style = _STYLES[block.level]
    title = _BOXED.get(block.level)
    if title is None:
        return _text(block.text, style)
    return Panel(_text(block.text, style), title=title, border_style=style, box=box.HEAVY)


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style)
