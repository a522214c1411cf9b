"""Running a compiler, and what to say when it fails."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from edgevit.errors import ConversionError, ToolMissingError

__all__ = ["run_tool"]

_SHOWN_LINES = 15


def run_tool(name: str, command: Sequence[str]) -> str:
    """Run a tool to its end and return what it printed.

    Args:
        name: For messages.
        command: Program and arguments; no shell reads them.

    Raises:
        ToolMissingError: It does not start.
        ConversionError: It failed; the reason has its last lines.
    """
    try:
        done = subprocess.run(  # noqa: S603 - a tool from the table, no shell
            command, capture_output=True, text=True, errors="replace", check=False, stdin=subprocess.DEVNULL
        )
    except OSError as error:
        raise ToolMissingError(
            f"'{name}' cannot be started.", why=f"{command[0]}: {error.strerror}", help="Install it again."
        ) from error
    if done.returncode != 0:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise ConversionError(
            f"{name} failed with exit status {done.returncode}.",
            why="\n".join(lines[-_SHOWN_LINES:]),
            help="Build the project as it was generated; if it is, report this as a bug.",
        )
    return done.stdout
