"""Text from files and arguments, made safe for a terminal."""

from __future__ import annotations

__all__ = ["printable"]


def printable(text: str, *, keep: str = "") -> str:
    r"""Return ``text`` with control, format and unassigned characters written as escapes.

    A label or a path may hold sequences that move the cursor or turn the writing direction; nothing of that reaches
    the terminal.

    Args:
        text: Any text.
        keep: Characters that stay as they are, for example ``"\n"``.
    """
    return "".join(c if c.isprintable() or c in keep else c.encode("unicode_escape").decode() for c in text)
