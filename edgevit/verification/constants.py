"""Constants of a program, compressed ones decompressed, as the file stores them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edgevit.verification import ops
from edgevit.verification.blob import Array
from edgevit.verification.dtypes import NUMPY_TYPES
from edgevit.verification.faults import EVALUATION_ERRORS, contradiction, not_evaluable
from edgevit.verification.ops.registry import CONSTEXPR, Compressed
from edgevit.verification.package import Package
from edgevit.verification.program import Binding, Function, Operation, ValueType
from edgevit.verification.values import Constant, read_value

__all__ = ["Constants", "load_constants"]

_ = ops  # importing the package fills the operator tables


@dataclass(frozen=True, slots=True)
class Constants:
    """The constants of one function.

    Attributes:
        values: By name: numpy arrays as stored (half stays half), strings and lists.
    """

    package: Package
    function: Function
    values: Mapping[str, Constant]

    def parameter(self, operation: Operation, name: str) -> Array | None:
        """Return a parameter of an operation, or None where it is absent, computed, or no tensor of numbers."""
        bindings = operation.inputs.get(name, ())
        if len(bindings) != 1:
            return None
        binding = bindings[0]
        if binding.value is not None:
            value: Constant | None = read_value(self.package, binding.value)
        else:
            value = self.values.get(binding.name)
        return value if isinstance(value, np.ndarray) else None


def load_constants(package: Package, function: Function) -> Constants:
    """Return every constant of a function, compressed ones decompressed.

    Raises:
        ArtifactCorruptError: A constant is damaged, disagrees with its declaration, or is made twice.
    """
    constants: dict[str, Constant] = {}
    for operation in function.operations:
        if operation.type == "const":
            values: tuple[Constant, ...] = (_const(package, operation),)
        elif operation.type in CONSTEXPR:
            values = _decompress(package, operation, constants)
        else:
            continue
        if len(values) != len(operation.outputs):
            raise contradiction(f"'{operation.name}' ({operation.type}) declares {len(operation.outputs)} results")
        for value, declared in zip(values, operation.outputs, strict=True):
            _check(operation, value, declared.type)
            if declared.name in constants:
                raise contradiction(f"the constant '{declared.name}' is made twice")
            constants[declared.name] = value
    return Constants(package, function, constants)


def _const(package: Package, operation: Operation) -> Constant:
    value = operation.attributes.get("val")
    if value is None:
        bindings = operation.inputs.get("val", ())
        value = bindings[0].value if len(bindings) == 1 else None
    if value is None:
        raise contradiction(f"the constant '{operation.name}' has no value")
    return read_value(package, value)


def _decompress(package: Package, operation: Operation, constants: Mapping[str, Constant]) -> tuple[Constant, ...]:
    """Run one ``constexpr_*`` operation; its parameters are attributes before iOS 18 and inputs from there on."""
    arguments = {parameter: read_value(package, value) for parameter, value in operation.attributes.items()}
    for parameter, bindings in operation.inputs.items():
        if len(bindings) != 1:
            raise contradiction(f"'{operation.name}' has {len(bindings)} values for '{parameter}'")
        arguments[parameter] = _resolve(package, operation, bindings[0], constants)
    try:
        result = CONSTEXPR[operation.type](Compressed(arguments))
    except EVALUATION_ERRORS as error:
        raise not_evaluable(operation.name, operation.type, error) from error
    return result if isinstance(result, tuple) else (result,)


def _resolve(package: Package, operation: Operation, binding: Binding, constants: Mapping[str, Constant]) -> Constant:
    if binding.value is not None:
        return read_value(package, binding.value)
    if binding.name not in constants:
        raise contradiction(f"'{operation.name}' ({operation.type}) reads '{binding.name}', which is no constant")
    return constants[binding.name]


def _check(operation: Operation, value: Constant, declared: ValueType) -> None:
    """Refuse an array whose shape or type is not the declared one."""
    if declared.kind != "tensor" or not isinstance(value, np.ndarray):
        return
    place = f"'{operation.name}' ({operation.type})"
    if value.shape != declared.shape:
        raise contradiction(f"{place} has shape {value.shape}, declared {declared.shape}")
    if value.dtype != NUMPY_TYPES.get(declared.dtype):
        raise contradiction(f"{place} is {value.dtype}, declared {declared.dtype}")
