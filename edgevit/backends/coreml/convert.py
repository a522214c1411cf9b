"""The Core ML backend: one frontend run, a float32 twin for the proof, and the package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml.codes import write_codes
from edgevit.backends.coreml.description import describe
from edgevit.backends.coreml.integers import write_pairs
from edgevit.backends.coreml.islands import round_constants
from edgevit.backends.coreml.names import CLASS_LABEL, CLASS_PROBABILITIES, check_feature_names, check_package_name
from edgevit.backends.coreml.package import histogram, weights_folder, write_package
from edgevit.backends.coreml.program import cast_to_half, export, finish_float32, translate
from edgevit.backends.coreml.targets import check_ios, has_half_outputs, needed_ios
from edgevit.backends.coreml.toolchain import conversion
from edgevit.errors import BadLabelsError, ConversionError, EdgeVitError, TargetExistsError, UsageError
from edgevit.store.digest import tree_digest, tree_size
from edgevit.store.diskerrors import writing
from edgevit.types import AdaptedModel, Artifact, Head, Precision

if TYPE_CHECKING:
    from coremltools.converters.mil.input_types import InputType
    from coremltools.converters.mil.mil import Program
    from coremltools.proto.Model_pb2 import Model

__all__ = ["convert"]


def convert(model: AdaptedModel, request: ConversionRequest, path: Path, *, twin: Path | None = None) -> Artifact:
    """Write ``model`` as a Core ML package.

    Args:
        model: Network that reads centred pixels (the package then takes an RGB image) or normalized values (a
            float32 multi-array).
        request: Precision, labels, oldest iOS, texts.
        path: Package to make, ``<Name>.mlpackage``; it must not exist, its folder must.
        twin: Where to write the same graph in float32 and without labels; None writes none.

    Returns:
        The package with its digest, operator counts, and notes on what differs from the request.

    Raises:
        ToolMissingError: coremltools is missing or of another release.
        UnsupportedError: ``request.ios_min`` is not 15..18.
        UsageError: A name is no Swift identifier, or a metadata key is edgevit's own.
        BadLabelsError: The labels are not one distinct text for each class.
        TargetExistsError: ``path`` or ``twin`` exists.
        ConversionError: coremltools fails on the network.
        DiskError, OutputError: The package cannot be written.
    """
    _check(model, request, path, twin)
    with writing(path), conversion() as errors, _explained(model, errors):
        ops, ios, notes = _write_files(model, request, path, twin)
    return Artifact(
        path=path,
        format="mlpackage",
        precision=request.precision,
        sha256=tree_digest(path),
        size_bytes=tree_size(path),
        ops=ops,
        minimum_os=f"iOS {ios}",
        notes=notes,
    )


def _write_files(
    model: AdaptedModel, request: ConversionRequest, path: Path, twin: Path | None
) -> tuple[dict[str, int], int, tuple[str, ...]]:
    """Write the package and its twin, and return the operator counts, the minimum iOS and notes.

    Nothing of coremltools outlives this function, so that leaving :func:`conversion` frees the programs.
    """
    labels = request.labels if model.head is Head.PROBABILITIES else None
    program, ios, notes = _translate(model, request)
    finish_float32(program)
    if twin is not None:
        _write(model, request, twin, program, ios=ios, labels=None)
    if request.precision is Precision.FP16:
        cast_to_half(program, ios=ios, classifier=labels is not None, islands=request.islands)
        notes += _half_output_notes(ios, classifier=labels is not None) + _island_notes(request)
    if request.quantized is not None:
        write_pairs(write_codes(program, request.quantized, ios=ios), request.quantized)
    if request.precision is Precision.FP16:
        round_constants(program, request.islands)
    return histogram(_write(model, request, path, program, ios=ios, labels=labels)), ios, notes


def _check(model: AdaptedModel, request: ConversionRequest, path: Path, twin: Path | None) -> None:
    """Refuse what cannot work before anything slow starts."""
    check_ios(request.ios_min)
    check_package_name(path)
    classifier = model.head is Head.PROBABILITIES and request.labels is not None
    outputs = [CLASS_LABEL, CLASS_PROBABILITIES] if classifier else []
    check_feature_names([request.input_name], [*model.output_names, *outputs])
    if request.labels is not None:
        _check_labels(request.labels, model.spec.num_classes)
    if model.input_kind not in {"centred_pixels", "normalized"}:
        raise UsageError(f"A Core ML package cannot take '{model.input_kind}' input.")
    for target in (path, *([] if twin is None else [twin])):
        if target.exists() or target.is_symlink():
            raise TargetExistsError(f"'{target}' exists.", help="Give a path that does not exist yet.")


def _check_labels(labels: tuple[str, ...], classes: int) -> None:
    """Refuse labels that coremltools would take and drop: its dictionary keeps one entry a distinct text."""
    repeated = sorted(label for label, count in Counter(labels).items() if count > 1)
    if repeated:
        named = ", ".join(f"'{label}'" for label in repeated[:5])
        raise BadLabelsError(
            "Two classes have the same label.",
            why=f"Repeated: {named}. Core ML keeps one probability for each distinct label.",
            help="Make every label distinct, for example 'crane (bird)' and 'crane (machine)'.",
        )
    if len(labels) != classes:
        raise BadLabelsError(
            f"There are {len(labels)} labels for {classes} classes.", help="Give one label for each class, in order."
        )


def _translate(model: AdaptedModel, request: ConversionRequest) -> tuple[Program, int, tuple[str, ...]]:
    """Return the program, the iOS it needs, and notes; the target is raised when an operator needs a newer one."""
    ios, notes = _start(request)
    while True:
        try:
            program = translate(
                model.module, model.spec.input_size, _input_type(model, request), outputs=model.output_names, ios=ios
            )
        except ValueError as error:
            needed = needed_ios(str(error))
            if needed is None or needed[1] <= ios:
                raise
            operator, ios = needed
            check_ios(ios)
            notes = _raised(request, ios, f"'{operator}'")
        else:
            return program, ios, notes


def _start(request: ConversionRequest) -> tuple[int, tuple[str, ...]]:
    """Return the iOS to begin with, and a note where the scheme needs a newer one than was asked for."""
    quantized = request.quantized
    if quantized is None or quantized.form.minimum_os <= request.ios_min:
        return request.ios_min, ()
    return quantized.form.minimum_os, _raised(request, quantized.form.minimum_os, f"the scheme '{quantized.scheme}'")


def _raised(request: ConversionRequest, ios: int, reason: str) -> tuple[str, ...]:
    return (f"The minimum is raised from iOS {request.ios_min} to {ios}: {reason} needs it.",)


def _input_type(model: AdaptedModel, request: ConversionRequest) -> InputType:
    import coremltools

    shape = (1, 3, *model.spec.input_size)
    if model.input_kind == "normalized":
        return coremltools.TensorType(name=request.input_name, shape=shape)
    return coremltools.ImageType(
        name=request.input_name,
        shape=shape,
        color_layout=coremltools.colorlayout.RGB,
        scale=1.0,
        bias=[-255.0 * mean for mean in model.spec.preprocessing.mean],
    )


def _half_output_notes(ios: int, *, classifier: bool) -> tuple[str, ...]:
    if classifier or has_half_outputs(ios):
        return ()
    return (f"Outputs are Float32: iOS {ios} has no half-precision multi-arrays.",)


def _island_notes(request: ConversionRequest) -> tuple[str, ...]:
    count = len(request.islands)
    if not count:
        return ()
    return (f"{count} operations stay in float32, so that nothing overflows; the Neural Engine cannot run those.",)


def _write(
    model: AdaptedModel,
    request: ConversionRequest,
    path: Path,
    program: Program,
    *,
    ios: int,
    labels: tuple[str, ...] | None,
) -> Model:
    proto = export(program, weights_folder(path), ios=ios, labels=labels)
    describe(proto, model, request, classifier=labels is not None)
    write_package(path, proto)
    return proto


@contextmanager
def _explained(model: AdaptedModel, errors: list[str]) -> Iterator[None]:
    """Turn whatever coremltools raises into one error that names the operator and its place."""
    try:
        yield
    except (EdgeVitError, OSError, MemoryError):
        raise
    except Exception as error:
        place = errors[-1].removeprefix("ERROR - ").rstrip(":") if errors else ""
        reason = f"{type(error).__name__}: {error}"
        raise ConversionError(
            f"coremltools cannot convert {model.spec.title}.",
            why=f"{place}: {reason}" if place else reason,
            help="Report this with the model, input size and head; 'edgevit doctor' prints the versions to add.",
        ) from error
