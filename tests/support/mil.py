"""Small Core ML packages written with coremltools' program builder, many operators to a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from edgevit.backends.coreml.toolchain import conversion

Array = np.ndarray[Any, Any]
Builder = Callable[..., Any]
"""Takes coremltools' ``mb`` and one variable for each input; returns a variable or several."""


@dataclass(frozen=True)
class Case:
    """One operator with one choice of options.

    ``expected`` computes the results from the inputs; None takes what coremltools itself folds constants to.
    """

    name: str
    build: Builder
    inputs: tuple[Array, ...]
    expected: Callable[..., Any] | None = None


def save_program(path: Path, build: Builder, inputs: Mapping[str, Sequence[int]], *, ios: int = 16) -> Path:
    """Write the program that ``build`` makes of float32 inputs, without any pass that changes it.

    ``build`` takes ``mb`` and a dictionary of variables.
    """
    with conversion(), redirect_stderr(StringIO()):
        import coremltools as ct
        from coremltools.converters.mil import Builder as mb  # noqa: N813 - coremltools' own habit
        from coremltools.converters.mil.mil import Function, Program

        target = getattr(ct.target, f"iOS{ios}")
        placeholders = {name: mb.placeholder(shape=tuple(shape)) for name, shape in inputs.items()}
        program = Program()
        with Function(placeholders, opset_version=target) as function:
            results = build(mb, function.inputs)
            function.set_outputs(list(results) if isinstance(results, (tuple, list)) else [results])
        program.add_function("main", function)
        model = ct.convert(
            program,
            convert_to="mlprogram",
            minimum_deployment_target=target,
            compute_precision=ct.precision.FLOAT32,
            pass_pipeline=ct.PassPipeline(["common::dedup_op_and_var_names"]),
            skip_model_load=True,
        )
        model.save(str(path))
    return path


def save_cases(path: Path, cases: Sequence[Case], *, ios: int = 16) -> Path:
    """Write one program with all cases; inputs are named ``<case>_in<i>`` and outputs ``<case>_out<i>``."""

    def build(mb: Any, variables: Mapping[str, Any]) -> list[Any]:
        outputs = []
        for case in cases:
            results = case.build(mb, *(variables[name] for name in case_inputs(case)))
            each = results if isinstance(results, (tuple, list)) else [results]
            outputs += [mb.identity(x=value, name=f"{case.name}_out{i}") for i, value in enumerate(each)]
        return outputs

    shapes = {name: value.shape for case in cases for name, value in case_inputs(case).items()}
    return save_program(path, build, shapes, ios=ios)


def case_inputs(case: Case) -> dict[str, Array]:
    """Return the inputs of one case by their names in the program."""
    return {f"{case.name}_in{i}": value for i, value in enumerate(case.inputs)}


def folded_values(cases: Sequence[Case], *, ios: int = 16) -> dict[str, list[Array]]:
    """Return, by case, what coremltools computes when it folds the operators over constants (``value_inference``)."""
    with conversion():
        import coremltools as ct
        from coremltools.converters.mil import Builder as mb  # noqa: N813
        from coremltools.converters.mil.mil import Function

        found: dict[str, list[Array]] = {}
        with Function({"unused": mb.placeholder(shape=(1,))}, opset_version=getattr(ct.target, f"iOS{ios}")):
            for case in cases:
                results = case.build(mb, *(mb.const(val=value) for value in case.inputs))
                each = results if isinstance(results, (tuple, list)) else [results]
                found[case.name] = [value.val for value in each]
    return found


def operator_types(cases: Sequence[Case], *, ios: int = 16) -> set[str]:
    """Return the types of all operators that the cases build."""
    with conversion():
        import coremltools as ct
        from coremltools.converters.mil import Builder as mb  # noqa: N813
        from coremltools.converters.mil.mil import Function

        inputs = {name: value for case in cases for name, value in case_inputs(case).items()}
        placeholders = {name: mb.placeholder(shape=value.shape) for name, value in inputs.items()}
        with Function(placeholders, opset_version=getattr(ct.target, f"iOS{ios}")) as function:
            for case in cases:
                case.build(mb, *(function.inputs[name] for name in case_inputs(case)))
        return {str(operation.op_type) for operation in function.operations}
