"""Codes as constants of the file: integers, and what they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgevit.backends.tflite.graph import DType, Quantization, Tensor
from edgevit.backends.tflite.quantized.sites import WEIGHTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgevit.backends.tflite.quantized.sites import Site
    from edgevit.quantize.encoding import LinearEncoding

__all__ = ["as_bytes", "as_halves", "as_nibbles", "block_size", "fits_bytes", "fits_nibbles"]

_SHIFT = 128
"""From unsigned codes to signed ones."""

_BLOCK_MULTIPLE = 32
_BELOW_BFLOAT16 = np.uint32(0xFFFF)
"""Bits of a float32 that bfloat16 does not have."""


def block_size(encoding: LinearEncoding) -> int:
    """Return how many inputs share a scale; 0 where a channel or the tensor has one."""
    inputs, blocks = encoding.codes.shape[1], encoding.scale.shape[1]
    return 0 if blocks == 1 else inputs // blocks


def as_bytes(site: Site) -> Tensor:
    """Return codes with one scale a tensor or channel as int8, in the layout of the constant that they replace."""
    encoding = site.encoding
    shift = _SHIFT if encoding.codes.dtype == np.uint8 else 0
    codes = (encoding.codes.astype(np.int16) - shift).astype(np.int8).transpose(site.axes)
    channels = next((d for d, count in enumerate(encoding.scale.shape) if count > 1), site.axes[0])
    points = np.ascontiguousarray(encoding.zero_point - shift, np.int32).ravel()
    grid = Quantization(encoding.scale.ravel(), points, site.axes.index(channels))
    return Tensor(f"{_name(site)}/int8", codes.shape, DType.INT8, np.ascontiguousarray(codes), grid)


def as_nibbles(site: Site) -> Tensor:
    """Return signed 4-bit codes (outputs, inputs), with one scale a channel or block."""
    encoding = site.encoding
    rows = encoding.codes.shape[0]
    codes = np.ascontiguousarray(encoding.codes.reshape(rows, -1))
    block = block_size(encoding)
    if block:
        values: NDArray[np.float16] = encoding.scale.reshape(rows, -1).astype(np.float16)
        scales = Tensor(f"{_name(site)}/scales", values.shape, DType.FLOAT16, values)
        grid = Quantization(np.zeros(0, np.float32), np.zeros(0, np.int32), block_scales=scales, block=block)
    else:
        grid = Quantization(np.broadcast_to(encoding.scale.ravel(), rows), np.zeros(rows, np.int32))
    return Tensor(f"{_name(site)}/int4", codes.shape, DType.INT4, codes, grid)


def as_halves(site: Site) -> Tensor:
    """Return the decoded values as float16, in the layout of the constant that they replace."""
    values = np.ascontiguousarray(site.encoding.decode().transpose(site.axes), np.float16)
    return Tensor(f"{_name(site)}/float16", values.shape, DType.FLOAT16, values)


def fits_bytes(encoding: LinearEncoding) -> bool:
    """Whether integer kernels take the codes as int8: symmetric, one scale a channel or tensor."""
    return encoding.codes.dtype == np.int8 and not encoding.zero_point.any() and not block_size(encoding)


def fits_nibbles(encoding: LinearEncoding) -> bool:
    """Whether XNNPACK computes with 4-bit codes exactly as they are.

    They must be signed, symmetric, and in blocks of a multiple of 32 inputs or one a channel. It keeps scales of blocks
    in bfloat16, and files hold them in float16: both must hold them exactly.
    """
    scale, block = encoding.scale, block_size(encoding)
    if encoding.bits != 4 or encoding.codes.dtype != np.int8 or encoding.zero_point.any():
        return False
    if not block:
        return True
    return block % _BLOCK_MULTIPLE == 0 and _is_in_bfloat16(scale) and _is_in_half(scale)


def _is_in_bfloat16(values: NDArray[np.float32]) -> bool:
    return not bool(np.any(np.ascontiguousarray(values).view(np.uint32) & _BELOW_BFLOAT16))


def _is_in_half(values: NDArray[np.float32]) -> bool:
    return bool(np.array_equal(values.astype(np.float16).astype(np.float32), values))


def _name(site: Site) -> str:
    return site.operator.inputs[WEIGHTS].name
