"""Refusing input sizes that a network cannot take, and naming the nearest ones that it can. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgevit.errors import UnsupportedError

if TYPE_CHECKING:
    from edgevit.types import Size

__all__ = ["SizeRule"]


@dataclass(frozen=True, slots=True)
class SizeRule:
    """Which input sizes an architecture takes.

    Attributes:
        text: The rule for people, one sentence.
        minimum: Smallest side in pixels, a multiple of ``multiple``.
        maximum: Largest side in pixels, a multiple of ``multiple``.
        multiple: Both sides are multiples of this.
        square: Height and width must be equal.
    """

    text: str
    minimum: int
    maximum: int
    multiple: int = 1
    square: bool = False

    def allows(self, size: Size) -> bool:
        """Return whether a network can be built for ``size``."""
        fits = all(self.minimum <= side <= self.maximum and side % self.multiple == 0 for side in size)
        return fits and (not self.square or size[0] == size[1])

    def check(self, title: str, size: Size) -> None:
        """Return when ``size`` is allowed.

        Raises:
            UnsupportedError: It is not; the message names the rule and the nearest sizes.
        """
        if self.allows(size):
            return
        nearest = " or ".join(f"{height}x{width}" for height, width in self.nearest(size))
        raise UnsupportedError(
            f"{title} cannot take {size[0]}x{size[1]} input.",
            why=f"It takes {self.text}.",
            help=f"The nearest valid size is {nearest}.",
        )

    def nearest(self, size: Size) -> tuple[Size, ...]:
        """Return the allowed sizes just below and just above ``size``, fewer where they coincide."""
        if self.square:
            below, above = self._round(min(size), up=False), self._round(max(size), up=True)
            return tuple(sorted({(below, below), (above, above)}))
        height, width = size
        smaller = (self._round(height, up=False), self._round(width, up=False))
        larger = (self._round(height, up=True), self._round(width, up=True))
        return tuple(sorted({smaller, larger}))

    def _round(self, side: int, *, up: bool) -> int:
        steps = -(-side // self.multiple) if up else side // self.multiple
        return min(max(steps * self.multiple, self.minimum), self.maximum)
