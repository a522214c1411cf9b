"""Markdown that user text cannot break out of: it stands in code spans only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["code", "table"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def code(text: str) -> str:
    """Return ``text`` as a code span on one line, whatever backticks or line breaks it holds."""
    line = _CONTROL.sub(" ", text).strip() or " "
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; vertical bars in cells are escaped, as Markdown splits cells before it reads code spans."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
