"""Padding of sliding windows: PyTorch's explicit zeros against TFLite's SAME and VALID."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgevit.backends.tflite.builtins import Padding

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Window", "pair", "plan"]


@dataclass(frozen=True, slots=True)
class Window:
    """A sliding window along one axis.

    Attributes:
        size: Length of the axis.
        kernel: Taps.
        stride: Steps between windows.
        dilation: Steps between taps.
        before: Padding that the network puts in front.
        after: Padding that the network puts behind.
        ceil: Count a last window that starts inside the padded axis but does not end there.
    """

    size: int
    kernel: int
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0
    ceil: bool = False

    @property
    def extent(self) -> int:
        """Elements from the first tap to the last."""
        return (self.kernel - 1) * self.dilation + 1

    @property
    def output(self) -> int:
        """Number of windows, as PyTorch counts them."""
        span = self.size + self.before + self.after - self.extent
        count = span // self.stride + 1
        if self.ceil and span % self.stride and count * self.stride < self.size + self.before:
            count += 1
        return count

    @property
    def needed_after(self) -> int:
        """Elements behind the axis that the last window reads; negative where it ends before the axis does."""
        return (self.output - 1) * self.stride + self.extent - self.size - self.before

    @property
    def is_valid(self) -> bool:
        """Whether TFLite's VALID gives the same windows."""
        return self.before == 0 and self.needed_after <= 0

    @property
    def is_same(self) -> bool:
        """Whether TFLite's SAME gives the same windows: ceil(size / stride) of them, the odd zero behind."""
        if -(-self.size // self.stride) != self.output:
            return False
        total = max((self.output - 1) * self.stride + self.extent - self.size, 0)
        return self.before == total // 2


def plan(rows: Window, columns: Window) -> tuple[int, tuple[tuple[int, int], tuple[int, int]]]:
    """Return TFLite's padding mode, and the explicit padding that must come before it (zeros for none)."""
    none = ((0, 0), (0, 0))
    if rows.is_valid and columns.is_valid:
        return Padding.VALID, none
    if rows.is_same and columns.is_same:
        return Padding.SAME, none
    return Padding.VALID, (_explicit(rows), _explicit(columns))


def _explicit(window: Window) -> tuple[int, int]:
    return window.before, max(window.needed_after, 0)


def pair(values: Sequence[int] | int) -> tuple[int, int]:
    """Return rows and columns of an option that may be given once for both."""
    if isinstance(values, int):
        return values, values
    return (int(values[0]), int(values[-1]))
