"""Where a network's numbers came from, said so that untrained ones cannot be missed."""

from __future__ import annotations

from collections.abc import Iterator

from edgevit.cli.output import Level, Notice
from edgevit.types import WeightsInfo

__all__ = ["weights_fact", "weights_notices"]


def weights_fact(weights: WeightsInfo) -> str:
    """Return the source in one line."""
    licence = f", licence: {weights.licence}" if weights.licence else ""
    return f"{weights.source}{licence}" if weights.trained else f"RANDOM ({weights.source})"


def weights_notices(weights: WeightsInfo) -> Iterator[Notice]:
    """Yield what the user must know about the weights; last on the screen, so that it is read."""
    if not weights.trained:
        yield Notice(Level.WARNING, f"UNTRAINED WEIGHTS. {weights.note}")
    elif weights.note:
        yield Notice(Level.NOTE, weights.note)
