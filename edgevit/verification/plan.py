"""From a declared program to an executable one: constants loaded, operators looked up, lifetimes set."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from edgevit.errors import UnsupportedOpError
from edgevit.verification.constants import Constants, load_constants
from edgevit.verification.faults import contradiction
from edgevit.verification.ops.registry import CONSTEXPR, OPS, Operator, Value, as_tensor
from edgevit.verification.package import Package
from edgevit.verification.program import Binding, Function, Operation, TypedName
from edgevit.verification.values import Constant, read_value

__all__ = ["Name", "Plan", "Step", "load_plan"]

_VARIADIC = "values"
"""The one variadic parameter of the supported operators (concat, stack, einsum)."""


class Name(str):
    """The name of a computed value, as opposed to a string constant."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One operation that runs for every input.

    Attributes:
        arguments: Parameter name -> constant ready to use, or the name of a computed value, or a list of both.
        releases: Computed values whose last use this is.
    """

    type: str
    name: str
    operator: Operator
    arguments: Mapping[str, Value]
    outputs: tuple[TypedName, ...]
    releases: tuple[str, ...] = ()

    def reads(self) -> list[Name]:
        """Return the names of the computed values that this step takes."""
        flat: list[Value] = []
        for value in self.arguments.values():
            flat += value if isinstance(value, list) else [value]
        return [value for value in flat if isinstance(value, Name)]


@dataclass(frozen=True, slots=True)
class Plan:
    """An executable function.

    Attributes:
        inputs: Declared inputs.
        outputs: Names of the results.
        steps: In order of execution.
        returned_constants: Results that are constants, by name.
        constants: All constants as stored.
    """

    inputs: tuple[TypedName, ...]
    outputs: tuple[str, ...]
    steps: tuple[Step, ...]
    returned_constants: Mapping[str, Value]
    constants: Constants

    def reduced_to(self, names: Collection[str]) -> Plan:
        """Return the plan that makes only these computed values, with the steps that they need."""
        needed, steps = set(names), list[Step]()
        for step in reversed(self.steps):
            if any(output.name in needed for output in step.outputs):
                needed.update(step.reads())
                steps.append(step)
        outputs = tuple(names)
        return replace(self, outputs=outputs, steps=_with_releases(steps[::-1], outputs), returned_constants={})


def load_plan(package: Package, function: Function) -> Plan:
    """Return the executable form of a function.

    Raises:
        UnsupportedOpError: It uses operators that the evaluator does not know; all of them are named.
        ArtifactCorruptError: A constant is damaged, or a value is used before it is made or made twice.
    """
    _refuse_unknown(function)
    constants = load_constants(package, function)
    loader = _Loader(package, constants.values, {Name(value.name) for value in function.inputs})
    steps = [loader.step(operation) for operation in function.operations if operation.type in OPS]
    return Plan(
        inputs=function.inputs,
        outputs=function.outputs,
        steps=_with_releases(steps, function.outputs),
        returned_constants=loader.returned(function.outputs),
        constants=constants,
    )


class _Loader:
    """Turns operations into steps, one after the other, keeping track of which names exist."""

    def __init__(self, package: Package, constants: Mapping[str, Constant], known: set[Name]) -> None:
        self._package = package
        self._constants = constants
        self._ready: dict[str, Value] = {}
        self._known = known

    def step(self, operation: Operation) -> Step:
        arguments: dict[str, Value] = {}
        for parameter, bindings in operation.inputs.items():
            values = [self._value(operation, binding) for binding in bindings]
            if len(values) != 1 and parameter != _VARIADIC:
                raise contradiction(f"'{operation.name}' has {len(values)} values for '{parameter}'")
            arguments[parameter] = values if parameter == _VARIADIC else values[0]
        for output in operation.outputs:
            if output.name in self._known or output.name in self._constants:
                raise contradiction(f"the value '{output.name}' is made twice")
            self._known.add(Name(output.name))
        return Step(operation.type, operation.name, OPS[operation.type], arguments, operation.outputs)

    def returned(self, names: tuple[str, ...]) -> dict[str, Value]:
        """Return the constants among the results, after making sure that all results exist."""
        for name in names:
            if name not in self._known and name not in self._constants:
                raise contradiction(f"the output '{name}' is never made")
        return {name: self._constant(name) for name in names if name in self._constants}

    def _value(self, operation: Operation, binding: Binding) -> Value:
        if binding.value is not None:
            return _ready(read_value(self._package, binding.value))
        if binding.name in self._constants:
            return self._constant(binding.name)
        if binding.name not in self._known:
            raise contradiction(f"'{operation.name}' ({operation.type}) reads '{binding.name}', which is not made yet")
        return Name(binding.name)

    def _constant(self, name: str) -> Value:
        """Return a constant as operators take it; each is converted once, and only when used."""
        if name not in self._ready:
            self._ready[name] = _ready(self._constants[name])
        return self._ready[name]


def _refuse_unknown(function: Function) -> None:
    unknown = sorted({operation.type for operation in function.operations} - OPS.keys() - CONSTEXPR.keys() - {"const"})
    if unknown:
        raise UnsupportedOpError(
            f"The evaluator does not know {len(unknown)} operators of this program: {', '.join(unknown[:20])}.",
            help="Only programs of the kind that edgevit writes can be verified on this machine.",
        )


def _ready(constant: Constant) -> Value:
    if isinstance(constant, np.ndarray):
        return as_tensor(constant)
    return constant if isinstance(constant, str) else [_ready(item) for item in constant]


def _with_releases(steps: list[Step], outputs: tuple[str, ...]) -> tuple[Step, ...]:
    """Return the steps with each computed value released after its last use."""
    last: dict[str, int] = {}
    for index, step in enumerate(steps):
        last.update(dict.fromkeys((output.name for output in step.outputs), index))
        last.update(dict.fromkeys(step.reads(), index))
    releases: list[list[str]] = [[] for _ in steps]
    for name, index in last.items():
        if name not in outputs:
            releases[index].append(name)
    return tuple(replace(step, releases=tuple(names)) for step, names in zip(steps, releases, strict=True))
