"""What a command has to say, before anybody decides how it looks: data for programs, blocks for people."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

__all__ = ["Block", "Facts", "Json", "Level", "Notice", "Output", "Table", "to_json"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""What JSON can hold."""


class Level(StrEnum):
    """How much a notice matters."""

    NOTE = "note"
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Facts:
    """Named values under a title."""

    title: str
    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a title.

    Attributes:
        numeric: Names of the columns whose cells are numbers, aligned to the right.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence that stands apart; a warning is drawn so that nobody can miss it."""

    level: Level
    text: str


Block = Facts | Table | Notice


@dataclass(frozen=True, slots=True)
class Output:
    """The result of a command.

    Attributes:
        data: What ``--json`` prints.
        blocks: What people see.
        exit_status: 0, or 7 for a verdict that failed, or 10 for a missing tool.
    """

    data: Mapping[str, Json]
    blocks: Sequence[Block]
    exit_status: int = 0


def to_json(value: object) -> Json:
    """Return dataclasses, string enums, paths, tuples and mappings as JSON values; infinities and NaN as None."""
    match value:
        case None | bool() | int():
            result: Json = value
        case float():
            result = value if math.isfinite(value) else None
        case str() | Path():
            result = str(value)
        case Mapping():
            result = {str(key): to_json(item) for key, item in value.items()}
        case Sequence():
            result = [to_json(item) for item in value]
        case _ if dataclasses.is_dataclass(value):
            names = (field.name for field in dataclasses.fields(value))
            result = {name: to_json(getattr(value, name)) for name in names}
        case _:
            raise TypeError(f"{type(value).__name__} has no place in JSON")
    return result
