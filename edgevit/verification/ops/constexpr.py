"""Compressed weights: the ``constexpr_*`` operators of iOS 16 and iOS 18, bit for bit.

Results are in the type of the scale or table, computed in float32 and rounded once, as coremltools' own decompression
does (``iOS16/constexpr_ops.py``, ``iOS18/compression.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from edgevit.verification.blob import Array, unpack_bits
from edgevit.verification.ops.registry import Compressed, bounded, constexpr

__all__: list[str] = []

_Spread: TypeAlias = "Callable[[Array, tuple[int, ...]], Array]"


@constexpr("constexpr_affine_dequantize")
def _affine_dequantize(args: Compressed) -> Array:
    """Return ``scale * (quantized - zero_point)``, both scalars or vectors along ``axis`` (iOS 16)."""
    data, scale, axis = args.array("quantized_data"), args.array("scale"), args.integer("axis")
    shift = _along(args.array("zero_point"), data.ndim, axis)
    difference = data.astype(np.float32) - shift.astype(np.float32)
    return (difference * _along(scale, data.ndim, axis).astype(np.float32)).astype(scale.dtype)


@constexpr("constexpr_cast")
def _cast(args: Compressed) -> Array:
    """Half to float32, the one conversion that is defined."""
    if args.text("output_dtype") != "fp32":
        raise ValueError("constexpr_cast to a type other than fp32")
    return args.array("source_val").astype(np.float32)


@constexpr("constexpr_blockwise_shift_scale")
def _blockwise_shift_scale(args: Compressed) -> Array:
    """Return ``scale * (data - offset)``, one scale and offset for each block (iOS 18)."""
    data = args.array("data")
    return _shift_scale(data, data.shape, args, _spread)


@constexpr("constexpr_sparse_blockwise_shift_scale")
def _sparse_blockwise_shift_scale(args: Compressed) -> tuple[Array, Array]:
    """The same on the elements that the mask keeps; returns the mask and the dense list of kept elements."""
    mask = args.array("data_mask").astype(bool)
    data = args.array("nonzero_data")
    if data.ndim != 1 or data.size != np.count_nonzero(mask):
        raise ValueError("the mask does not match the number of non-zero elements")
    kept = _shift_scale(data, mask.shape, args, lambda parameter, shape: _spread(parameter, shape)[mask])
    return args.array("data_mask"), kept


@constexpr("constexpr_sparse_to_dense")
def _sparse_to_dense(args: Compressed) -> Array:
    """Non-zero elements placed where a bit mask is set; iOS 16 packs the mask and gives the shape apart."""
    if args.has("shape"):
        shape = bounded(*(int(size) for size in args.array("shape").tolist()))
        mask = _unpacked(args.array("mask"), 1, shape).astype(bool)
    else:
        mask = args.array("mask").astype(bool)
    return _scatter(args.array("nonzero_data"), mask)


@constexpr("constexpr_lut_to_dense")
def _lut_to_dense(args: Compressed) -> Array:
    """Indices into look-up tables; iOS 16 has one table and packed indices, iOS 18 a table for each group."""
    indices, table = args.array("indices"), args.array("lut")
    if not args.has("shape"):
        return _look_up(indices, table, args.optional("vector_axis"))
    shape = bounded(*(int(size) for size in args.array("shape").tolist()))
    bits = _table_bits(table.size)
    return np.asarray(table[_unpacked(indices, bits, shape)])


@constexpr("constexpr_lut_to_sparse")
def _lut_to_sparse(args: Compressed) -> tuple[Array, Array]:
    """Look-up on the elements that the mask keeps; vectors repeat the mask along their axis (iOS 18)."""
    mask, table, axis = args.array("indices_mask"), args.array("lut"), args.optional("vector_axis")
    indices = _scatter(args.array("indices_nonzero_data"), mask.astype(bool))
    dense = _look_up(indices, table, axis)
    if axis is not None:
        mask = np.repeat(mask, table.shape[-1], axis=int(axis.item()))
    return mask, dense[mask.astype(bool)]


def _shift_scale(data: Array, shape: tuple[int, ...], args: Compressed, spread: _Spread) -> Array:
    scale, offset = args.array("scale"), args.optional("offset")
    values = data.astype(np.float32)
    if offset is not None:
        # In the scale's type, as coremltools computes: exact for integers, one more rounding for half offsets.
        values = (values - spread(offset, shape).astype(np.float32)).astype(scale.dtype).astype(np.float32)
    return (values * spread(scale, shape).astype(np.float32)).astype(scale.dtype)


def _along(parameter: Array, rank: int, axis: int) -> Array:
    """Return a scalar or vector shaped to broadcast along ``axis`` of a tensor of ``rank``."""
    if parameter.ndim == 0:
        return parameter
    if parameter.ndim != 1 or not -rank <= axis < rank:
        raise ValueError(f"a parameter of shape {parameter.shape} cannot lie along axis {axis}")
    shape = [1] * rank
    shape[axis] = parameter.size
    return parameter.reshape(shape)


def _spread(parameter: Array, shape: tuple[int, ...]) -> Array:
    """Repeat each element over its block, so that the result has ``shape``."""
    if parameter.ndim != len(shape):
        raise ValueError(f"a parameter of shape {parameter.shape} cannot cover data of shape {shape}")
    for axis, (size, blocks) in enumerate(zip(shape, parameter.shape, strict=True)):
        if blocks == 0 or size % blocks:
            raise ValueError(f"{blocks} blocks do not divide axis {axis} of {shape}")
        if blocks not in (size, 1):
            parameter = np.repeat(parameter, size // blocks, axis)
    return np.broadcast_to(parameter, shape)


def _unpacked(packed: Array, bits: int, shape: tuple[int, ...]) -> Array:
    count = int(np.prod(shape, dtype=np.int64))
    if packed.dtype != np.uint8 or packed.ndim != 1 or packed.size != -(-count * bits // 8):
        raise ValueError(f"{packed.size} bytes do not hold {count} elements of {bits} bits")
    return unpack_bits(packed.view(np.uint8), bits, count).reshape(shape)


def _table_bits(entries: int) -> int:
    bits = entries.bit_length() - 1
    if entries != 1 << bits or not 1 <= bits <= 8:
        raise ValueError(f"a look-up table has {entries} entries")
    return bits


def _look_up(indices: Array, table: Array, vector_axis: Array | None) -> Array:
    """Return ``table[group, index]`` for every index; a vector fills consecutive places along ``vector_axis``."""
    rank, (entries, width) = indices.ndim, table.shape[-2:]
    if table.ndim != rank + 2 or int(indices.max(initial=0)) >= entries:
        raise ValueError(f"indices of shape {indices.shape} do not fit a table of shape {table.shape}")
    for size, groups in zip(indices.shape, table.shape, strict=False):
        if groups == 0 or size % groups:
            raise ValueError(f"tables of shape {table.shape} do not divide indices of shape {indices.shape}")
    bounded(*indices.shape, width)
    grid = np.indices(indices.shape, sparse=True)
    group = tuple(
        place // (size // groups) for place, size, groups in zip(grid, indices.shape, table.shape, strict=False)
    )
    vectors = np.asarray(table[(*group, indices.astype(np.int64))])
    if vector_axis is None:
        if width != 1:
            raise ValueError("a table of vectors has no vector axis")
        return vectors[..., 0]
    axis = int(vector_axis.item()) % rank
    shape = [size * width if place == axis else size for place, size in enumerate(indices.shape)]
    return np.moveaxis(vectors, -1, axis + 1).reshape(shape)


def _scatter(values: Array, mask: NDArray[np.bool_]) -> Array:
    if values.ndim != 1 or values.size != np.count_nonzero(mask):
        raise ValueError("the mask does not match the number of non-zero elements")
    dense = np.zeros(mask.shape, values.dtype)
    dense[mask] = values
    return dense
