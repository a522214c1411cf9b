"""The command line: the only room that reads arguments, writes to the terminal and ends the process."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command line with this process's arguments and exit with its status."""
    import sys

    from edgevit.cli.app import run

    sys.exit(run(sys.argv[1:]))
