"""A protobuf wire-format decoder driven by :data:`edgevit.verification.schema.SCHEMA`.

The format is described at https://protobuf.dev/programming-guides/encoding/. Every length is checked against the
buffer and every field against the table, so a damaged file ends in :class:`ArtifactCorruptError`, never elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

import numpy as np

from edgevit.errors import ArtifactCorruptError
from edgevit.verification.schema import SCHEMA, Field, Kind

__all__ = ["Message", "decode"]

_MAX_DEPTH = 100
_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5
_MAP_KEY, _MAP_VALUE = 1, 2
_WIRE_TYPES: Mapping[Kind, tuple[int, ...]] = {
    Kind.INT: (_VARINT,),
    Kind.INTS: (_VARINT, _DELIMITED),
    Kind.FLOATS: (_FIXED32, _DELIMITED),
    Kind.DOUBLES: (_FIXED64, _DELIMITED),
}
_OTHER_WIRE_TYPES = (_DELIMITED,)

T = TypeVar("T")


class Message:
    """A decoded message: fields by name, with proto3's defaults for those that are absent."""

    __slots__ = ("_fields",)

    def __init__(self) -> None:
        self._fields: dict[str, object] = {}

    def has(self, name: str) -> bool:
        """Return whether the field was in the file."""
        return name in self._fields

    def integer(self, name: str) -> int:
        """Return an integer field (signed 64 bits), 0 when absent."""
        return self._get(name, 0)

    def text(self, name: str) -> str:
        """Return a string field, empty when absent."""
        return self._get(name, "")

    def data(self, name: str) -> bytes:
        """Return a bytes field, empty when absent."""
        return self._get(name, b"")

    def message(self, name: str) -> Message:
        """Return a sub-message; an absent one has no fields."""
        return self._get(name, _EMPTY)

    def messages(self, name: str) -> list[Message]:
        """Return a repeated sub-message."""
        return self._get(name, [])

    def integers(self, name: str) -> list[int]:
        """Return a repeated integer field."""
        return self._get(name, [])

    def numbers(self, name: str) -> list[float]:
        """Return a repeated float or double field."""
        return self._get(name, [])

    def texts(self, name: str) -> list[str]:
        """Return a repeated string field."""
        return self._get(name, [])

    def text_map(self, name: str) -> dict[str, str]:
        """Return a map from string to string."""
        return self._get(name, {})

    def message_map(self, name: str) -> dict[str, Message]:
        """Return a map from string to message, in the order of the file."""
        return self._get(name, {})

    def _get(self, name: str, default: T) -> T:
        return cast("T", self._fields.get(name, default))

    def _put(self, field: Field, value: object) -> None:
        """Store a value; repeated kinds extend what is there."""
        if isinstance(value, list):
            cast("list[object]", self._fields.setdefault(field.name, [])).extend(value)
        elif isinstance(value, dict):
            cast("dict[str, object]", self._fields.setdefault(field.name, {})).update(value)
        else:
            self._fields[field.name] = value


_EMPTY = Message()


def decode(data: bytes, message: str) -> Message:
    """Return the message of type ``message`` that ``data`` holds.

    Raises:
        ArtifactCorruptError: A length runs past its message, a field is unknown or of the wrong wire type, text is
            not UTF-8, a number is too long, or messages are nested too deep.
    """
    return _message(data, 0, len(data), message, 0)


def _message(data: bytes, position: int, end: int, name: str, depth: int) -> Message:
    """Return the message between two positions. Nothing is sliced before a leaf is reached."""
    if depth > _MAX_DEPTH:
        raise _corrupt(f"messages are nested more than {_MAX_DEPTH} deep")
    schema, result = SCHEMA[name], Message()
    while position < end:
        tag, position = _varint(data, position, end)
        field = schema.get(tag >> 3)
        if field is None:
            raise _corrupt(f"{name} has a field {tag >> 3} that this version of edgevit does not know")
        wire = tag & 7
        if wire not in _WIRE_TYPES.get(field.kind, _OTHER_WIRE_TYPES):
            raise _corrupt(f"{name}.{field.name} has wire type {wire}")
        if wire == _VARINT:
            number, position = _varint(data, position, end)
            result._put(field, [_signed(number)] if field.kind is Kind.INTS else _signed(number))
            continue
        start, position = _span(data, position, end, wire, field)
        result._put(field, _payload(data, start, position, field, depth))
    return result


def _span(data: bytes, position: int, end: int, wire: int, field: Field) -> tuple[int, int]:
    """Return where the payload of a delimited or fixed-size field starts and ends."""
    if wire == _DELIMITED:
        length, position = _varint(data, position, end)
    else:
        length = 8 if wire == _FIXED64 else 4
    if position + length > end:
        raise _corrupt(f"{field.name} runs past the end of its message")
    return position, position + length


def _payload(data: bytes, start: int, end: int, field: Field, depth: int) -> object:
    """Return the value of a delimited or fixed-size field."""
    kind = field.kind
    if kind is Kind.MESSAGE:
        return _message(data, start, end, field.message, depth + 1)
    if kind is Kind.MESSAGES:
        return [_message(data, start, end, field.message, depth + 1)]
    if kind is Kind.MESSAGE_MAP or kind is Kind.TEXT_MAP:
        return _entry(data, start, end, field, depth)
    return _SCALARS[kind](data[start:end])


def _entry(data: bytes, position: int, end: int, field: Field, depth: int) -> dict[str, object]:
    """Return one map entry: a message with a key (field 1) and a value (field 2)."""
    key, start, stop = "", end, end
    while position < end:
        tag, position = _varint(data, position, end)
        if tag & 7 != _DELIMITED or tag >> 3 not in (_MAP_KEY, _MAP_VALUE):
            raise _corrupt(f"an entry of {field.name} is malformed")
        first, position = _span(data, position, end, _DELIMITED, field)
        if tag >> 3 == _MAP_KEY:
            key = _text(data[first:position])
        else:
            start, stop = first, position
    if field.kind is Kind.TEXT_MAP:
        return {key: _text(data[start:stop])}
    return {key: _message(data, start, stop, field.message, depth + 1)}


def _varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Return an unsigned base-128 number of at most 64 bits, and the position after it."""
    result = shift = 0
    while position < end:
        byte = data[position]
        position += 1
        if byte < 0x80:
            return (result | byte << shift) & 0xFFFF_FFFF_FFFF_FFFF, position
        result |= (byte & 0x7F) << shift
        shift += 7
        if shift >= 70:
            raise _corrupt("a number is longer than ten bytes")
    raise _corrupt("the data ends within a number")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _packed(data: bytes) -> list[int]:
    values, position, end = [], 0, len(data)
    while position < end:
        value, position = _varint(data, position, end)
        values.append(_signed(value))
    return values


def _fixed(data: bytes, dtype: str) -> list[float]:
    if len(data) % np.dtype(dtype).itemsize:
        raise _corrupt("a list of floating-point numbers has a partial element")
    return cast("list[float]", np.frombuffer(data, dtype).tolist())


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _corrupt("a string is not UTF-8") from error


_SCALARS: Mapping[Kind, Callable[[bytes], object]] = {
    Kind.TEXT: _text,
    Kind.TEXTS: lambda data: [_text(data)],
    Kind.FLOATS: lambda data: _fixed(data, "<f4"),
    Kind.DOUBLES: lambda data: _fixed(data, "<f8"),
    Kind.INTS: _packed,
    Kind.BYTES: lambda data: data,
}


def _corrupt(why: str) -> ArtifactCorruptError:
    return ArtifactCorruptError(
        "The Core ML model cannot be read.",
        why=f"{why[0].upper()}{why[1:]}.",
        help="The file is truncated, damaged or written by a newer converter; convert the model again.",
    )
