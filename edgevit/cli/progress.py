"""Live progress of long work on a terminal: the running stage with a bar, finished ones above it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from edgevit.cli.figures import seconds
from edgevit.cli.terminal import console
from edgevit.cli.text import printable
from edgevit.types import Event, EventSink

__all__ = ["live_progress"]


@contextmanager
def live_progress(stream: TextIO) -> Iterator[EventSink]:
    """Give a listener that draws events on ``stream`` until the end of the body."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(24), TimeElapsedColumn())
    with Progress(*columns, console=console(stream), transient=True, refresh_per_second=4) as progress:
        yield _Stages(progress).hear


class _Stages:
    """One line for the running stage."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def hear(self, event: Event) -> None:
        """Draw one event."""
        match event.kind:
            case "start":
                self._task(event)
            case "progress":
                self._advance(event)
            case "end":
                self._finish(event)
            case "warning":
                self._progress.print(Text(f"warning: {printable(event.message)}", style="bold yellow"))

    def _task(self, event: Event) -> TaskID:
        if event.stage not in self._tasks:
            self._tasks[event.stage] = self._progress.add_task(printable(event.message or event.stage), total=None)
        return self._tasks[event.stage]

    def _advance(self, event: Event) -> None:
        task = self._task(event)
        total = None if event.fraction is None else 1.0
        description = printable(event.message) or None
        self._progress.update(task, total=total, completed=event.fraction or 0.0, description=description)

    def _finish(self, event: Event) -> None:
        task = self._tasks.pop(event.stage, None)
        if task is not None:
            self._progress.remove_task(task)
        duration = "" if event.seconds is None else f"  {seconds(event.seconds)}"
        line = Text("ok ", style="green").append(printable(event.message or event.stage), style="default")
        self._progress.print(line.append(duration, style="dim"))
