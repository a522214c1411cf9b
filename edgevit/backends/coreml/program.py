"""From a torch module to an ML Program in memory, first in float32, then in half precision.

One run of the frontend serves two files: the program is finished in float32, which is the twin that proves the graph,
and then the very same program is cast to half precision. coremltools' own entry point would run everything twice and
re-validate the whole program after each of its hundred passes.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgevit.backends.coreml.islands import check_islands, is_island
from edgevit.backends.coreml.targets import has_half_outputs
from edgevit.backends.coreml.toolchain import without_nonreplaceable_marks
from edgevit.backends.coreml.weights import disk_errors

if TYPE_CHECKING:
    from coremltools.converters.mil.mil import Operation, Program
    from coremltools.proto.Model_pb2 import Model
    from torch import nn

__all__ = ["cast_to_half", "export", "finish_float32", "translate"]

_BATCHNORM_FROM_ELEMENTWISE = "common::fuse_elementwise_to_batchnorm"
"""Turns x * w + b into a batch norm of variance 1 with epsilon 1e-5, which scales x by 1 - 5e-6: left out."""

_SETTLE_CASTS = (
    "common::update_output_dtypes",
    "common::const_elimination",
    "common::dead_code_elimination",
    "common::cast_optimization",
    "common::dead_code_elimination",
    "common::const_elimination",
    "common::const_deduplication",
    "common::noop_elimination",
    "common::dedup_op_and_var_names",
    "common::topological_reorder",
    "common::dead_code_elimination",
)
"""What is left to do after the cast of a finished program: the default passes that casts give work to, in order."""

_ONLY_WITH = {"common::reduce_transposes": "transpose"}
"""Expensive pass -> the operator without which it finds nothing to do."""

_HALF_PASSES = frozenset({"common::add_fp16_cast", "common::add_int16_cast"})

_IMAGE_PREPROCESSING = "mil_backend::insert_image_preprocessing_ops"

_BIAS_SUFFIX = "__biased__"
"""How coremltools ends the name of the subtraction of the mean; it stays in float32, as pixels minus mean do not
fit half precision exactly."""


def translate(
    module: nn.Module, size: tuple[int, int], input_type: Any, *, outputs: Iterable[str], ios: int
) -> Program:
    """Return the program of ``module`` in coremltools' own dialect, before any pass.

    Args:
        module: Network in eval mode, float32.
        size: Height and width of its input (1, 3, H, W).
        input_type: coremltools' description of the input.
        outputs: Names of what the module returns, in order.
        ios: Major version whose operator set is used.

    Raises:
        ValueError: An operator needs a newer iOS, see :func:`~edgevit.backends.coreml.targets.needed_ios`.
        Exception: Whatever the frontend raises for an operator that it cannot translate.
    """
    import coremltools
    import torch
    from coremltools.converters.mil.frontend.torch.load import load

    with torch.no_grad():
        traced = torch.jit.trace(module, torch.zeros(1, 3, *size), check_trace=False)  # type: ignore[no-untyped-call]
    return load(
        traced,
        inputs=[input_type],
        outputs=[coremltools.TensorType(name=name) for name in outputs],
        specification_version=coremltools.target[f"iOS{ios}"].value,
    )


def finish_float32(program: Program) -> None:
    """Run all of coremltools' passes for a float32 ML Program, those with defects left out."""
    default = [name for name in _pipeline("default") if name not in _HALF_PASSES]
    _run(program, [*_pipeline("frontend_pytorch"), *default, *_pipeline("backend_mlprogram")])


def cast_to_half(program: Program, *, ios: int, classifier: bool, islands: Collection[str] = ()) -> None:
    """Cast a finished float32 program to half precision: weights, activations, and outputs where iOS allows.

    Inputs keep float32, and so do the outputs of classifiers, whose last operator takes float32 only, and the
    operations that make one of the results named in ``islands``.

    Raises:
        ConversionError: There is no result of a name in ``islands``.
    """
    import coremltools

    main = program.functions["main"]
    check_islands(program, islands)
    if has_half_outputs(ios) and not classifier:
        half = coremltools.converters.mil.mil.types.fp16
        main.set_output_types([coremltools.TensorType(name=var.name, dtype=half) for var in main.outputs])
    cast = coremltools.transform.FP16ComputePrecision(op_selector=lambda op: _takes_half(op, islands))
    with without_nonreplaceable_marks(program):
        cast(program)
    _run(program, [*_SETTLE_CASTS, *(p for p in _pipeline("backend_mlprogram") if p != _IMAGE_PREPROCESSING)])


def _takes_half(op: Operation, islands: Collection[str]) -> bool:
    return not op.name.endswith(_BIAS_SUFFIX) and not is_island(op, islands)


def export(program: Program, weights: Path, *, ios: int, labels: tuple[str, ...] | None) -> Model:
    """Write the large constants of ``program`` into the folder ``weights`` and return the rest as a protobuf message.

    With ``labels`` the program becomes a classifier for good, so this is the last thing to do with it.

    Raises:
        OSError: The weights cannot be written.
    """
    import coremltools
    from coremltools.converters.mil.backend.mil.load import load

    program.validate()
    program._check_early_error_out_for_invalid_program()
    with disk_errors(weights):
        return load(
            program,
            weights_dir=str(weights),
            specification_version=coremltools.target[f"iOS{ios}"].value,
            classifier_config=None if labels is None else coremltools.ClassifierConfig(list(labels)),
            convert_to="mlprogram",
            convert_from="pytorch",
        )


def _pipeline(name: str) -> list[str]:
    module = importlib.import_module("coremltools.converters.mil.mil.passes.pass_pipeline")
    passes: list[str] = module.PassPipeline.get_pipeline(name).passes
    return [one for one in passes if one != _BATCHNORM_FROM_ELEMENTWISE]


def _run(program: Program, passes: Iterable[str]) -> None:
    registry = importlib.import_module("coremltools.converters.mil.mil.passes.pass_registry").PASS_REGISTRY
    with without_nonreplaceable_marks(program):
        for name in passes:
            if name not in _ONLY_WITH or program.find_ops(op_type=_ONLY_WITH[name]):
                registry[name](program)
