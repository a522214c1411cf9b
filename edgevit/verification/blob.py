"""Weight files in MIL's blob storage format, version 2, with packed sub-byte elements.

A 64-byte header (count, version) is followed by blobs. Each has a 64-byte metadata record (sentinel, type, size,
offset, padding bits), aligned to 64 bytes, and its data, aligned likewise: ``StorageFormat.hpp`` in coremltools'
``mlmodel/src/MILBlob/Blob``.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgevit.errors import ArtifactCorruptError
from edgevit.verification.dtypes import BLOB_TYPES, NUMPY_TYPES, PACKED_BITS

__all__ = ["Array", "WeightFile", "unpack_bits"]

Array = NDArray[np.generic]

_HEADER = struct.Struct("<II")
_RECORD = struct.Struct("<IIQQQ")
_SENTINEL = 0xDEADBEEF
_VERSION = 2


class WeightFile:
    """One weight file, mapped into memory; :meth:`read` returns the array of one blob."""

    def __init__(self, path: Path) -> None:
        """Map the file and check its header.

        Raises:
            ArtifactCorruptError: The file is missing, too short, or of another version.
        """
        self.name = path.name
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise self._corrupt("it cannot be opened, or it is empty") from error
        if len(self._map) < 64:
            raise self._corrupt("it is shorter than its header")
        _, version = _HEADER.unpack_from(self._map)
        if version != _VERSION:
            raise self._corrupt(f"its version is {version}, not {_VERSION}")

    def read(self, offset: int, dtype: str, shape: tuple[int, ...]) -> Array:
        """Return the blob whose metadata is at ``offset``, as an array of the declared type and shape.

        Sub-byte elements are unpacked to int8 or uint8; others are read-only views of the file.

        Raises:
            ArtifactCorruptError: The metadata is damaged, disagrees with the declaration or points outside the file.
        """
        data, padding_bits = self._data(offset, dtype)
        count = int(np.prod(shape, dtype=object))
        if dtype in PACKED_BITS:
            bits = PACKED_BITS[dtype]
            if len(data) != -(-count * bits // 8) or padding_bits >= 8:
                raise self._corrupt(f"the blob at {offset} has {len(data)} bytes for {count} elements of {dtype}")
            return unpack_bits(data, bits, count, signed=dtype == "int4").reshape(shape)
        element = np.dtype(NUMPY_TYPES[dtype])
        if len(data) != count * element.itemsize:
            raise self._corrupt(f"the blob at {offset} has {len(data)} bytes for {count} elements of {dtype}")
        return data.view(element).reshape(shape)

    def _data(self, offset: int, dtype: str) -> tuple[NDArray[np.uint8], int]:
        """Return the bytes of a blob and its count of padding bits."""
        if offset < 0 or offset % 64 or offset + 64 > len(self._map):
            raise self._corrupt(f"there can be no blob at {offset}")
        sentinel, type_number, size, start, padding_bits = _RECORD.unpack_from(self._map, offset)
        if sentinel != _SENTINEL:
            raise self._corrupt(f"there is no blob at {offset}")
        stored = BLOB_TYPES.get(type_number, f"type {type_number}")
        if stored != dtype:
            raise self._corrupt(f"the blob at {offset} is {stored}, the program says {dtype}")
        if start % 64 or start + size > len(self._map):
            raise self._corrupt(f"the blob at {offset} runs past the end of the file")
        return np.frombuffer(self._map, np.uint8, size, start), padding_bits

    def _corrupt(self, why: str) -> ArtifactCorruptError:
        return ArtifactCorruptError(
            f"The weight file {self.name} cannot be read.",
            why=f"{why[0].upper()}{why[1:]}.",
            help="The file is truncated or damaged; convert the model again.",
        )


def unpack_bits(data: NDArray[np.uint8], bits: int, count: int, *, signed: bool = False) -> Array:
    """Return ``count`` elements of ``bits`` bits each, packed from the least significant bit up.

    Args:
        data: At least ``ceil(count * bits / 8)`` bytes.
        bits: 1 to 8.
        count: How many elements to unpack.
        signed: Read two's complement and return int8 instead of uint8.
    """
    flat = np.unpackbits(data, count=count * bits, bitorder="little").reshape(count, bits)
    values = np.packbits(flat, axis=1, bitorder="little")[:, 0]
    if not signed:
        return values
    shift = 8 - bits
    return (values << shift).view(np.int8) >> shift
