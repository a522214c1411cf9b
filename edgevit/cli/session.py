"""How the user wants to be spoken to: the options that every command has."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import click

from edgevit.cli.render import Renderer
from edgevit.cli.signals import Interrupts
from edgevit.types import Event, EventSink

__all__ = ["Session", "common_options"]

_FunctionT = TypeVar("_FunctionT", bound=Callable[..., object])


@dataclass(slots=True)
class Session:
    """The values of the common options; commands get it with ``click.pass_obj``."""

    as_json: bool = False
    quiet: bool = False
    debug: bool = False
    interrupts: Interrupts = field(default_factory=Interrupts)

    @classmethod
    def guess(cls, arguments: Sequence[str]) -> Session:
        """Return the session of a command line that may turn out to be wrong, for the message about that."""
        words = arguments[: arguments.index("--")] if "--" in arguments else arguments
        return cls(as_json="--json" in words, debug="--debug" in words)

    def renderer(self) -> Renderer:
        """Return the writer to this process's standard streams."""
        return Renderer(sys.stdout, sys.stderr, as_json=self.as_json, quiet=self.quiet)

    @contextmanager
    def listening(self) -> Iterator[EventSink]:
        """Give a listener for long work: it shows progress, and stops work that has survived an interrupt."""
        with self.renderer().events() as show:

            def listen(event: Event) -> None:
                self.interrupts.check()
                show(event)

            yield listen


def common_options(function: _FunctionT) -> _FunctionT:
    """Add ``--json``, ``--quiet`` and ``--debug`` to a command."""
    for flags, name, text in reversed(_COMMON):
        option = click.option(*flags, is_flag=True, expose_value=False, callback=_set(name), help=text)
        function = option(function)
    return function


_COMMON = (
    (("--json",), "as_json", "Print one JSON object, also for errors."),
    (("-q", "--quiet"), "quiet", "Show no progress; warnings stay."),
    (("--debug",), "debug", "Show the traceback of a failure."),
)


def _set(name: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    def callback(context: click.Context, _: click.Parameter, value: bool) -> None:
        setattr(context.obj, name, value)

    return callback
