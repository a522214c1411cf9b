"""Checkpoints built byte by byte: what torch.save writes, and what it never would."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Mapping

import torch

MEMBERS = {"version": b"3\n", "byteorder": b"little"}


def saved(value: object) -> bytes:
    """Return what ``torch.save(value)`` writes."""
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def archive(
    stream: bytes, storages: Mapping[str, bytes] | None = None, members: Mapping[str, bytes] | None = None
) -> bytes:
    """Return a torch zip with a pickle stream, storages by key, and other members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr("archive/data.pkl", stream)
        for key, content in (storages or {}).items():
            out.writestr(f"archive/data/{key}", content)
        for name, content in {**MEMBERS, **(members or {})}.items():
            out.writestr(f"archive/{name}", content)
    return buffer.getvalue()


def rewritten(data: bytes, changes: Mapping[str, bytes]) -> bytes:
    """Return an archive with members replaced and all checksums right, as a careful attacker leaves it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as out:
        for info in source.infolist():
            out.writestr(info.filename, changes.get(info.filename, source.read(info)))
    return buffer.getvalue()


def member(data: bytes, name: str) -> bytes:
    """Return a member of an archive, by the last part of its name."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        return source.read(next(item for item in source.namelist() if item.endswith(name)))


def tensor_stream(shape: tuple[int, ...], strides: tuple[int, ...], *, offset: int = 0, length: int = 4) -> bytes:
    """Return the pickle stream of ``{"w": tensor}`` with any claim about the tensor's layout."""

    class _Tensor:
        def __reduce__(self) -> tuple[object, ...]:
            return _rebuild(), (storage, offset, shape, strides, False, {})

    class _Storage:
        pass

    class _Pickler(pickle.Pickler):
        def persistent_id(self, value: object) -> object:
            return ("storage", torch.FloatStorage, "0", "cpu", length) if isinstance(value, _Storage) else None

    storage = _Storage()
    buffer = io.BytesIO()
    _Pickler(buffer, 2).dump({"w": _Tensor()})
    return buffer.getvalue()


def _rebuild() -> object:
    return torch._utils._rebuild_tensor_v2


def text(value: str) -> bytes:
    """Return the instruction that pushes a text."""
    encoded = value.encode()
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def flip(data: bytes, position: int, bit: int) -> bytes:
    """Return ``data`` with one bit inverted."""
    changed = bytearray(data)
    changed[position] ^= 1 << bit
    return bytes(changed)
