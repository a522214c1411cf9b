"""One run of the command line: parse, work, write, exit status."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress

import click
from click.shell_completion import shell_complete

from edgevit.cli.failure import BROKEN_PIPE, describe
from edgevit.cli.group import root
from edgevit.cli.output import Output
from edgevit.cli.session import Session

__all__ = ["run"]

_NAME = "edgevit"
_COMPLETION = "_EDGEVIT_COMPLETE"
"""Environment variable with which shells ask for completions, by click's convention."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status.

    Args:
        arguments: Without the program's name.
    """
    _prepare()
    session = Session.guess(arguments)
    session.interrupts.install()
    try:
        return _run(list(arguments), session)
    except BrokenPipeError:
        _discard_output()
        return BROKEN_PIPE
    except (Exception, KeyboardInterrupt) as error:
        failure = describe(session.interrupts.received or error, debug=session.debug)
    # Out of the handler: the traceback held the frames of the work, and they may hold unfinished cleaning.
    try:
        session.renderer().failure(failure)
    except OSError:
        _discard_output()
    return failure.exit_status


def _run(arguments: list[str], session: Session) -> int:
    instruction = os.environ.get(_COMPLETION)
    if instruction:
        return shell_complete(root, {}, _NAME, _COMPLETION, instruction)
    status = 0
    try:
        # Not click's own main: it writes errors and interrupts in its way, and knows no exit status but 1 and 2.
        with root.make_context(_NAME, arguments, obj=session) as context:
            result = root.invoke(context)
        if isinstance(result, Output):
            session.renderer().output(result)
            status = result.exit_status
    except click.exceptions.Exit as stop:
        status = stop.exit_code
    if sys.stdout is not None:
        sys.stdout.flush()
    return status


def _prepare() -> None:
    """Let no odd character and no library's warning come between the user and the result."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def _discard_output() -> None:
    """Send what is still buffered nowhere, so that the interpreter's last flush cannot fail."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
