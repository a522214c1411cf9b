"""Element types of MIL values: their numbers in the two file formats, and how many bits each element takes.

The numbers are those of ``DataType`` in ``MIL.proto`` and of ``BlobDataType`` in coremltools'
``mlmodel/src/MILBlob/Blob/BlobDataType.hpp``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

__all__ = ["BLOB_TYPES", "FLOATS", "MIL_TYPES", "NUMPY_TYPES", "PACKED_BITS", "TORCH_TYPES"]

MIL_TYPES: Mapping[int, str] = {
    1: "bool",
    2: "string",
    10: "fp16",
    11: "fp32",
    12: "fp64",
    21: "int8",
    22: "int16",
    23: "int32",
    24: "int64",
    25: "int4",
    31: "uint8",
    32: "uint16",
    33: "uint32",
    34: "uint64",
    35: "uint4",
    36: "uint2",
    37: "uint1",
    38: "uint6",
    39: "uint3",
}
"""``DataType`` in the program -> name. The 8-bit floats and bfloat16 are absent: no converter writes them."""

BLOB_TYPES: Mapping[int, str] = {
    1: "fp16",
    2: "fp32",
    3: "uint8",
    4: "int8",
    6: "int16",
    7: "uint16",
    8: "int4",
    9: "uint1",
    10: "uint2",
    11: "uint4",
    12: "uint3",
    13: "uint6",
    14: "int32",
    15: "uint32",
}
"""``BlobDataType`` in the weight file -> name."""

PACKED_BITS: Mapping[str, int] = {"int4": 4, "uint4": 4, "uint2": 2, "uint1": 1, "uint6": 6, "uint3": 3}
"""Bits an element takes, for types that are packed across bytes, least significant bit first."""

NUMPY_TYPES: Mapping[str, type[np.generic]] = {
    "bool": np.bool_,
    "fp16": np.float16,
    "fp32": np.float32,
    "fp64": np.float64,
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "int4": np.int8,
    "uint8": np.uint8,
    "uint16": np.uint16,
    "uint32": np.uint32,
    "uint64": np.uint64,
    **{name: np.uint8 for name in PACKED_BITS if name.startswith("uint")},
}
"""Name -> the numpy type that holds an unpacked element."""

FLOATS = frozenset({"fp16", "fp32", "fp64"})
"""Types that the evaluator computes in float32 (fp64 in float64)."""

TORCH_TYPES: Mapping[str, torch.dtype] = {
    "bool": torch.bool,
    "fp16": torch.float32,
    "fp32": torch.float32,
    "fp64": torch.float64,
    "int8": torch.int8,
    "int16": torch.int16,
    "int32": torch.int32,
    "int64": torch.int64,
    "int4": torch.int8,
    "uint8": torch.uint8,
    "uint16": torch.int32,
    "uint32": torch.int64,
    **{name: torch.uint8 for name in PACKED_BITS if name.startswith("uint")},
}
"""Name -> the torch type that the evaluator computes in; torch has no arithmetic on wide unsigned types."""
