"""Renaming the tensors of a checkpoint by tables. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["Pairs", "rename_keys"]

Pairs = Sequence[tuple[str, str]]
"""(old, new) in the order in which they are tried."""


def rename_keys(keys: Iterable[str], *, prefixes: Pairs, parts: Pairs) -> dict[str, str]:
    """Return old name -> new name for each key: its prefix replaced, then each part inside the rest.

    Args:
        keys: Tensor names.
        prefixes: The first one that a key starts with is replaced; a key without one keeps its whole name, so that
            strict loading reports it.
        parts: Replaced wherever they occur after the prefix. Dots at both ends keep them from matching within a word.
    """
    return {key: _rename(key, prefixes, parts) for key in keys}


def _rename(key: str, prefixes: Pairs, parts: Pairs) -> str:
    for old, new in prefixes:
        if key.startswith(old):
            # The dot that ends the prefix also begins the first part.
            rest = "." + key[len(old) :]
            for part, replacement in parts:
                rest = rest.replace(part, replacement)
            return new + rest[1:]
    return key
