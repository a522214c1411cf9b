"""edgevit's own weight files: a folded network, with what is needed to build the structure that it fits."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from edgevit.errors import CheckpointCorruptError, KeyMismatchError
from edgevit.models.base import ImageNet
from edgevit.models.registry import MAX_CLASSES, create, resolve
from edgevit.reparam.fold import fold
from edgevit.store.publish import write_file_atomically
from edgevit.types import FoldedModel, Form, Head, LoadedModel, ModelSpec, Size, WeightsInfo
from edgevit.weights.checkpoint import Checkpoint
from edgevit.weights.fit import load_into
from edgevit.weights.safetensors_file import write_safetensors
from edgevit.weights.state_digest import state_digest

__all__ = ["is_folded", "load_folded", "save"]

_FORMAT = "edgevit-folded"
_VERSION = "1"
_LONGEST = 2000
"""Characters of a metadata value. They go into reports and onto terminals."""

_AGAIN = "Write it again with 'edgevit reparam'."


def save(model: FoldedModel, path: Path) -> str:
    """Write a folded network and return the file's sha256. See :func:`edgevit.weights.save_folded`."""
    spec, weights = model.spec, model.weights
    state = model.module.state_dict()
    metadata = {
        "format": _FORMAT,
        "format_version": _VERSION,
        "model": spec.name,
        "num_classes": str(spec.num_classes),
        "input_size": f"{spec.input_size[0]}x{spec.input_size[1]}",
        "output": _output(model),
        "tensors_sha256": state_digest(state),
        "weights_kind": weights.kind,
        "weights_source": weights.source,
        "weights_sha256": weights.sha256,
        "weights_licence": weights.licence,
        "weights_trained": str(weights.trained).lower(),
        "weights_note": " ".join(weights.note.split()),
    }
    data = write_safetensors(state, metadata)
    write_file_atomically(path, data)
    return hashlib.sha256(data).hexdigest()


def is_folded(checkpoint: Checkpoint) -> bool:
    """Return whether a file was written by :func:`save`."""
    return checkpoint.metadata.get("format") == _FORMAT


def load_folded(
    checkpoint: Checkpoint, name: str, num_classes: int | None, input_size: int | Size | None
) -> LoadedModel:
    """Return the network in a file of :func:`save`.

    Args:
        checkpoint: A file for which :func:`is_folded` holds.
        name: Model that was asked for.
        num_classes: Class count that was asked for, or None.
        input_size: Size that was asked for, or None.

    Raises:
        CheckpointCorruptError: The metadata are incomplete, or the tensors differ from their digest.
        KeyMismatchError: The file holds another model, class count or size than asked for.
    """
    about = _read_metadata(checkpoint)
    spec = _checked_spec(about, checkpoint.name, name, num_classes, input_size)
    if state_digest(checkpoint.tensors) != about.tensors_sha256:
        raise CheckpointCorruptError(
            f"'{checkpoint.name}' is damaged.", why="Its tensors differ from the digest in its metadata.", help=_AGAIN
        )
    module = _folded_structure(spec, about.output)
    load_into(module, checkpoint.tensors, spec, checkpoint.name)
    weights = WeightsInfo(
        kind="file",
        source=f"{checkpoint.name} (folded from {about.source})",
        sha256=checkpoint.sha256,
        licence=about.licence,
        trained=about.trained,
        note=about.note,
    )
    return LoadedModel(spec, module, Form.FOLDED, weights)


@dataclass(frozen=True, slots=True)
class _About:
    """The metadata of a folded file."""

    model: str
    num_classes: int
    input_size: Size
    output: Head
    tensors_sha256: str
    source: str
    licence: str
    trained: bool
    note: str


def _read_metadata(checkpoint: Checkpoint) -> _About:
    values: Mapping[str, str] = checkpoint.metadata
    try:
        if not all(value.isprintable() and len(value) <= _LONGEST for value in values.values()):
            raise ValueError("a text is too long, or cannot be printed")
        if values["format_version"] != _VERSION:
            raise ValueError(f"format version {values['format_version']} is unknown")
        height, width = values["input_size"].split("x")
        if not 1 <= int(values["num_classes"]) <= MAX_CLASSES:
            raise ValueError(f"{values['num_classes']} classes")
        return _About(
            model=values["model"],
            num_classes=int(values["num_classes"]),
            input_size=(int(height), int(width)),
            output=Head(values["output"]),
            tensors_sha256=values["tensors_sha256"],
            source=values["weights_source"],
            licence=values["weights_licence"],
            trained=values["weights_trained"] == "true",
            note=values["weights_note"],
        )
    except (KeyError, ValueError) as error:
        raise CheckpointCorruptError(
            f"The metadata of '{checkpoint.name}' cannot be used.", why=ascii(error)[:200], help=_AGAIN
        ) from error


def _checked_spec(
    about: _About, file: str, name: str, num_classes: int | None, input_size: int | Size | None
) -> ModelSpec:
    """Return the file's spec, if it is what was asked for."""
    asked = resolve(
        name,
        num_classes=about.num_classes if num_classes is None else num_classes,
        input_size=about.input_size if input_size is None else input_size,
    )
    differences = [
        f"{what}: the file has {theirs}, asked for was {ours}"
        for what, theirs, ours in (
            ("model", about.model, asked.name),
            ("classes", about.num_classes, asked.num_classes),
            ("input size", about.input_size, asked.input_size),
        )
        if theirs != ours
    ]
    if differences:
        raise KeyMismatchError(
            f"'{file}' was folded for something else.",
            why="\n".join(differences),
            help="Ask for what the file has, or fold the unfolded weights for what you need.",
        )
    return asked


def _folded_structure(spec: ModelSpec, output: Head) -> ImageNet:
    """Return a network of folded structure: what folding gives does not depend on the weights."""
    importlib.import_module(f"edgevit.reparam.{spec.family}")
    with torch.random.fork_rng(devices=[]):
        network = create(spec)
    network.output = output
    folded = fold(network)
    if not isinstance(folded, ImageNet):
        raise TypeError(f"folding turned {spec.name} into a {type(folded).__name__}")
    return folded.eval()


def _output(model: FoldedModel) -> str:
    output = getattr(model.module, "output", Head.LOGITS)
    return Head(output).value
