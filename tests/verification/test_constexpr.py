"""Every compressed-weight operator, bit for bit as coremltools itself decompresses it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgevit.backends.coreml.toolchain import conversion
from edgevit.verification.constants import load_constants
from edgevit.verification.ops.registry import CONSTEXPR
from edgevit.verification.package import read_package
from tests.support.mil import Array, save_program

RNG = np.random.default_rng(1)
Build = Callable[[Any], Any]


def packed(name: str, values: Any) -> Array:
    """Return values in coremltools' numpy type of a sub-byte MIL type."""
    with conversion():
        from coremltools.converters.mil.mil import types
        from coremltools.converters.mil.mil.types.type_mapping import nptype_from_builtin

        return np.asarray(values).astype(nptype_from_builtin(getattr(types, name)))


def half(*shape: int) -> Array:
    return (0.05 * RNG.standard_normal(shape)).astype(np.float16)


def affine(mb: Any, **options: Any) -> Any:
    return mb.constexpr_affine_dequantize(quantized_data=RNG.integers(-128, 128, (4, 3, 2)).astype(np.int8), **options)


def lut16(mb: Any, bits: int) -> Any:
    shape = (5, 3)
    size = -(-bits * 15 // 8)
    indices = RNG.integers(0, 256, size).astype(np.uint8)
    return mb.constexpr_lut_to_dense(indices=indices, lut=half(1 << bits), shape=np.array(shape, np.uint32))


def sparse16(mb: Any) -> Any:
    mask = np.array([0b10110100, 0b00000011], np.uint8)
    return mb.constexpr_sparse_to_dense(nonzero_data=half(6), mask=mask, shape=np.array([5, 2], np.uint32))


def blockwise(mb: Any, kind: str, low: int, high: int, *, offset: bool, scale: tuple[int, ...]) -> Any:
    data = packed(kind, RNG.integers(low, high, (4, 6, 2)))
    options = {"offset": packed(kind, RNG.integers(low, high, scale))} if offset else {}
    return mb.constexpr_blockwise_shift_scale(data=data, scale=half(*scale), **options)


def lut18(mb: Any, kind: str, entries: int, groups: tuple[int, int], width: int = 1, axis: int | None = None) -> Any:
    options = {} if axis is None else {"vector_axis": axis}
    table = half(*groups, entries, width)
    return mb.constexpr_lut_to_dense(indices=packed(kind, RNG.integers(0, entries, (6, 4))), lut=table, **options)


def mask_of(count: int) -> Array:
    mask = np.zeros(24, np.uint8)
    mask[RNG.permutation(24)[:count]] = 1
    return packed("uint1", mask.reshape(6, 4))


def sparse18(mb: Any) -> Any:
    return mb.constexpr_sparse_to_dense(nonzero_data=half(10), mask=mask_of(10))


def sparse_quantized(mb: Any) -> Any:
    mask, values = mb.constexpr_sparse_blockwise_shift_scale(
        data_mask=mask_of(11),
        nonzero_data=RNG.integers(-128, 128, 11).astype(np.int8),
        scale=half(6, 2),
        offset=RNG.integers(-9, 9, (6, 2)).astype(np.int8),
    )
    return mb.constexpr_sparse_to_dense(nonzero_data=values, mask=mask)


def sparse_palettized(mb: Any, width: int = 1, axis: int | None = None) -> Any:
    options = {} if axis is None else {"vector_axis": axis}
    mask, values = mb.constexpr_lut_to_sparse(
        indices_mask=mask_of(9),
        indices_nonzero_data=packed("uint2", RNG.integers(0, 4, 9)),
        lut=half(2, 1, 4, width),
        **options,
    )
    return mb.constexpr_sparse_to_dense(nonzero_data=values, mask=mask)


def table_of_tables(mb: Any) -> Any:
    """Palettized weights whose table is itself quantized: per-channel scale times int8 entries."""
    table = mb.constexpr_blockwise_shift_scale(
        data=RNG.integers(-128, 128, (1, 1, 16, 1)).astype(np.int8), scale=half(1, 1, 1, 1)
    )
    return mb.constexpr_lut_to_dense(indices=packed("uint4", RNG.integers(0, 16, (6, 4))), lut=table)


def scaled_table(mb: Any) -> Any:
    """Palettized weights with a scale for each channel on top."""
    dense = mb.constexpr_lut_to_dense(indices=packed("uint4", RNG.integers(0, 16, (6, 4))), lut=half(1, 1, 16, 1))
    return mb.constexpr_blockwise_shift_scale(data=dense, scale=half(6, 1))


CASES: dict[str, tuple[int, Build]] = {
    "affine_scalar": (16, lambda mb: affine(mb, scale=np.float16(0.1), zero_point=np.int8(3), axis=0)),
    "affine_vector": (
        16,
        lambda mb: affine(mb, scale=half(3), zero_point=RNG.integers(-9, 9, 3).astype(np.int8), axis=1),
    ),
    "affine_last": (16, lambda mb: affine(mb, scale=half(2).astype(np.float32), zero_point=np.int8(0), axis=-1)),
    **{f"lut16_{bits}": (16, lambda mb, bits=bits: lut16(mb, bits)) for bits in (1, 2, 4, 6, 8)},  # type: ignore[misc]
    "sparse16": (16, sparse16),
    "cast": (16, lambda mb: mb.constexpr_cast(source_val=half(3, 4), output_dtype="fp32")),
    "blockwise_int4": (18, lambda mb: blockwise(mb, "int4", -8, 8, offset=True, scale=(4, 3, 1))),
    "blockwise_uint4": (18, lambda mb: blockwise(mb, "uint4", 0, 16, offset=True, scale=(2, 6, 2))),
    "blockwise_int8": (18, lambda mb: blockwise(mb, "int8", -128, 128, offset=False, scale=(4, 1, 1))),
    "blockwise_uint8": (18, lambda mb: blockwise(mb, "uint8", 0, 256, offset=True, scale=(1, 1, 1))),
    **{
        f"lut18_{bits}": (18, lambda mb, bits=bits: lut18(mb, f"uint{bits}", 1 << bits, (1, 1)))  # type: ignore[misc]
        for bits in (1, 2, 3, 4, 6, 8)
    },
    "lut18_grouped": (18, lambda mb: lut18(mb, "uint3", 8, (3, 2))),
    "lut18_vector_0": (18, lambda mb: lut18(mb, "uint4", 16, (1, 1), 3, 0)),
    "lut18_vector_1": (18, lambda mb: lut18(mb, "uint2", 4, (3, 1), 2, 1)),
    "lut18_vector_last": (18, lambda mb: lut18(mb, "uint2", 4, (1, 1), 2, -1)),
    "sparse18": (18, sparse18),
    "sparse_quantized": (18, sparse_quantized),
    "sparse_palettized": (18, sparse_palettized),
    "sparse_palettized_vector": (18, lambda mb: sparse_palettized(mb, 2, 0)),
    "scaled_table": (18, scaled_table),
}


@pytest.mark.parametrize("ios", [16, 18])
def test_weights_decompress_bit_for_bit(ios: int, tmp_path: Path) -> None:
    wanted: dict[str, Array] = {}

    def build(mb: Any, _: Any) -> list[Any]:
        outputs = []
        for name, (version, case) in CASES.items():
            if version == ios:
                result = case(mb)
                wanted[name] = np.asarray(result.op.materialized_val_inference())
                outputs.append(mb.identity(x=result, name=name))
        return outputs

    package = read_package(save_program(tmp_path / "weights.mlpackage", build, {"x": (1,)}, ios=ios))
    constants = load_constants(package, package.main)
    operations = {operation.outputs[0].name: operation for operation in package.main.operations}
    assert len(wanted) > 8
    for name, expected in wanted.items():
        actual = constants.parameter(operations[name], "x")
        assert actual is not None
        assert actual.dtype == expected.dtype, name
        assert np.array_equal(actual, expected), name


def test_a_quantized_table_is_decompressed_before_it_is_used(tmp_path: Path) -> None:
    def build(mb: Any, _: Any) -> Any:
        return mb.identity(x=table_of_tables(mb), name="out")

    package = read_package(save_program(tmp_path / "weights.mlpackage", build, {"x": (1,)}, ios=18))
    constants = load_constants(package, package.main)
    lookup = next(op for op in package.main.operations if op.type == "constexpr_lut_to_dense")
    table, indices = constants.parameter(lookup, "lut"), constants.parameter(lookup, "indices")
    final = next(op for op in package.main.operations if op.outputs[0].name == "out")
    dense = constants.parameter(final, "x")
    assert table is not None
    assert indices is not None
    assert dense is not None
    assert np.array_equal(dense, table.ravel()[indices])


def test_every_decompression_has_a_case(tmp_path: Path) -> None:
    covered: set[str] = set()
    for ios in (16, 18):

        def build(mb: Any, _: Any, ios: int = ios) -> list[Any]:
            return [mb.identity(x=case(mb), name=name) for name, (version, case) in CASES.items() if version == ios]

        package = read_package(save_program(tmp_path / f"{ios}.mlpackage", build, {"x": (1,)}, ios=ios))
        covered |= package.main.count_ops().keys()
    assert sorted(CONSTEXPR.keys() - covered) == []
