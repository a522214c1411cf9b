"""The TFLite backend: an adapted network in, a ``.tflite`` file on disk out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from edgevit.backends.base import ConversionRequest
from edgevit.backends.record import MODEL_KEY, record_text, with_own
from edgevit.backends.tflite.emission import lower, serialize
from edgevit.backends.tflite.emitter import Runtime
from edgevit.backends.tflite.graph import DType
from edgevit.backends.tflite.half import halve_weights
from edgevit.backends.tflite.inputs import InputSpec
from edgevit.backends.tflite.quantized import encode
from edgevit.errors import ConversionError, TargetExistsError, UnsupportedError, UsageError
from edgevit.quantize.simulation import with_half_weights
from edgevit.store.digest import file_digest
from edgevit.store.diskerrors import writing
from edgevit.types import MAX_BATCH, AdaptedModel, Artifact, Converter, Head, PixelType, Precision

if TYPE_CHECKING:
    from torch.export import ExportedProgram

    from edgevit.backends.tflite.graph import Graph

__all__ = ["convert"]


_MINIMUM = {Runtime.LITERT: "LiteRT 1.0", Runtime.TFLITE_2_14: "TensorFlow Lite 2.14"}

_NIBBLES_MINIMUM = "LiteRT 2.3"
"""Of files with 4-bit codes."""

_NIBBLES_NOTE = (
    "4-bit codes in blocks need LiteRT 2.3: 1.4 computes wrong numbers from them, 1.0 crashes. The Android project "
    "brings 2.3 along."
)

_TANH_NOTE = "GELU is written in its tanh form, which this runtime generation runs fast; values differ by up to 5e-4."


def convert(model: AdaptedModel, request: ConversionRequest, path: Path, *, twin: Path | None = None) -> Artifact:
    """Write ``model`` as a TFLite file that takes images (batch, H, W, 3), RGB, 0..255; normalization is inside.

    Args:
        model: Network adapted for TFLite; with ``request.quantized`` that one's network is written instead.
        request: Precision of the weights, runtime, name, element type and batch of the input, metadata; what only
            concerns other formats is ignored. Computation is float32 unless it says ``quantized``, whose weights that
            have no codes take half precision.
        path: File to make, ``<name>.tflite``; it must not exist, its folder must.
        twin: Where to write the same graph with float32 weights, for the proof; None writes none.

    Returns:
        The file with its digest and operator counts.

    Raises:
        UnsupportedOpError: An operator that cannot be written, with its place in the network.
        ConversionError: PyTorch cannot export the network.
        UnsupportedError: The runtime does not have what the scheme needs.
        UsageError: The input has the name of an output, the batch is not 1 to 64, or the metadata has a key that
            edgevit writes itself.
        TargetExistsError: ``path`` or ``twin`` exists.
        ToolMissingError: ai-edge-litert or flatbuffers is missing.
        DiskError, OutputError: The file cannot be written.
    """
    _check(model, request, path, twin)
    if request.quantized is not None:
        model = with_half_weights(request.quantized.model, request.quantized.encodings)
    entries = with_own(request.metadata, {MODEL_KEY: record_text(model, request)})
    if request.converter is Converter.LITERT_TORCH:
        return _by_litert_torch(model, request, path, entries)
    graph = lower(
        _export(model, request.batch),
        inputs=[_image(model, request)],
        outputs=model.output_names,
        runtime=request.runtime,
        channels_last_outputs=True,
    )
    metadata = {name: text.encode() for name, text in entries.items()}
    if twin is not None:
        _save(serialize(graph, metadata), twin)
    if request.quantized is not None:
        encode(graph, request.quantized)
    if request.precision is Precision.FP16:
        halve_weights(graph)
    _save(_described(graph, model, request, metadata), path)
    minimum = _NIBBLES_MINIMUM if _has_nibbles(graph) else ""
    return _artifact(path, request, graph.count_ops(), minimum_os=minimum, notes=_notes(graph, request))


def _artifact(
    path: Path, request: ConversionRequest, ops: Mapping[str, int], *, minimum_os: str = "", notes: tuple[str, ...] = ()
) -> Artifact:
    return Artifact(
        path=path,
        format="tflite",
        precision=request.precision,
        sha256=file_digest(path),
        size_bytes=path.stat().st_size,
        ops=ops,
        minimum_os=minimum_os or _MINIMUM[request.runtime],
        notes=notes,
    )


def _by_litert_torch(
    model: AdaptedModel, request: ConversionRequest, path: Path, entries: Mapping[str, str]
) -> Artifact:
    """Write litert-torch's graph with edgevit's records; its image is uint8."""
    from edgevit.backends.tflite.litert_torch import translate
    from edgevit.backends.tflite.metadata import METADATA_NAME, attach_labels, describe

    if request.precision is not Precision.FP32:
        raise UsageError("litert-torch's files have float32 weights.", help="Ask for float32.")
    if request.input_type is not PixelType.UINT8 or request.batch != 1:
        raise UsageError("litert-torch's files take one image of uint8.", help="Ask for uint8 and a batch of 1.")
    labels = (request.labels or ()) if model.head is Head.PROBABILITIES else ()
    metadata = {name: text.encode() for name, text in entries.items()}
    metadata[METADATA_NAME] = describe(model, request, labels)
    content, counts = translate(model, request.input_name, metadata)
    _save(attach_labels(content, labels), path)
    return _artifact(path, request, counts)


def _notes(graph: Graph, request: ConversionRequest) -> tuple[str, ...]:
    tanh = request.runtime is Runtime.TFLITE_2_14 and "GELU" in graph.count_ops()
    return (*((_TANH_NOTE,) if tanh else ()), *((_NIBBLES_NOTE,) if _has_nibbles(graph) else ()))


def _has_nibbles(graph: Graph) -> bool:
    return any(tensor.dtype is DType.INT4 for tensor in graph.tensors())


def _check(model: AdaptedModel, request: ConversionRequest, path: Path, twin: Path | None) -> None:
    if request.input_name in model.output_names:
        raise UsageError(f"Input and output are both named '{request.input_name}'.", help="Choose another input name.")
    if not 1 <= request.batch <= MAX_BATCH:
        raise UsageError(f"A batch of {request.batch} images cannot be written.", help=f"Choose 1 to {MAX_BATCH}.")
    _check_runtime(request)
    for target in (path, twin):
        if target is not None and target.exists():
            raise TargetExistsError(f"'{target}' exists.", help="Remove it, or write to another place.")


def _check_runtime(request: ConversionRequest) -> None:
    """Refuse a dynamic scheme for a runtime that has no scales a channel in its dynamic products."""
    quantized = request.quantized
    activations = None if quantized is None else quantized.form.activations
    if quantized is not None and activations and activations.dynamic and request.runtime is Runtime.TFLITE_2_14:
        raise UnsupportedError(
            f"The scheme '{quantized.scheme}' does not run on TensorFlow Lite 2.14.",
            why="Its matrix products quantize their input as they go only with one scale a tensor.",
            help="Choose w8 or w8a8, or leave --runtime out.",
        )


def _export(model: AdaptedModel, batch: int) -> ExportedProgram:
    """Return the network as a graph of ATen operators."""
    example = torch.zeros(batch, 3, *model.spec.input_size)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # PyTorch warns about its own internals
            return torch.export.export(model.module.eval(), (example,))
    except Exception as error:  # torch.export raises whatever the network's code or its own internals raise
        raise ConversionError(
            f"PyTorch cannot export {model.spec.title} as a graph.",
            why=f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else 'no message'}",
            help="Custom networks must not branch on values or sizes of tensors.",
        ) from error


def _image(model: AdaptedModel, request: ConversionRequest) -> InputSpec:
    """Return the input with the arithmetic that the network leaves to it."""
    preprocessing = model.spec.preprocessing
    offset = tuple(255 * mean for mean in preprocessing.mean)
    scale = () if model.input_kind == "centred_pixels" else tuple(1 / (255 * std) for std in preprocessing.std)
    dtype = DType.UINT8 if request.input_type is PixelType.UINT8 else DType.FLOAT32
    return InputSpec(request.input_name, channels_last=True, dtype=dtype, offset=offset, scale=scale)


def _described(graph: Graph, model: AdaptedModel, request: ConversionRequest, metadata: Mapping[str, bytes]) -> bytes:
    """Return the file with what other tools read: description, labels, preprocessing."""
    from edgevit.backends.tflite.metadata import METADATA_NAME, attach_labels, describe

    labels = (request.labels or ()) if model.head is Head.PROBABILITIES else ()
    content = serialize(graph, {**metadata, METADATA_NAME: describe(model, request, labels)})
    return attach_labels(content, labels)


def _save(content: bytes, path: Path) -> None:
    with writing(path):
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError as error:
            raise TargetExistsError(f"'{path}' exists.", help="Remove it, or write to another place.") from error
