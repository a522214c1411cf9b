"""From graph to the bytes of a ``.tflite`` file. The same graph gives the same bytes, everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from edgevit.backends.tflite.builtins import OPTIONS, Builtin, version
from edgevit.backends.tflite.graph import DType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from edgevit.backends.tflite.graph import Graph, Operator, Quantization, Tensor

__all__ = ["SIGNATURE", "repack", "write"]

SIGNATURE = "serving_default"
"""Key of the one signature of a file: the name that TensorFlow's exporters give, and that apps look for."""

_FILE_IDENTIFIER = b"TFL3"
_SCHEMA_VERSION = 3
_DATA_ALIGNMENT = 16
"""``force_align`` of ``Buffer.data`` in the schema; runtimes map weights in place and read them with vector loads."""


def write(graph: Graph, *, metadata: Mapping[str, bytes] | None = None) -> bytes:
    """Return the flatbuffer of a graph.

    Args:
        graph: Its tensors' names need not be unique: repeated ones get a number.
        metadata: Name -> content of the file's metadata buffers.
    """
    tensors = graph.tensors()
    index = {tensor: i for i, tensor in enumerate(tensors)}
    model = schema.ModelT()
    model.version = _SCHEMA_VERSION
    model.description = "edgevit"
    model.operatorCodes, codes = _operator_codes(graph.operators)
    model.buffers = [_Buffer(b"")] + [_Buffer(_contents(tensor)) for tensor in tensors]
    model.subgraphs = [_subgraph(graph, tensors, index, codes)]
    model.signatureDefs = [_signature(graph, index)]
    model.metadata = _append_metadata(model.buffers, metadata or {})
    return _pack(model)


def repack(model: Any, metadata: Mapping[str, bytes]) -> bytes:
    """Return the bytes of a model (the schema's ``ModelT``) that another tool made, with more metadata buffers."""
    model.buffers = [
        _Buffer(b"" if buffer.data is None else np.asarray(buffer.data, np.uint8).tobytes()) for buffer in model.buffers
    ]
    model.metadata = [*(model.metadata or ()), *_append_metadata(model.buffers, metadata)]
    return _pack(model)


class _Buffer(schema.BufferT):  # type: ignore[misc]  # the generated module has no types
    """A buffer whose bytes are aligned as the schema demands; generated code aligns bytes to one."""

    def __init__(self, content: bytes | memoryview) -> None:
        super().__init__()
        self.content = content

    def Pack(self, builder: Any) -> int:  # noqa: N802 - the generated code calls it
        size = len(self.content)
        if size:
            builder.StartVector(1, size, _DATA_ALIGNMENT)
            head = builder.Head() - size
            builder.head = head
            builder.Bytes[head : head + size] = self.content
            vector = builder.EndVector()
        schema.BufferStart(builder)
        if size:
            schema.BufferAddData(builder, vector)
        return int(schema.BufferEnd(builder))


def _contents(tensor: Tensor) -> bytes | memoryview:
    if tensor.data is None:
        return b""
    content = np.ascontiguousarray(tensor.data).reshape(-1).view(np.uint8)
    return memoryview((_packed(content) if tensor.dtype is DType.INT4 else content).data)


def _packed(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return 4-bit integers two in a byte, the first one in the low half."""
    pairs = np.zeros((codes.size + 1) // 2 * 2, np.uint8)
    pairs[: codes.size] = codes & np.uint8(0xF)
    return np.asarray(pairs[::2] | (pairs[1::2] << np.uint8(4)), np.uint8)


def _pack(model: Any) -> bytes:
    size = sum(len(buffer.content) + 64 for buffer in model.buffers)
    builder = flatbuffers.Builder(size + (1 << 20))
    builder.Finish(model.Pack(builder), _FILE_IDENTIFIER)
    return bytes(builder.Output())


def _operator_codes(operators: Iterable[Operator]) -> tuple[list[Any], dict[tuple[Builtin, int], int]]:
    """Return the table of builtins and versions, in order of first use, and each one's place in it."""
    index: dict[tuple[Builtin, int], int] = {}
    for operator in operators:
        index.setdefault((operator.kind, version(operator)), len(index))
    codes = []
    for kind, number in index:
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(schema.BuiltinOperator, kind.value)
        code.deprecatedBuiltinCode = min(code.builtinCode, schema.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES)
        code.version = number
        codes.append(code)
    return codes, index


def _subgraph(
    graph: Graph, tensors: list[Tensor], index: dict[Tensor, int], codes: dict[tuple[Builtin, int], int]
) -> Any:
    names = _unique_names(tensors, graph)
    subgraph = schema.SubGraphT()
    subgraph.name = "main"
    subgraph.tensors = [_tensor(tensor, names[tensor], index) for tensor in tensors]
    subgraph.inputs = [index[tensor] for tensor in graph.inputs.values()]
    subgraph.outputs = [index[tensor] for tensor in graph.outputs.values()]
    subgraph.operators = [_operator(operator, index, codes) for operator in graph.operators]
    return subgraph


def _unique_names(tensors: Iterable[Tensor], graph: Graph) -> dict[Tensor, str]:
    """Give inputs and outputs their signature names, and number the repeated names of the others."""
    names = {tensor: name for name, tensor in (*graph.inputs.items(), *graph.outputs.items())}
    taken = set(names.values())
    repeats: dict[str, int] = {}
    for tensor in tensors:
        if tensor in names:
            continue
        name = tensor.name
        while name in taken:
            repeats[tensor.name] = repeats.get(tensor.name, 0) + 1
            name = f"{tensor.name}_{repeats[tensor.name]}"
        taken.add(name)
        names[tensor] = name
    return names


def _tensor(tensor: Tensor, name: str, index: dict[Tensor, int]) -> Any:
    table = schema.TensorT()
    table.name = name
    table.shape = list(tensor.shape)
    table.hasRank = True
    table.type = getattr(schema.TensorType, tensor.dtype.value)
    table.buffer = index[tensor] + 1
    if tensor.quantization is not None:
        table.quantization = _quantization(tensor.quantization, index)
    return table


def _quantization(parameters: Quantization, index: dict[Tensor, int]) -> Any:
    table = schema.QuantizationParametersT()
    if parameters.block_scales is not None:
        blocks = schema.BlockwiseQuantizationT()
        blocks.scales, blocks.zeroPoints, blocks.blockSize = index[parameters.block_scales], -1, parameters.block
        table.detailsType, table.details = schema.QuantizationDetails.BlockwiseQuantization, blocks
    else:
        table.scale = parameters.scale
        table.zeroPoint = parameters.zero_point.astype(np.int64)
    table.quantizedDimension = parameters.axis
    return table


def _operator(operator: Operator, index: dict[Tensor, int], codes: dict[tuple[Builtin, int], int]) -> Any:
    table = schema.OperatorT()
    table.opcodeIndex = codes[operator.kind, version(operator)]
    table.inputs = [index[tensor] for tensor in operator.inputs]
    table.outputs = [index[tensor] for tensor in operator.outputs]
    options = OPTIONS.get(operator.kind)
    if options:
        table.builtinOptionsType = getattr(schema.BuiltinOptions, options)
        table.builtinOptions = _options(options, operator)
    return table


def _options(name: str, operator: Operator) -> Any:
    table = getattr(schema, f"{name}T")()
    for key, value in operator.attributes.items():
        if not hasattr(table, key):
            raise AttributeError(f"{name} has no field {key}")
        setattr(table, key, list(value) if isinstance(value, tuple) else value)
    return table


def _signature(graph: Graph, index: dict[Tensor, int]) -> Any:
    signature = schema.SignatureDefT()
    signature.signatureKey = SIGNATURE
    signature.subgraphIndex = 0
    signature.inputs = [_tensor_map(name, index[tensor]) for name, tensor in graph.inputs.items()]
    signature.outputs = [_tensor_map(name, index[tensor]) for name, tensor in graph.outputs.items()]
    return signature


def _tensor_map(name: str, tensor: int) -> Any:
    entry = schema.TensorMapT()
    entry.name = name
    entry.tensorIndex = tensor
    return entry


def _append_metadata(buffers: list[Any], metadata: Mapping[str, bytes]) -> list[Any]:
    entries = []
    for name, content in sorted(metadata.items()):
        entry = schema.MetadataT()
        entry.name = name
        entry.buffer = len(buffers)
        entries.append(entry)
        buffers.append(_Buffer(content))
    return entries
