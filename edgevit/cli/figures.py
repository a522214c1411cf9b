"""Numbers as people read them."""

from __future__ import annotations

import math

__all__ = ["count", "decibels", "error", "megabytes", "percent", "seconds", "short_digest", "size"]


def count(value: int) -> str:
    """Return a count with three digits: ``4.03 M``, ``690 M``, ``1.94 G``."""
    for factor, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= factor:
            scaled = value / factor
            return f"{scaled:.{2 - min(2, len(str(int(scaled))) - 1)}f} {unit}"
    return str(value)


def megabytes(value: int) -> str:
    """Return a size in bytes as ``8.05 MB`` (10^6 bytes), small ones as ``123 kB``."""
    return f"{value / 1e6:.2f} MB" if value >= 10**6 else f"{value / 1e3:.1f} kB"


def decibels(value: float) -> str:
    """Return ``74.1 dB``, or ``exact`` for an infinite ratio."""
    return "exact" if math.isinf(value) else f"{value:.1f} dB"


def error(value: float | None) -> str:
    """Return an error as ``3.1e-07``, or a dash where it was not measured."""
    return "-" if value is None else f"{value:.1e}"


def percent(share: float) -> str:
    """Return a share 0..1 as ``98.5 %``."""
    return f"{100 * share:g} %" if share in (0.0, 1.0) else f"{100 * share:.1f} %"


def seconds(value: float) -> str:
    """Return a duration as ``0.42 s`` or ``12.3 s``."""
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def size(value: tuple[int, int]) -> str:
    """Return a (height, width) as ``256x192``."""
    return f"{value[0]}x{value[1]}"


def short_digest(value: str) -> str:
    """Return the first 16 digits of a digest; enough to compare by eye."""
    return value[:16]
