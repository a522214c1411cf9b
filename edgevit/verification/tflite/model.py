"""A ``.tflite`` file as values: operators, tensors, signature, metadata. Nothing in it is executed or trusted.

Field numbers are those of ``schema.fbs`` in LiteRT (``tflite/converter/schema``).
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from edgevit.errors import ArtifactCorruptError, ToolMissingError
from edgevit.store.diskerrors import reading
from edgevit.verification.tflite.flatbuffer import DamagedFlatbuffer, Table, read_root

__all__ = ["IDENTIFIER", "Operator", "Subgraph", "TFLiteModel", "Tensor", "read_tflite"]

_ItemT = TypeVar("_ItemT")

IDENTIFIER = b"TFL3"
"""Bytes 4 to 8 of every TFLite file."""

_PLACEHOLDER = 127
"""Value of the old one-byte builtin code for newer operators."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor.

    Attributes:
        name: As written; may repeat.
        shape: Its dimensions.
        dtype: Element type by the schema's name, for example ``FLOAT32``.
        is_constant: The file holds its values.
        is_quantized: It has scales: one, one a channel, or one a block.
        bytes: Size of the values in the file; 0 where there are none.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    is_constant: bool
    is_quantized: bool
    bytes: int


@dataclass(frozen=True, slots=True)
class Operator:
    """One call of a builtin.

    Attributes:
        place: Its index in the subgraph.
        kind: The schema's name, for example ``CONV_2D``; ``CUSTOM:<name>`` for others.
        version: Version of the builtin that the file asks for.
        inputs: None stands for an optional input that is left out.
        options: The builtin's options table, where it has one.
    """

    place: int
    kind: str
    version: int
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    options: Table | None


@dataclass(frozen=True, slots=True)
class Subgraph:
    """One graph of a file: its interface by signature names, and its operators in order of execution."""

    inputs: Mapping[str, Tensor]
    outputs: Mapping[str, Tensor]
    operators: tuple[Operator, ...]
    tensors: tuple[Tensor, ...]


@dataclass(frozen=True, slots=True)
class TFLiteModel:
    """A file that was read.

    Attributes:
        path: Where it is.
        description: What the writer says about it.
        subgraphs: The first one is the one that runs.
        buffers: Content of the metadata buffers by name, as bytes.
    """

    path: Path
    description: str
    subgraphs: tuple[Subgraph, ...]
    buffers: Mapping[str, bytes]

    @property
    def main(self) -> Subgraph:
        """The graph that runs."""
        return self.subgraphs[0]

    @property
    def metadata(self) -> Mapping[str, str]:
        """Metadata that is text, by name."""
        return {name: _text(content) for name, content in self.buffers.items()}

    def count_ops(self) -> Mapping[str, int]:
        """Return builtin name -> number of calls in all subgraphs, sorted by name."""
        return dict(sorted(Counter(op.kind for graph in self.subgraphs for op in graph.operators).items()))


def read_tflite(path: Path) -> TFLiteModel:
    """Return what a file says.

    Raises:
        ArtifactCorruptError: It is no TFLite file, or damaged.
        InputError: It cannot be read.
        ToolMissingError: ai-edge-litert, whose tables name the operators, is not installed.
    """
    with reading(path):
        content = path.read_bytes()
    try:
        return _model(path, read_root(content, IDENTIFIER))
    except (DamagedFlatbuffer, IndexError) as error:
        raise ArtifactCorruptError(
            f"'{path}' is not a TFLite file that can be read.",
            why=f"{str(error)[:1].upper()}{str(error)[1:]}.",
            help="The file is truncated, damaged or of another format; build it again, or copy it again.",
        ) from error


def _model(path: Path, root: Table) -> TFLiteModel:
    kinds = [_kind(code) for code in root.tables(1)]
    buffers = root.tables(4)
    signatures = {signature.integer(4, "I"): signature for signature in reversed(root.tables(7))}
    graphs = [_subgraph(graph, kinds, buffers, signatures.get(i)) for i, graph in enumerate(root.tables(2))]
    if not graphs:
        raise DamagedFlatbuffer("it has no graph")
    metadata = {entry.text(0): bytes(buffers[entry.integer(1, "I")].span(0)) for entry in root.tables(6)}
    return TFLiteModel(path, root.text(3), tuple(graphs), metadata)


def _kind(code: Table) -> tuple[str, int]:
    """Return the name and version of an entry in the table of operators."""
    old, new = code.integer(0, "b"), code.integer(3, "i")
    number = new if old == _PLACEHOLDER else max(old, new)
    name = _names("BuiltinOperator").get(number, f"BUILTIN_{number}")
    return (f"CUSTOM:{code.text(1)}" if name == "CUSTOM" else name), code.integer(2, "i", 1)


def _subgraph(
    graph: Table, kinds: list[tuple[str, int]], buffers: tuple[Table, ...], signature: Table | None
) -> Subgraph:
    tensors = tuple(_tensor(tensor, buffers) for tensor in graph.tables(0))
    operators = tuple(_operator(i, table, kinds, tensors) for i, table in enumerate(graph.tables(3)))
    inputs = {_item(tensors, i).name: tensors[i] for i in graph.integers(1)}
    outputs = {_item(tensors, i).name: tensors[i] for i in graph.integers(2)}
    if signature is not None:
        inputs, outputs = _named(signature, 0, tensors), _named(signature, 1, tensors)
    return Subgraph(inputs, outputs, operators, tensors)


def _named(signature: Table, field: int, tensors: tuple[Tensor, ...]) -> dict[str, Tensor]:
    return {entry.text(0): _item(tensors, entry.integer(1, "I")) for entry in signature.tables(field)}


def _tensor(table: Table, buffers: tuple[Table, ...]) -> Tensor:
    buffer = _item(buffers, table.integer(2, "I"))
    quantization, behind = table.table(4), buffer.integer(1, "Q") > 1  # large files keep data behind the buffer
    return Tensor(
        name=table.text(3),
        shape=table.integers(0),
        dtype=_names("TensorType").get(table.integer(1, "b"), "UNKNOWN"),
        is_constant=len(buffer.span(0)) > 0 or behind,
        is_quantized=quantization is not None and (bool(quantization.floats(2)) or quantization.table(5) is not None),
        bytes=buffer.integer(2, "Q") if behind else len(buffer.span(0)),
    )


def _operator(place: int, table: Table, kinds: list[tuple[str, int]], tensors: tuple[Tensor, ...]) -> Operator:
    kind, version = kinds[table.integer(0, "I")]
    inputs = tuple(None if i == -1 else _item(tensors, i) for i in table.integers(1))
    outputs = tuple(_item(tensors, i) for i in table.integers(2))
    return Operator(place, kind, version, inputs, outputs, table.table(4))


def _item(items: tuple[_ItemT, ...], index: int) -> _ItemT:
    if not 0 <= index < len(items):
        raise DamagedFlatbuffer(f"it refers to item {index} of {len(items)}")
    return items[index]


@functools.cache
def _names(enumeration: str) -> Mapping[int, str]:
    """Return number -> name of one of the schema's enumerations."""
    try:
        from ai_edge_litert import schema_py_generated as schema
    except ImportError as error:
        raise ToolMissingError(
            "Reading TFLite files needs ai-edge-litert.", why=f"{error}.", help="pip install ai-edge-litert"
        ) from error
    return {value: name for name, value in vars(getattr(schema, enumeration)).items() if isinstance(value, int)}


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace").rstrip("\0")
