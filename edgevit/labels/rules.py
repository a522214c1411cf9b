"""What a class name may be. The rules hold for every format a label is written to: JSON, plist, XML, plain lines."""

from __future__ import annotations

import unicodedata

__all__ = ["MAX_LENGTH", "normalize", "objection"]

MAX_LENGTH = 256
"""Longest name, in code points after normalization."""

_CATEGORIES = {
    "Cc": "a control character",
    "Cs": "half of a surrogate pair",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}
"""Unicode categories that break lines or cannot be encoded."""

_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Unicode's bidirectional controls (UAX 9): they can make a name read as another one."""


def normalize(name: str) -> str:
    """Return ``name`` without surrounding white space, in Unicode normalization form C."""
    return unicodedata.normalize("NFC", name.strip())


def objection(name: str) -> str | None:
    """Return what is wrong with a normalized name, or None."""
    if not name:
        return "is empty"
    if len(name) > MAX_LENGTH:
        return f"has {len(name)} characters; {MAX_LENGTH} are allowed"
    for character in name:
        trouble = _trouble(character)
        if trouble:
            return f"holds {trouble} (U+{ord(character):04X})"
    return None


def _trouble(character: str) -> str | None:
    if character in _DIRECTION:
        return "a text-direction control"
    if ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef":
        return "a code point that is no character"
    if character == "\ufeff":
        return "a byte-order mark"
    return _CATEGORIES.get(unicodedata.category(character))
