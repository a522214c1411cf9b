"""The operator table of the evaluator, and the typed view of an operation's arguments that operators read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar, cast

import numpy as np
import torch
from torch import Tensor

from edgevit.verification.blob import Array
from edgevit.verification.program import MAX_ELEMENTS

__all__ = ["CONSTEXPR", "OPS", "Arguments", "Compressed", "Value", "as_tensor", "bounded", "constexpr", "op"]

Value: TypeAlias = "Tensor | str | int | list[Value] | dict[str | int, float]"
"""What flows between operations: tensors (fp16 is computed in float32), and the classifier's label and dictionary."""

Result: TypeAlias = "Value | tuple[Value, ...]"
Operator: TypeAlias = "Callable[[Arguments], Result]"
Decompressor: TypeAlias = "Callable[[Compressed], Array | tuple[Array, ...]]"
OperatorT = TypeVar("OperatorT", bound="Callable[[Arguments], object]")
DecompressorT = TypeVar("DecompressorT", bound="Callable[[Compressed], object]")

OPS: dict[str, Operator] = {}
"""MIL operator name -> function, for operations that run for every input."""

CONSTEXPR: dict[str, Decompressor] = {}
"""MIL operator name -> function, for ``constexpr_*`` operations, which run once when a file is loaded."""


def op(name: str) -> Callable[[OperatorT], OperatorT]:
    """Register the decorated function as the operator ``name``."""

    def register(function: OperatorT) -> OperatorT:
        OPS[name] = cast("Operator", function)
        return function

    return register


def constexpr(name: str) -> Callable[[DecompressorT], DecompressorT]:
    """Register the decorated function as the decompression ``name``."""

    def register(function: DecompressorT) -> DecompressorT:
        CONSTEXPR[name] = cast("Decompressor", function)
        return function

    return register


def as_tensor(array: Array) -> Tensor:
    """Return a numeric array as the tensor that operators compute on: half becomes float32, wide unsigned int64."""
    if array.dtype == np.float16:
        array = array.astype(np.float32)
    elif array.dtype == np.uint16:
        array = array.astype(np.int32)
    elif array.dtype in (np.uint32, np.uint64):
        array = array.astype(np.int64)
    return torch.from_numpy(np.array(array))


def bounded(*sizes: int) -> tuple[int, ...]:
    """Return a shape that an operator is about to make.

    Raises:
        ValueError: A size is negative, or the tensor would have more elements than any real model's.
    """
    elements = 1
    for size in sizes:
        if size < 0:
            raise ValueError(f"the result would have shape {sizes}")
        elements *= size
    if elements > MAX_ELEMENTS:
        raise ValueError(f"the result would have {elements} elements")
    return sizes


class Arguments:
    """An operation's arguments by parameter name, with MIL's types."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def has(self, name: str) -> bool:
        """Return whether the optional parameter was given."""
        return name in self._values

    def magnitudes(self) -> Arguments:
        """Return the same arguments with every floating-point tensor replaced by its magnitudes."""
        return Arguments({name: _magnitude(value) for name, value in self._values.items()})

    def tensor(self, name: str) -> Tensor:
        """Return a tensor.

        Raises:
            KeyError: The parameter was not given.
            TypeError: The value is no tensor.
        """
        value = self._values[name]
        if not isinstance(value, Tensor):
            raise TypeError(f"parameter '{name}' is no tensor")
        return value

    def optional(self, name: str) -> Tensor | None:
        """Return a tensor, or None where the parameter was not given."""
        return self.tensor(name) if name in self._values else None

    def tensors(self, name: str) -> list[Tensor]:
        """Return the tensors of a variadic parameter."""
        values = self._values[name]
        if not isinstance(values, list):
            return [self.tensor(name)]
        if not all(isinstance(value, Tensor) for value in values):
            raise TypeError(f"parameter '{name}' holds values that are no tensors")
        return cast("list[Tensor]", values)

    def texts(self, name: str) -> list[str]:
        """Return a list of strings."""
        values = self._values[name]
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise TypeError(f"parameter '{name}' is no list of strings")
        return cast("list[str]", values)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string."""
        value = self._values[name] if default is None else self._values.get(name, default)
        if not isinstance(value, str):
            raise TypeError(f"parameter '{name}' is no string")
        return value

    def integers(self, name: str, default: Sequence[int] | None = None) -> list[int]:
        """Return a list of integers, from a tensor of rank 0 or 1."""
        if name not in self._values and default is not None:
            return list(default)
        return [int(value) for value in self.tensor(name).reshape(-1).tolist()]

    def integer(self, name: str, default: int | None = None) -> int:
        """Return an integer."""
        return self._scalar(self.integers(name, None if default is None else [default]))

    def number(self, name: str, default: float | None = None) -> float:
        """Return a floating-point number, exactly as stored."""
        if name not in self._values and default is not None:
            return default
        return float(self.tensor(name).item())

    def flags(self, name: str, length: int) -> list[bool]:
        """Return a list of booleans; all False where the parameter was not given."""
        values = self.integers(name, [0] * length)
        if len(values) != length:
            raise ValueError(f"parameter '{name}' has {len(values)} values instead of {length}")
        return [bool(value) for value in values]

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean."""
        return bool(self.integer(name, int(default)))

    @staticmethod
    def _scalar(values: list[int]) -> int:
        if len(values) != 1:
            raise ValueError(f"{len(values)} values where one is meant")
        return values[0]


def _magnitude(value: Value) -> Value:
    if isinstance(value, list):
        return [_magnitude(item) for item in value]
    return value.abs() if isinstance(value, Tensor) and value.is_floating_point() else value


class Compressed:
    """The arguments of a ``constexpr_*`` operation: arrays as stored, sub-byte elements unpacked."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def has(self, name: str) -> bool:
        """Return whether the optional parameter was given."""
        return name in self._values

    def array(self, name: str) -> Array:
        """Return an array.

        Raises:
            KeyError: The parameter was not given.
            TypeError: The value is no array.
        """
        value = self._values[name]
        if not isinstance(value, np.ndarray):
            raise TypeError(f"parameter '{name}' is no tensor")
        return value

    def optional(self, name: str) -> Array | None:
        """Return an array, or None where the parameter was not given."""
        return self.array(name) if name in self._values else None

    def integer(self, name: str) -> int:
        """Return a scalar integer."""
        return int(self.array(name).item())

    def text(self, name: str) -> str:
        """Return a string."""
        value = self._values[name]
        if not isinstance(value, str):
            raise TypeError(f"parameter '{name}' is no string")
        return value
