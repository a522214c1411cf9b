"""How much faster one ``.tflite`` file is than another on this machine's CPU."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from edgevit.errors import ArtifactCorruptError

__all__ = ["speed_ratio"]

_CHILD = Path(__file__).with_name("ratio_child.py")
_REFUSED = 3
_LONGEST = 300
_MOST_SECONDS = 120.0
"""For loading and the rounds that are made however long they take, above the seconds asked for."""


def speed_ratio(path: Path, base: Path, *, seconds: float = 2.0) -> float:
    """Return the time of a run of ``base`` divided by one of ``path``: above 1 where ``path`` is faster.

    Both files take turns of some milliseconds in one process of their own, on one thread, whose own time counts, so
    that what else the machine does meets both. It is the median over rounds, at least five.

    Args:
        path: A ``.tflite`` file.
        base: The file to compare with.
        seconds: How long to measure.

    Raises:
        ArtifactCorruptError: The runtime refuses a file, crashes on it, or does not come to an end.
    """
    command = [sys.executable, "-P", str(_CHILD), str(path.absolute()), str(base.absolute()), str(seconds)]
    limit = seconds + _MOST_SECONDS
    try:
        child = subprocess.run(command, capture_output=True, timeout=limit, check=False)  # noqa: S603 - our own script
    except subprocess.TimeoutExpired as error:
        raise _refused(path, f"It did not come to an end within {limit:.0f} s.") from error
    if child.returncode == 0:
        return float(child.stdout)
    said = " ".join(child.stderr.decode(errors="replace").split())[-_LONGEST:]
    raise _refused(path, f"{said}." if child.returncode == _REFUSED else f"It crashed (status {child.returncode}).")


def _refused(path: Path, why: str) -> ArtifactCorruptError:
    return ArtifactCorruptError(f"LiteRT cannot time '{path}'.", why=why, help="'edgevit lint' looks at it unrun.")
