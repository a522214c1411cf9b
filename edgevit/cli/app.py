"""One run of the command line: parse, work, write, exit status."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from edgevit.cli.failure import BROKEN_PIPE, describe
from edgevit.cli.group import root
from edgevit.cli.output import Output
from edgevit.cli.session import Session
from edgevit.cli.signals import Interrupts
from edgevit.store.diskerrors import output_error

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status.

    Args:
        arguments: Without the program's name.
    """
    _prepare()
    interrupts = Interrupts()
    interrupts.install()
    session = Session.guess(arguments)
    try:
        return _run(arguments, session)
    except BrokenPipeError:
        _discard_output()
        return BROKEN_PIPE
    except (Exception, KeyboardInterrupt) as error:
        failure = describe(interrupts.received or error, debug=session.debug)
    # Out of the handler: the traceback held the frames of the work, and they may hold unfinished cleaning.
    try:
        session.renderer().failure(failure)
    except OSError:
        _discard_output()
    return failure.exit_status


def _run(arguments: Sequence[str], session: Session) -> int:
    result = root.main(list(arguments), prog_name="edgevit", standalone_mode=False, obj=session)
    try:
        if isinstance(result, Output):
            session.renderer().output(result)
            return result.exit_status
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise output_error(error, Path("standard output")) from error
    return result if isinstance(result, int) else 0


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
