"""Operations that stay in float32 inside a half-precision program: half precision does not hold their values."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import numpy as np

from edgevit.backends.coreml.scope import as_pass
from edgevit.errors import ConversionError

if TYPE_CHECKING:
    from coremltools.converters.mil.mil import Operation, Program, Var

__all__ = ["check_islands", "is_island", "round_constants"]

_SMALLEST_NORMAL = 2.0**-14


def check_islands(program: Program, values: Collection[str]) -> None:
    """Raise unless every value is the result of an operation.

    Raises:
        ConversionError: One is not.
    """
    known = {var.name for op in program.functions["main"].operations for var in op.outputs}
    missing = sorted(set(values) - known)
    if missing:
        raise ConversionError(
            f"{len(missing)} values that were to stay in float32 are not in the program.",
            why=f"First: {missing[0]}.",
            help="Take the names from a twin that was written with the same settings.",
        )


def is_island(op: Operation, values: Collection[str]) -> bool:
    """Return whether one of an operation's results is among the values that stay in float32."""
    return any(var.name in values for var in op.outputs)


def round_constants(program: Program, values: Collection[str]) -> None:
    """Round the float32 constants that islands read to half precision, where they fit.

    Islands are about range. With rounded constants, the file computes with the same weights as without islands, which
    is what its weights are proven against.
    """
    from coremltools.converters.mil.mil import Builder

    block = program.functions["main"]
    for op in list(block.operations):
        if not is_island(op, values):
            continue
        for var in list(_constants(op)):
            rounded = _rounded(var)
            if rounded is not None:
                with block, as_pass("edgevit_round_constants"):
                    new = Builder.const(val=rounded, before_op=var.op, name=f"{var.name}_rounded")
                    block.replace_uses_of_var_after_op(anchor_op=var.op, old_var=var, new_var=new)
                    block.remove_ops([var.op])


def _constants(op: Operation) -> Iterator[Var]:
    """Yield the constants that an operation reads."""
    for value in op.inputs.values():
        for var in value if isinstance(value, list | tuple) else (value,):
            if var is not None and var.op is not None and var.op.op_type == "const":
                yield var


def _rounded(var: Var) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None:
    """Return a float32 tensor through half precision; None for anything else, and where half precision cannot hold it.

    That is, where a number overflows, or all are subnormal: then little would be left of them.
    """
    value = var.val
    if not isinstance(value, np.ndarray) or value.dtype != np.float32 or value.ndim == 0:
        return None
    with np.errstate(over="ignore"):
        halves = value.astype(np.float16).astype(np.float32)
    holds = np.isfinite(halves).all() and not 0.0 < np.abs(value).max(initial=0.0) < _SMALLEST_NORMAL
    return halves if holds and not np.array_equal(halves, value) else None
