"""A weight file as data and as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from edgevit.cli import figures
from edgevit.cli.output import Block, Facts, Json, Level, Notice, Output, Table, to_json
from edgevit.weights.checkpoint import Checkpoint, read_checkpoint
from edgevit.weights.identify import Identity, identify

__all__ = ["inspect"]


def inspect(path: Path) -> Output:
    """Return what the weight file at ``path`` holds and which networks it fits; nothing in it is executed.

    Raises:
        InputError: It is damaged or of an unknown format.
        UnsafeInputError: It would execute code.
    """
    checkpoint = read_checkpoint(path)
    matches = identify(checkpoint)
    types = Counter(str(tensor.dtype).removeprefix("torch.") for tensor in checkpoint.tensors.values())
    params = sum(tensor.numel() for tensor in checkpoint.tensors.values() if tensor.is_floating_point())
    data: dict[str, Json] = {
        "schema": "edgevit-inspect/1",
        "kind": "checkpoint",
        "path": str(path),
        "bytes": path.stat().st_size,
        "sha256": checkpoint.sha256,
        "tensors": len(checkpoint.tensors),
        "values": params,
        "types": to_json(types),
        "matches": to_json(matches),
        "metadata": to_json(checkpoint.metadata),
        "note": checkpoint.note,
    }
    facts = Facts(
        str(path),
        [
            ("size", figures.megabytes(path.stat().st_size)),
            ("digest", checkpoint.sha256),
            ("tensors", f"{len(checkpoint.tensors)} ({', '.join(f'{n} {name}' for name, n in types.items())})"),
            ("values", f"{params:,} (weights and running statistics)"),
        ],
    )
    return Output(data, [facts, *_blocks(checkpoint, matches)])


def _blocks(checkpoint: Checkpoint, matches: tuple[Identity, ...]) -> Iterator[Block]:
    if checkpoint.metadata:
        yield Facts("Metadata", sorted(checkpoint.metadata.items()))
    if matches:
        rows = [(match.model, match.form.value, match.names, str(match.num_classes)) for match in matches]
        yield Table("Fits", ("model", "form", "names", "classes"), rows, frozenset({"classes"}))
    else:
        yield Notice(Level.WARNING, "It fits none of edgevit's models at their native sizes.")
    if checkpoint.note:
        yield Notice(Level.NOTE, checkpoint.note)
