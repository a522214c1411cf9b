"""Values written in a program: tensors in place or in the weight file, strings, lists and dictionaries."""

from __future__ import annotations

from typing import TypeAlias, cast

import numpy as np

from edgevit.errors import ArtifactCorruptError
from edgevit.verification.blob import Array, unpack_bits
from edgevit.verification.dtypes import NUMPY_TYPES, PACKED_BITS
from edgevit.verification.package import Package
from edgevit.verification.program import ValueType, parse_type
from edgevit.verification.wire import Message

__all__ = ["Constant", "read_value"]

Constant: TypeAlias = "Array | str | list[Constant]"
"""A tensor, a string, or a list. A string tensor of rank 1 is a list too."""

_LISTS = ("floats", "ints", "bools", "longs", "doubles")


def read_value(package: Package, message: Message) -> Constant:
    """Return the value of a decoded ``Value`` message.

    Tensors come as numpy arrays of the declared shape; sub-byte types are unpacked to int8 or uint8.

    Raises:
        ArtifactCorruptError: The value contradicts its type, or its blob is damaged.
    """
    declared = parse_type(message.message("type"))
    if message.has("blob"):
        blob = message.message("blob")
        _require(declared.kind == "tensor" and declared.dtype != "string", "a blob is not a tensor of numbers")
        return package.weight_file(blob.text("file")).read(blob.integer("offset"), declared.dtype, declared.shape)
    immediate = message.message("immediate")
    if declared.kind == "tensor":
        return _tensor(immediate.message("tensor"), declared)
    _require(declared.kind in ("list", "tuple"), f"a {declared.kind} is written in place")
    return [read_value(package, item) for item in immediate.message(declared.kind).messages("values")]


def _tensor(message: Message, declared: ValueType) -> Constant:
    if declared.dtype == "string":
        return _strings(message.message("strings").texts("values"), declared)
    count = int(np.prod(declared.shape, dtype=object))
    if message.has("bytes"):
        flat = _from_bytes(message.message("bytes").data("values"), declared.dtype, count)
    else:
        flat = _from_lists(message, declared.dtype)
    _require(flat.size == count, f"a tensor of shape {declared.shape} has {flat.size} elements")
    return flat.reshape(declared.shape)


def _strings(values: list[str], declared: ValueType) -> Constant:
    count = int(np.prod(declared.shape, dtype=object))
    _require(len(values) == count and len(declared.shape) <= 1, f"{len(values)} strings have shape {declared.shape}")
    return cast("list[Constant]", values) if declared.shape else values[0]


def _from_bytes(data: bytes, dtype: str, count: int) -> Array:
    """Return the elements of types that are written as raw little-endian bytes."""
    raw = np.frombuffer(data, np.uint8)
    bits = PACKED_BITS.get(dtype)
    if bits is not None:
        _require(len(raw) == -(-count * bits // 8), f"{count} elements of {dtype} take {len(raw)} bytes")
        return unpack_bits(raw, bits, count, signed=dtype == "int4")
    element = np.dtype(NUMPY_TYPES[dtype])
    _require(len(raw) == count * element.itemsize, f"{count} elements of {dtype} take {len(raw)} bytes")
    return np.frombuffer(data, element)


def _from_lists(message: Message, dtype: str) -> Array:
    """Return the elements of types that are written as protobuf numbers; the range of the type is checked."""
    name = next((name for name in _LISTS if message.has(name)), "ints")
    body = message.message(name)
    floating = name in ("floats", "doubles")
    values = np.array(body.numbers("values") if floating else body.integers("values"), float if floating else np.int64)
    with np.errstate(over="ignore", invalid="ignore"):
        result = values.astype(NUMPY_TYPES[dtype])
    _require(bool(np.array_equal(result, values, equal_nan=True)) or floating, f"a number is out of range for {dtype}")
    return result


def _require(condition: bool, why: str) -> None:
    if not condition:
        raise ArtifactCorruptError(
            "A constant of the Core ML program cannot be read.",
            why=f"{why[0].upper()}{why[1:]}.",
            help="The file is damaged; convert the model again.",
        )
