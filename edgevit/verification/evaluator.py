"""The evaluator: runs a Core ML package from disk with torch, on any operating system.

It is a reference for what the file says, not for what a chip does: each operation computes in float32 and, with
:attr:`Rounding.HALF`, every result that the program declares as fp16 is rounded to half. A phone accumulates and
fuses in its own ways, so this bounds its error rather than reproducing it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

import torch
from torch import Tensor

from edgevit.errors import InputError
from edgevit.verification.dtypes import TORCH_TYPES
from edgevit.verification.faults import EVALUATION_ERRORS, contradiction, not_evaluable
from edgevit.verification.ops.registry import Arguments, Value
from edgevit.verification.package import Package, read_package
from edgevit.verification.plan import Name, Plan, Step, load_plan
from edgevit.verification.program import TypedName, ValueType
from edgevit.verification.sums import largest_sum

__all__ = ["Evaluator", "Observation", "Observer", "Rounding"]


class Rounding(StrEnum):
    """What happens to results that the program declares as fp16.

    ``NONE``: nothing, the graph is computed in float32 with the weights as stored. ``HALF``: they are rounded to
    half, overflow to infinity included.
    """

    NONE = "none"
    HALF = "half"


@dataclass(frozen=True, slots=True)
class Observation:
    """One result of one operation, before any rounding.

    Attributes:
        name: The value's name in the program.
        op: Operator type.
        dtype: Declared element type.
        max_abs: Largest magnitude; infinite or NaN where it is not finite.
        largest_sum: Returns the largest sum of magnitudes inside the operation, see :mod:`edgevit.verification.sums`;
            bounds up to the argument may be loose. It costs as much as the operation, and is valid within the call.
    """

    name: str
    op: str
    dtype: str
    max_abs: float
    largest_sum: Callable[[float], float] = lambda _: 0.0


Observer: TypeAlias = "Callable[[Observation], None]"
"""Called for every floating-point result, in order of execution."""


class Evaluator:
    """Runs one function of a package.

    Attributes:
        package: What is run.
        inputs: Declared inputs.
        outputs: Names of the results.
    """

    def __init__(
        self, package: Package | Path | str, *, rounding: Rounding = Rounding.NONE, function: str | None = None
    ) -> None:
        """Load the constants (decompressed, half widened to float32) and prepare the operations.

        Args:
            package: A package, or the path of one.
            rounding: See :class:`Rounding`.
            function: Name of the function, or None for the package's default.

        Raises:
            ArtifactCorruptError: The package is damaged or contradicts itself.
            UnsupportedOpError: It uses operators that the evaluator does not know.
            InputError: There is no such package or function.
        """
        self.package = package if isinstance(package, Package) else read_package(package)
        name = function or self.package.default_function
        if name not in self.package.functions:
            raise InputError(f"The package has no function '{name}'.", help=f"It has {list(self.package.functions)}.")
        self._plan = load_plan(self.package, self.package.functions[name])
        self._rounding = rounding

    @property
    def inputs(self) -> tuple[TypedName, ...]:
        """Return the declared inputs."""
        return self._plan.inputs

    @property
    def outputs(self) -> tuple[str, ...]:
        """Return the names of the results."""
        return self._plan.outputs

    @property
    def plan(self) -> Plan:
        """Return the executable program."""
        return self._plan

    @property
    def rounding(self) -> Rounding:
        """Return what happens to fp16 results."""
        return self._rounding

    def with_rounding(self, rounding: Rounding) -> Evaluator:
        """Return an evaluator of the same program that rounds as told; the constants are shared."""
        return self._twin(self._plan, rounding)

    def _twin(self, plan: Plan, rounding: Rounding) -> Evaluator:
        twin = object.__new__(Evaluator)
        twin.package, twin._plan, twin._rounding = self.package, plan, rounding
        return twin

    @torch.no_grad()
    def run(
        self, inputs: Mapping[str, Tensor], *, observer: Observer | None = None, keep: Collection[str] = ()
    ) -> dict[str, Value]:
        """Return the results by name: tensors (float32 where declared fp16 or fp32), a label, a dictionary.

        Args:
            inputs: One tensor an input, of the declared shape. Images are float32 (1, 3, H, W) with values 0..255.
            observer: Called for every floating-point result.
            keep: Names of inner values to return as well.

        Raises:
            InputError: An input is missing or of the wrong shape.
            ArtifactCorruptError: An operation fails, or its result is not of the declared shape or type.
            UnsupportedOpError: An operation uses an option that the evaluator does not know.
        """
        values = {declared.name: self._input(declared, inputs) for declared in self._plan.inputs}
        kept = {name: values[name] for name in keep if name in values}
        for step in self._plan.steps:
            self._run_step(step, values, observer)
            kept.update({output.name: values[output.name] for output in step.outputs if output.name in keep})
            for name in step.releases:
                values.pop(name, None)
        return {name: {**values, **self._plan.returned_constants}[name] for name in self._plan.outputs} | kept

    def run_batch(self, inputs: Mapping[str, Tensor], names: Collection[str]) -> dict[str, Tensor]:
        """Return tensors by name for several inputs, each run as if alone but computed together (``torch.vmap``).

        Small inputs take a fraction of the time that they take one by one, where calls cost more than arithmetic:
        at 64 pixels a tenth. Sums may be taken in another order.

        Args:
            inputs: One tensor (N, *declared shape) an input.
            names: Results or inner values that are tensors; only what they need is computed.

        Raises:
            As :meth:`run`.
        """
        reduced = self._twin(self._plan.reduced_to(names), self._rounding)
        results = torch.vmap(reduced.run)(dict(inputs))
        return {name: value for name, value in results.items() if isinstance(value, Tensor)}

    def _input(self, declared: TypedName, inputs: Mapping[str, Tensor]) -> Value:
        value = inputs.get(declared.name)
        if value is None:
            raise InputError(
                f"The input '{declared.name}' is missing.",
                why=f"It was given {sorted(inputs)}.",
                help="Give one tensor for each declared input, under its name.",
            )
        if not _fits(tuple(value.shape), declared.type.shape):
            raise InputError(
                f"The input '{declared.name}' has shape {tuple(value.shape)}.",
                why=f"The model takes {declared.type.shape}.",
                help="Resize the image to the model's input size.",
            )
        return self._rounded(value.to(TORCH_TYPES.get(declared.type.dtype, torch.float32)), declared.type)

    def _run_step(self, step: Step, values: dict[str, Value], observer: Observer | None) -> None:
        arguments = Arguments({name: _lookup(value, values) for name, value in step.arguments.items()})
        try:
            result = step.operator(arguments)
        except EVALUATION_ERRORS as error:
            raise not_evaluable(step.name, step.type, error) from error
        results = result if isinstance(result, tuple) else (result,)
        if len(results) != len(step.outputs):
            raise contradiction(f"'{step.name}' ({step.type}) declares {len(step.outputs)} results, not {len(results)}")
        for value, declared in zip(results, step.outputs, strict=True):
            _check(step, value, declared.type)
            if observer is not None and isinstance(value, Tensor) and value.is_floating_point():
                sums = functools.partial(largest_sum, step.type, step.operator, arguments)
                observer(Observation(declared.name, step.type, declared.type.dtype, _max_abs(value), sums))
            values[declared.name] = self._rounded(value, declared.type)

    def _rounded(self, value: Value, declared: ValueType) -> Value:
        if self._rounding is Rounding.HALF and declared.dtype == "fp16" and isinstance(value, Tensor):
            return value.half().float()
        return value


def _lookup(value: Value, values: Mapping[str, Value]) -> Value:
    if isinstance(value, Name):
        return values[value]
    return [_lookup(item, values) for item in value] if isinstance(value, list) else value


def _check(step: Step, value: Value, declared: ValueType) -> None:
    """Refuse a result whose shape or type is not the declared one."""
    place = f"'{step.name}' ({step.type})"
    if not isinstance(value, Tensor):
        expected = "dictionary" if isinstance(value, dict) else "tensor"
        if declared.kind != expected:
            raise contradiction(f"{place} makes a {type(value).__name__}, declared {declared.kind}")
        return
    if declared.kind != "tensor" or not _fits(tuple(value.shape), declared.shape):
        raise contradiction(f"{place} has shape {tuple(value.shape)}, declared {declared.shape}")
    if value.dtype != TORCH_TYPES.get(declared.dtype):
        actual = "floating-point" if value.is_floating_point() else str(value.dtype).removeprefix("torch.")
        raise contradiction(f"{place} is {actual}, declared {declared.dtype}")


def _fits(shape: tuple[int, ...], declared: tuple[int, ...]) -> bool:
    return len(shape) == len(declared) and all(d in (-1, s) for s, d in zip(shape, declared, strict=True))


def _max_abs(value: Tensor) -> float:
    """Return the largest magnitude in one pass; NaN wins over everything."""
    if value.numel() == 0:
        return 0.0
    low, high = torch.aminmax(value)
    return float(torch.maximum(-low, high))
