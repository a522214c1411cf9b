"""Flatbuffers read field by field, with every offset checked against the end of the data.

The generated accessors that ship with runtimes trust their input: a damaged length makes them loop for hours.
Encoding: https://flatbuffers.dev/internals/. Fields are addressed by their position in the schema's table.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

__all__ = ["DamagedFlatbuffer", "Data", "Table", "read_root"]


class DamagedFlatbuffer(ValueError):  # noqa: N818 - says what the data is
    """An offset or length leads out of the data, or the data claims more elements than it can hold."""


class Data:
    """Bytes, with bounds on where is read and how many elements are read in all."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._allowance = len(content)

    def number(self, layout: str, position: int) -> int | float:
        """Return one little-endian number; ``layout`` is a format character of :mod:`struct`."""
        size = struct.calcsize("<" + layout)
        if not 0 <= position <= len(self.content) - size:
            raise DamagedFlatbuffer(f"an offset leads to byte {position} of {len(self.content)}")
        value: int | float = struct.unpack_from("<" + layout, self.content, position)[0]
        return value

    def integer(self, layout: str, position: int) -> int:
        """Return one little-endian integer."""
        return int(self.number(layout, position))

    def vector(self, position: int, size: int) -> tuple[int, int]:
        """Return the start and count of a vector of elements of ``size`` bytes, charged to what may be read in all."""
        start = position + 4
        count = self.integer("I", position)
        if count * size > len(self.content) - start:
            raise DamagedFlatbuffer(f"a list of {count} elements runs past the end")
        self._allowance -= count
        if self._allowance < 0:
            raise DamagedFlatbuffer("its lists overlap")
        return start, count

    def span(self, position: int) -> memoryview:
        """Return the bytes of a byte vector; they are not charged, since they are not looked at one by one."""
        start, count = position + 4, self.integer("I", position)
        if count > len(self.content) - start:
            raise DamagedFlatbuffer(f"{count} bytes run past the end")
        return memoryview(self.content)[start : start + count]


@dataclass(frozen=True, slots=True)
class Table:
    """One table; fields that are absent have the schema's default.

    Every method raises :class:`DamagedFlatbuffer` where the field cannot be read.
    """

    data: Data
    position: int

    def integer(self, field: int, layout: str, default: int = 0) -> int:
        """Return a scalar field; ``layout`` is a format character of :mod:`struct`."""
        place = self._place(field)
        return default if place is None else self.data.integer(layout, place)

    def flag(self, field: int) -> bool:
        """Return a boolean field."""
        return bool(self.integer(field, "B"))

    def text(self, field: int) -> str:
        """Return a string field, empty where absent; bytes that are not UTF-8 are replaced."""
        return bytes(self.span(field)).decode("utf-8", errors="replace")

    def span(self, field: int) -> memoryview:
        """Return a byte vector without copying, empty where absent."""
        target = self._target(field)
        return memoryview(b"") if target is None else self.data.span(target)

    def integers(self, field: int) -> tuple[int, ...]:
        """Return a vector of int32, empty where absent."""
        return tuple(int(value) for value in self._numbers(field, "i"))

    def floats(self, field: int) -> tuple[float, ...]:
        """Return a vector of float32, empty where absent."""
        return tuple(self._numbers(field, "f"))

    def table(self, field: int) -> Table | None:
        """Return a sub-table (or the value of a union), None where absent."""
        target = self._target(field)
        return None if target is None else Table(self.data, target)

    def tables(self, field: int) -> tuple[Table, ...]:
        """Return a vector of tables, empty where absent."""
        target = self._target(field)
        if target is None:
            return ()
        start, count = self.data.vector(target, 4)
        places = range(start, start + 4 * count, 4)
        return tuple(Table(self.data, place + self.data.integer("I", place)) for place in places)

    def _numbers(self, field: int, layout: str) -> tuple[int | float, ...]:
        target = self._target(field)
        if target is None:
            return ()
        start, count = self.data.vector(target, 4)
        return struct.unpack_from(f"<{count}{layout}", self.data.content, start)

    def _target(self, field: int) -> int | None:
        place = self._place(field)
        return None if place is None else place + self.data.integer("I", place)

    def _place(self, field: int) -> int | None:
        """Return where a field's value is, None where the table leaves it out."""
        index = self.position - self.data.integer("i", self.position)
        entry = 4 + 2 * field
        if entry + 2 > self.data.integer("H", index):
            return None
        offset = self.data.integer("H", index + entry)
        return self.position + offset if offset else None


def read_root(content: bytes, identifier: bytes) -> Table:
    """Return the root table of a flatbuffer.

    Args:
        content: The whole buffer.
        identifier: Four bytes that the format has at position 4.

    Raises:
        DamagedFlatbuffer: The identifier is another one, or the data is too short.
    """
    if content[4:8] != identifier:
        raise DamagedFlatbuffer(f"it does not start like a file of this kind ('{identifier.decode()}')")
    data = Data(content)
    return Table(data, data.integer("I", 0))
