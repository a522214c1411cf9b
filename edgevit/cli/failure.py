"""Any exception as what to tell the user, with its exit status."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

import edgevit
from edgevit.cli.output import Json
from edgevit.cli.signals import Terminated
from edgevit.errors import EdgeVitError, UsageError
from edgevit.store.diskerrors import is_disk_trouble, output_error

__all__ = ["BROKEN_PIPE", "Failure", "describe"]

BROKEN_PIPE = 141
"""Exit status when the reader of standard output is gone: 128 + SIGPIPE, as shells report for any tool."""

_REPORTED = ("torch", "numpy", "coremltools")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a command failed.

    Attributes:
        details: Lines for a bug report, or a traceback; only for people.
        is_error: False for an interrupt, which the user wanted.
    """

    code: str
    exit_status: int
    what: str
    why: str = ""
    help: str = ""
    details: str = ""
    is_error: bool = True

    def as_json(self) -> dict[str, Json]:
        """Return the keys of :meth:`edgevit.errors.EdgeVitError.as_dict`."""
        return {
            "code": self.code,
            "exit_status": self.exit_status,
            "what": self.what,
            "why": self.why,
            "help": self.help,
        }


def describe(error: BaseException, *, debug: bool = False) -> Failure:
    """Return what to tell the user about ``error``.

    Args:
        error: Whatever ended the command.
        debug: Add the traceback.
    """
    trace = "".join(traceback.format_exception(error)) if debug else ""
    match error:
        case EdgeVitError():
            return Failure(error.code, error.exit_status, error.what, error.why, error.help, trace)
        case click.ClickException():
            return Failure(UsageError.code, error.exit_code, error.format_message(), help=_usage_help(error))
        case OSError() if is_disk_trouble(error):
            place = error.filename if isinstance(error.filename, str) else "standard output"
            return describe(output_error(error, Path(place)), debug=debug)
        case Terminated():
            return Failure("terminated", 143, "Terminated; nothing was left behind.", details=trace, is_error=False)
        case KeyboardInterrupt() | EOFError() | click.Abort():
            return Failure("interrupted", 130, "Interrupted; nothing was left behind.", details=trace, is_error=False)
    return _bug(error, trace)


def _usage_help(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"See '{context.command_path} --help'." if context is not None else "See 'edgevit --help'."


def _bug(error: BaseException, trace: str) -> Failure:
    return Failure(
        code="bug",
        exit_status=1,
        what="This is a bug in edgevit.",
        why=f"{type(error).__name__}: {error}",
        help="Please report it with the lines below"
        + ("." if trace else ", and with what the same command prints with --debug added."),
        details="\n".join(part for part in (_report(error), trace) if part),
    )


def _report(error: BaseException) -> str:
    """Return versions and the place of the failure; no paths of the user's."""
    lines = [
        f"edgevit {edgevit.__version__}, Python {platform.python_version()}, {platform.system()} {os.uname().machine}"
    ]
    lines.append(", ".join(f"{name} {_version(name)}" for name in _REPORTED))
    frames = traceback.extract_tb(error.__traceback__)
    lines += [f"at {Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames[-3:]]
    return "\n".join(lines)


def _version(name: str) -> str:
    module_version = getattr(sys.modules.get(name), "__version__", None)
    if module_version is not None:
        return str(module_version)
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
