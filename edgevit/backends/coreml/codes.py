"""Codes of quantized weights in a finished program, in place of the constants that they stand for.

This is the last step before the file is written: no pass of coremltools touches weights once they are codes, and the
constants that are replaced are checked against the very network that the codes came from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgevit.backends.coreml.scope import as_pass
from edgevit.errors import ConversionError
from edgevit.quantize.encoding import Encoding, LinearEncoding, PaletteEncoding
from edgevit.quantize.model import QuantizedModel

if TYPE_CHECKING:
    from coremltools.converters.mil.mil import Operation, Program, Var

__all__ = ["FIRST_IOS_WITH_BLOCKS", "write_codes"]

FIRST_IOS_WITH_BLOCKS = 18
"""From iOS 18 on, the operators for compressed weights have scales and palettes for blocks, and sub-byte types."""

Array = NDArray[np.generic]


def write_codes(program: Program, quantized: QuantizedModel, *, ios: int) -> Mapping[str, list[Operation]]:
    """Replace the constant of every encoded parameter by an operation that makes it of its codes.

    Args:
        program: Finished, with the values of ``quantized.source``, in float32 or half precision.
        quantized: The codes.
        ios: Major version whose operators are used.

    Returns:
        Name of each layer with codes -> the operations that read its weight, in the program's order.

    Raises:
        ConversionError: A parameter is not among the constants, bit for bit.
    """
    wanted = _parameters(quantized)
    block = program.functions["main"]
    readers: dict[str, list[Operation]] = {}
    for op in list(block.operations):
        names = wanted.get(_key(op.outputs[0].val)) if op.op_type == "const" else None
        if names:
            encoding = _common([quantized.encodings[name] for name in names], names)
            with block, as_pass("edgevit_write_codes"):
                new = _WRITERS[type(encoding)](op, encoding, ios)
                block.replace_uses_of_var_after_op(anchor_op=op, old_var=op.outputs[0], new_var=new, force_replace=True)
                block.remove_ops([op])
            readers.update((name.rpartition(".")[0], list(new.child_ops)) for name in names)
    _check_written(quantized, readers.keys())
    return readers


def _parameters(quantized: QuantizedModel) -> Mapping[tuple[object, ...], list[str]]:
    """Return the fingerprint of each encoded parameter's source values, in both number formats -> its names."""
    found: dict[tuple[object, ...], list[str]] = {}
    for name in quantized.encodings:
        values = quantized.source.module.get_parameter(name).detach().numpy()
        for stored in (values, values.astype(np.float16)):
            found.setdefault(_key(stored), []).append(name)
    return found


def _key(values: object) -> tuple[object, ...]:
    if not isinstance(values, np.ndarray) or values.ndim < 2:
        return ()
    return values.dtype.str, values.shape, hashlib.sha256(np.ascontiguousarray(values).tobytes()).digest()


def _common(encodings: list[Encoding], names: list[str]) -> Encoding:
    """Return the encoding of parameters with equal values, which coremltools stores once."""
    first = encodings[0].decode()
    if all(np.array_equal(other.decode(), first) for other in encodings[1:]):
        return encodings[0]
    raise ConversionError(
        f"The weights {', '.join(names)} are equal but have different codes.",
        why="Core ML stores equal weights once.",
        help="Quantize these layers alike.",
    )


def _check_written(quantized: QuantizedModel, layers: Collection[str]) -> None:
    missing = sorted(name for name in quantized.encodings if name.rpartition(".")[0] not in layers)
    if missing:
        raise ConversionError(
            f"{len(missing)} quantized weights are not in the Core ML program as they are in PyTorch.",
            why=f"First: {missing[0]}. A pass of the converter changed it.",
            help=f"Keep it in half precision with --keep {missing[0].rpartition('.')[0]}, and report this.",
        )


def _write_linear(op: Operation, encoding: Encoding, ios: int) -> Var:
    """Write codes with scales; one operator takes a scale a channel and another one blocks, by iOS version."""
    from coremltools.converters.mil.mil import Builder

    assert isinstance(encoding, LinearEncoding)  # noqa: S101 - chosen by type
    scale = encoding.scale.astype(op.outputs[0].val.dtype)
    codes, points = (_typed(array, encoding) for array in (encoding.codes, encoding.zero_point))
    if ios >= FIRST_IOS_WITH_BLOCKS:
        offset = {"offset": points} if encoding.zero_point.any() else {}
        return Builder.constexpr_blockwise_shift_scale(data=codes, scale=scale, **offset, before_op=op, name=op.name)
    return Builder.constexpr_affine_dequantize(
        quantized_data=codes,
        zero_point=points.squeeze(),
        scale=scale.squeeze(),
        axis=np.int32(0),
        before_op=op,
        name=op.name,
    )


def _write_palette(op: Operation, encoding: Encoding, ios: int) -> Var:
    """Write indices and tables; before iOS 18 there is one table, and indices are packed into bytes here."""
    from coremltools.converters.mil.mil import Builder

    assert isinstance(encoding, PaletteEncoding)  # noqa: S101 - chosen by type
    table, codes = encoding.palette.astype(op.outputs[0].val.dtype), encoding.codes
    if ios >= FIRST_IOS_WITH_BLOCKS:
        shape = (len(table), *[1] * (codes.ndim - 1), table.shape[1], 1)
        indices = codes.astype(_sub_byte(f"uint{encoding.bits}"))
        return Builder.constexpr_lut_to_dense(indices=indices, lut=table.reshape(shape), before_op=op, name=op.name)
    return Builder.constexpr_lut_to_dense(
        indices=_packed(codes, encoding.bits),
        lut=table[0],
        shape=np.array(codes.shape, np.uint32),
        before_op=op,
        name=op.name,
    )


_WRITERS: Mapping[type, Callable[[Operation, Encoding, int], Var]] = {
    LinearEncoding: _write_linear,
    PaletteEncoding: _write_palette,
}


def _typed(array: Array, encoding: LinearEncoding) -> Array:
    """Return integers in the type of the codes, which coremltools marks for less than a byte."""
    if encoding.bits == 8:
        return array.astype(encoding.codes.dtype)
    signed = encoding.codes.dtype == np.int8
    return array.astype(_sub_byte(f"{'int' if signed else 'uint'}{encoding.bits}"))


def _sub_byte(name: str) -> Any:
    from coremltools.converters.mil.mil import types

    return types.nptype_from_builtin(types.string_to_builtin(name))


def _packed(codes: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """Return codes as a run of bits, each from its lowest bit up, as bytes."""
    places = np.unpackbits(codes.reshape(-1, 1), axis=1, count=bits, bitorder="little")
    return np.packbits(places, bitorder="little")
