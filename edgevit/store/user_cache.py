"""Where what can be made again is kept between runs."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["user_cache"]


def user_cache(purpose: str) -> Path:
    """Return edgevit's folder of that name in the user's cache: below ``$XDG_CACHE_HOME`` or ``~/.cache``."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else Path.home() / ".cache") / "edgevit" / purpose
