"""Files that take several images at once: what goes into each place, so that every place is proven."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

__all__ = ["in_order", "kept_places", "rotations"]


def in_order(count: int, batch: int) -> list[list[int]]:
    """Return which of ``count`` images is in each place of each run; the last image fills the last run up."""
    return [[min(first + place, count - 1) for place in range(batch)] for first in range(0, count, batch)]


def rotations(count: int, batch: int) -> list[list[int]]:
    """Return which of ``count`` images is in each place of ``count`` runs that bring each image to each place."""
    return [[(first + place) % count for place in range(batch)] for first in range(count)]


def kept_places(batch: int) -> Iterator[Sequence[int]]:
    """Yield sets of places to keep while all others change, so that for any two, one is kept as the other changes.

    Two different numbers differ in a bit, so twice as many sets as bits are enough.
    """
    for bit in range((batch - 1).bit_length()):
        for value in (0, 1):
            yield [place for place in range(batch) if place >> bit & 1 == value]
