"""How many pieces of a file XNNPACK takes, asked of the runtime itself in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Plan", "execution_plan"]

_CHILD = Path(__file__).with_name("partitions_child.py")
_REFUSED = 3
_SECONDS = 120
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Plan:
    """What the CPU runs.

    Attributes:
        partitions: Pieces that XNNPACK runs as a whole, one at best; None where the runtime does not take the file.
        problem: What the runtime says then.
    """

    partitions: int | None
    problem: str = ""


def execution_plan(path: Path) -> Plan:
    """Return the runtime's plan for a file; a file that crashes the runtime is one that it does not take."""
    command = [sys.executable, "-P", str(_CHILD), str(path.absolute())]
    try:
        child = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - our own script
    except subprocess.TimeoutExpired:
        return Plan(None, f"it did not come to an end within {_SECONDS} s")
    if child.returncode == 0:
        return Plan(int(child.stdout))
    said = " ".join(child.stderr.decode(errors="replace").split())[-_LONGEST:]
    return Plan(None, said if child.returncode == _REFUSED else f"it crashed (status {child.returncode})")
