"""The only writer: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TextIO

from edgevit.cli.failure import Failure
from edgevit.cli.output import Block, Facts, Json, Level, Notice, Output, Table
from edgevit.cli.text import printable
from edgevit.types import Event, EventSink

__all__ = ["Renderer"]


class Renderer:
    """Writes what commands return, as JSON, as plain text, or with colours and boxes on a terminal.

    Args:
        out: Where results go; None where the process has no standard output.
        err: Where progress, warnings and errors go.
        as_json: Print one JSON object instead of text; progress then stays off.
        quiet: Show no progress. Warnings and errors are always shown.
    """

    def __init__(self, out: TextIO | None, err: TextIO | None, *, as_json: bool, quiet: bool) -> None:
        self._out = out
        self._err = err
        self.as_json = as_json
        self.quiet = quiet

    def output(self, output: Output) -> None:
        """Write a command's result."""
        if self.as_json:
            self._write_json(output.data)
        else:
            _write_blocks(self._out, output.blocks)

    def failure(self, failure: Failure) -> None:
        """Write why the command failed: to standard output as JSON, or to standard error for people."""
        if self.as_json:
            self._write_json({"error": failure.as_json()})
        if self._err is not None and (failure.details or not self.as_json):
            self._err.write(printable("\n".join(_failure_lines(failure)), keep="\n") + "\n")
            self._err.flush()

    @contextmanager
    def events(self) -> Iterator[EventSink]:
        """Give a listener for long work: live progress on a terminal, else warnings only."""
        if self._err is None:
            yield lambda _: None
        elif self.as_json or self.quiet or not _is_fancy(self._err):
            yield self._warn
        else:
            from edgevit.cli.progress import live_progress

            with live_progress(self._err) as listener:
                yield listener

    def _warn(self, event: Event) -> None:
        if event.kind == "warning" and self._err is not None:
            self._err.write(f"warning: {printable(event.message)}\n")
            self._err.flush()

    def _write_json(self, data: Mapping[str, Json]) -> None:
        if self._out is not None:
            self._out.write(json.dumps(data, indent=2, allow_nan=False) + "\n")
            self._out.flush()


def _is_fancy(stream: TextIO) -> bool:
    """Return whether ``stream`` is a terminal that can do more than append text."""
    return stream.isatty() and os.environ.get("TERM", "") not in {"", "dumb"}


def _write_blocks(stream: TextIO | None, blocks: Sequence[Block]) -> None:
    if stream is None:
        return
    if _is_fancy(stream):
        from edgevit.cli.terminal import draw

        draw(stream, blocks)
    else:
        stream.write("\n\n".join("\n".join(_plain(block)) for block in blocks) + "\n")
    stream.flush()


def _plain(block: Block) -> Iterator[str]:
    match block:
        case Facts(title, pairs):
            yield from _titled(title)
            width = max((len(name) for name, _ in pairs), default=0)
            yield from (f"{name:<{width}}  {printable(value)}".rstrip() for name, value in pairs)
        case Table(title, columns, rows, numeric):
            yield from _titled(title)
            yield from _aligned(columns, [[printable(cell) for cell in row] for row in rows], numeric)
        case Notice(level, text):
            yield f"{_WORDS[level]}{printable(text)}"


_WORDS = {Level.NOTE: "", Level.OK: "ok: ", Level.WARNING: "WARNING: ", Level.ERROR: "FAILED: "}


def _titled(title: str) -> Iterator[str]:
    if title:
        yield printable(title)


def _aligned(columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: frozenset[str]) -> Iterator[str]:
    widths = [max(len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        cells = [
            f"{cell:>{width}}" if name in numeric else f"{cell:<{width}}"
            for name, cell, width in zip(columns, row, widths, strict=True)
        ]
        yield "  ".join(cells).rstrip()


def _failure_lines(failure: Failure) -> Iterator[str]:
    yield f"error: {failure.what}" if failure.is_error else failure.what
    for part in (failure.why, failure.help, failure.details):
        if part:
            yield part
