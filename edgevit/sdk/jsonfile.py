"""JSON as edgevit writes it: sorted keys, two spaces, UTF-8, one final line feed, no NaN."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

__all__ = ["encode", "finite"]


def encode(value: Mapping[str, object]) -> bytes:
    """Return the bytes of a JSON file; equal values give equal bytes.

    Raises:
        ValueError: A number is NaN or infinite.
    """
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def finite(value: float | None) -> float | None:
    """Return ``value``, or None where JSON has no number for it (an infinite PSNR means equal outputs)."""
    return value if value is not None and math.isfinite(value) else None
