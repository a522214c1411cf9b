"""What ``--weights`` says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from edgevit.errors import UsageError

__all__ = ["Kind", "Source", "parse_source"]


class Kind(StrEnum):
    """Where weights are looked for."""

    AUTO = "auto"
    PRETRAINED = "pretrained"
    RANDOM = "random"
    HUB = "hf"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed ``--weights`` value.

    Attributes:
        tag: Release asked for (PRETRAINED), or an empty string.
        repo: ``OWNER/NAME`` (HUB).
        filename: File in the repository (HUB), or an empty string: edgevit looks for the usual names.
        path: The file (FILE).
    """

    kind: Kind
    tag: str = ""
    repo: str = ""
    filename: str = ""
    path: Path | None = None


_HUB = re.compile(r"hf:(?P<repo>[\w.-]+/[\w.-]+)(?::(?P<file>[^:\\]+))?", re.ASCII)


def parse_source(text: str) -> Source:
    """Return what a ``--weights`` value means.

    Raises:
        UsageError: It is empty, or starts as a hub name and is none.
    """
    word, _, rest = text.partition(":")
    if word == Kind.PRETRAINED:
        return Source(Kind.PRETRAINED, tag=rest)
    if text in (Kind.AUTO, Kind.RANDOM):
        return Source(Kind(text))
    if word == Kind.HUB:
        return _hub_source(text)
    if not text:
        raise UsageError("--weights is empty.", help="Use auto, pretrained, random, hf:OWNER/REPO[:FILE] or a path.")
    return Source(Kind.FILE, path=Path(text))


def _hub_source(text: str) -> Source:
    match = _HUB.fullmatch(text)
    if match is None or ".." in text:
        raise UsageError(
            f"'{text}' names no file of a hub repository.", help="Write hf:OWNER/REPO or hf:OWNER/REPO:FILE."
        )
    return Source(Kind.HUB, repo=match["repo"], filename=match["file"] or "")
