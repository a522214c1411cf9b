"""A TFLite file as data and as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from edgevit.cli import figures
from edgevit.cli.output import Block, Facts, Json, Output, Table, to_json
from edgevit.store.digest import file_digest
from edgevit.verification.tflite.labels import read_labels
from edgevit.verification.tflite.model import Tensor, TFLiteModel, read_tflite

__all__ = ["inspect"]

_LONGEST_VALUE = 100


def inspect(path: Path) -> Output:
    """Return what the file at ``path`` holds; it is read, not run.

    Raises:
        ArtifactCorruptError: It is damaged.
        ToolMissingError: ai-edge-litert is not installed.
    """
    model = read_tflite(path)
    labels = read_labels(model)
    data: dict[str, Json] = {
        "schema": "edgevit-inspect/1",
        "kind": "tflite",
        "path": str(path),
        "bytes": path.stat().st_size,
        "sha256": file_digest(path),
        "description": model.description,
        "inputs": _interface(model.main.inputs),
        "outputs": _interface(model.main.outputs),
        "constants": {kind: {"count": count, "bytes": size} for kind, (count, size) in _constants(model).items()},
        "operations": to_json(model.count_ops()),
        "labels": to_json(labels),
        "metadata": {name: f"{len(content)} bytes" for name, content in sorted(model.buffers.items())},
    }
    facts = [
        ("size", figures.megabytes(path.stat().st_size)),
        ("digest", file_digest(path)),
        ("written by", model.description),
        ("labels", f"{len(labels)}, from '{labels[0]}' to '{labels[-1]}'" if labels else ""),
    ]
    return Output(data, [Facts(str(path), [fact for fact in facts if fact[1]]), *_blocks(model)])


def _interface(tensors: Mapping[str, Tensor]) -> Json:
    return [{"name": name, "shape": list(t.shape), "dtype": t.dtype} for name, t in tensors.items()]


def _blocks(model: TFLiteModel) -> Iterator[Block]:
    sides = (("input", model.main.inputs), ("output", model.main.outputs))
    rows = [(side, name, _kind(tensor)) for side, tensors in sides for name, tensor in tensors.items()]
    yield Table("Interface", ("side", "name", "kind"), rows)
    ops = model.count_ops()
    counted = sorted(ops.items(), key=lambda item: (-item[1], item[0]))
    yield Table(
        f"Operations ({sum(ops.values())})",
        ("type", "count"),
        [(name, str(count)) for name, count in counted],
        frozenset({"count"}),
    )
    yield Table(
        "Constants",
        ("type", "count", "size"),
        [(kind, str(count), figures.megabytes(size)) for kind, (count, size) in _constants(model).items()],
        frozenset({"count", "size"}),
    )
    texts = {name: text for name, text in model.metadata.items() if text.isprintable()}
    if texts:
        yield Facts("Metadata", [(name, _shortened(text)) for name, text in sorted(texts.items())])


def _constants(model: TFLiteModel) -> dict[str, tuple[int, int]]:
    """Return element type -> number and bytes of constants, the largest first; integers with scales are codes."""
    found: dict[str, tuple[int, int]] = {}
    for tensor in (each for graph in model.subgraphs for each in graph.tensors if each.is_constant):
        kind = f"{tensor.dtype.lower()} codes" if tensor.is_quantized else tensor.dtype.lower()
        count, size = found.get(kind, (0, 0))
        found[kind] = count + 1, size + tensor.bytes
    return dict(sorted(found.items(), key=lambda item: -item[1][1]))


def _kind(tensor: Tensor) -> str:
    return f"{tensor.dtype.lower()} {'x'.join(str(side) for side in tensor.shape)}"


def _shortened(value: str) -> str:
    if len(value) <= _LONGEST_VALUE:
        return value
    return f"{value[:_LONGEST_VALUE]}... ({len(value):,} characters)"
