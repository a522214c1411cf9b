"""A validator of the part of JSON Schema (draft 2020-12) that edgevit's schemas use; an unknown keyword is an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

__all__ = ["violations"]

_TYPES: dict[str, Callable[[object], bool]] = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "null": lambda v: v is None,
}
_ANNOTATIONS = {"$schema", "$id", "title", "description"}


def violations(value: object, schema: Mapping[str, object], place: str = "$") -> list[str]:
    """Return one line for each way in which ``value`` breaks ``schema``.

    Args:
        value: What ``json.loads`` gave.
        schema: A schema of this folder.
        place: Where ``value`` is, for the lines.

    Raises:
        ValueError: The schema has a keyword that this validator does not know.
    """
    return list(_check(value, schema, place))


def _check(value: object, schema: Mapping[str, object], place: str) -> Iterator[str]:
    for keyword, rule in schema.items():
        if keyword in _ANNOTATIONS:
            continue
        if keyword not in _KEYWORDS:
            raise ValueError(f"this validator does not know '{keyword}' at {place}")
        yield from _KEYWORDS[keyword](value, rule, schema, place)


def _type(value: object, rule: object, _schema: Mapping[str, object], place: str) -> Iterator[str]:
    names = rule if isinstance(rule, list) else [rule]
    if not any(_TYPES[str(name)](value) for name in names):
        yield f"{place} is no {rule}"


def _enum(value: object, rule: object, _schema: Mapping[str, object], place: str) -> Iterator[str]:
    if isinstance(rule, list) and value not in rule:
        yield f"{place} is none of {rule}"


def _const(value: object, rule: object, _schema: Mapping[str, object], place: str) -> Iterator[str]:
    if value != rule:
        yield f"{place} is not {rule}"


def _required(value: object, rule: object, _schema: Mapping[str, object], place: str) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(rule, list):
        yield from (f"{place} has no {key}" for key in rule if key not in value)


def _properties(value: object, rule: object, _schema: Mapping[str, object], place: str) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(rule, dict):
        for key in value.keys() & rule.keys():
            yield from _check(value[key], rule[key], f"{place}.{key}")


def _additional(value: object, rule: object, schema: Mapping[str, object], place: str) -> Iterator[str]:
    known = schema.get("properties", {})
    if isinstance(value, dict) and isinstance(known, dict):
        for key in sorted(value.keys() - known.keys()):
            if rule is False:
                yield f"{place} has an unknown {key}"
            elif isinstance(rule, dict):
                yield from _check(value[key], rule, f"{place}.{key}")


def _items(value: object, rule: object, _schema: Mapping[str, object], place: str) -> Iterator[str]:
    if isinstance(value, list) and isinstance(rule, dict):
        for index, item in enumerate(value):
            yield from _check(item, rule, f"{place}[{index}]")


def _count(value: object, rule: object, schema: Mapping[str, object], place: str) -> Iterator[str]:
    if isinstance(value, list) and isinstance(rule, int):
        least, most = schema.get("minItems", 0), schema.get("maxItems", len(value))
        if not (isinstance(least, int) and isinstance(most, int) and least <= len(value) <= most):
            yield f"{place} has {len(value)} items"


def _pattern(value: object, rule: object, _schema: Mapping[str, object], place: str) -> Iterator[str]:
    if isinstance(value, str) and not re.search(str(rule), value):
        yield f"{place} does not match {rule}"


def _bound(holds: Callable[[float, float], bool]) -> Callable[..., Iterator[str]]:
    def check(value: object, rule: object, _schema: Mapping[str, object], place: str) -> Iterator[str]:
        numbers = isinstance(value, int | float) and isinstance(rule, int | float) and not isinstance(value, bool)
        if numbers and not holds(value, rule):  # type: ignore[arg-type]
            yield f"{place} = {value} breaks the bound {rule}"

    return check


_KEYWORDS: dict[str, Callable[..., Iterator[str]]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "minItems": _count,
    "maxItems": _count,
    "pattern": _pattern,
    "minimum": _bound(lambda value, bound: value >= bound),
    "maximum": _bound(lambda value, bound: value <= bound),
    "exclusiveMinimum": _bound(lambda value, bound: value > bound),
}
