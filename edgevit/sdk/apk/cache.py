"""Where what is fetched or made once is kept."""

from __future__ import annotations

from pathlib import Path

from edgevit.store.user_cache import user_cache

__all__ = ["cache_folder"]


def cache_folder() -> Path:
    """Return edgevit's folder for Android tools in the user's cache: ``$XDG_CACHE_HOME`` or ``~/.cache``."""
    return user_cache("android")
