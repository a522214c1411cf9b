"""From an exported network to the bytes of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgevit.backends.tflite.emitter import Emitter, Runtime
from edgevit.backends.tflite.graph import Graph
from edgevit.backends.tflite.half import halve_weights
from edgevit.backends.tflite.inputs import make_outputs
from edgevit.backends.tflite.passes import clean
from edgevit.backends.tflite.program import lower_program
from edgevit.errors import ToolMissingError
from edgevit.types import Precision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch.export import ExportedProgram

    from edgevit.backends.tflite.inputs import InputSpec

__all__ = ["emit", "lower", "serialize"]


def lower(
    program: ExportedProgram,
    *,
    inputs: Sequence[InputSpec],
    outputs: Sequence[str],
    precision: Precision = Precision.FP32,
    runtime: Runtime = Runtime.LITERT,
    channels_last_outputs: bool = False,
) -> Graph:
    """Return the TFLite graph of an exported network.

    Args:
        program: From :func:`torch.export.export` of a network in eval mode, with static shapes, float32.
        inputs: One for each input of the network, in order.
        outputs: A signature name for each output, in order.
        precision: ``FP16`` stores weights in half precision; computation is float32 either way.
        runtime: The oldest runtime that the file is meant for.
        channels_last_outputs: Return (N, H, W, C) where the network returns (N, C, H, W).

    Raises:
        UnsupportedOpError: An operator that cannot be written, with its place in the network.
        ValueError: ``inputs`` or ``outputs`` are not as many as the network's.
    """
    e = Emitter(runtime)
    tensors, values = lower_program(e, program, inputs)
    named = make_outputs(e, dict(zip(outputs, values, strict=True)), channels_last=channels_last_outputs)
    graph = Graph(tensors, named, e.operators)
    clean(graph)
    if precision is Precision.FP16:
        halve_weights(graph)
    return graph


def emit(
    program: ExportedProgram,
    *,
    inputs: Sequence[InputSpec],
    outputs: Sequence[str],
    precision: Precision = Precision.FP32,
    runtime: Runtime = Runtime.LITERT,
    channels_last_outputs: bool = False,
    metadata: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return the ``.tflite`` file of an exported network; the same network gives the same bytes.

    Arguments and errors are those of :func:`lower`; ``metadata`` is name -> content of the file's metadata buffers.
    """
    graph = lower(
        program,
        inputs=inputs,
        outputs=outputs,
        precision=precision,
        runtime=runtime,
        channels_last_outputs=channels_last_outputs,
    )
    return serialize(graph, metadata)


def serialize(graph: Graph, metadata: Mapping[str, bytes] | None = None) -> bytes:
    """Return the bytes of a graph and its metadata.

    Raises:
        ToolMissingError: The packages with the schema or the flatbuffer builder are missing.
    """
    try:
        from edgevit.backends.tflite.writer import write
    except ImportError as error:
        raise ToolMissingError(
            "Writing TFLite files needs ai-edge-litert and flatbuffers.",
            why=f"{error}.",
            help="Install them with: pip install 'edgevit-slim[android]' (the plain edgevit brings them along).",
        ) from error
    return write(graph, metadata=metadata)
