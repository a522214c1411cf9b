"""Training checkpoints that say what they are: classes, input size, labels and licence in the file's metadata.

Half precision keeps the files small; what has one axis (norms, biases) stays in single precision, since running
variances span more than half precision holds, and together they are about a hundredth of the bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from edgevit.errors import CheckpointCorruptError, KeyMismatchError
from edgevit.labels.file import checked_labels
from edgevit.models.registry import MAX_CLASSES
from edgevit.store.publish import write_file_atomically
from edgevit.types import ModelSpec, Size
from edgevit.weights.checkpoint import Checkpoint
from edgevit.weights.safetensors_file import write_safetensors

__all__ = ["Description", "describe", "save"]

_FORMAT = "edgevit-training"
_VERSION = "1"
_LONGEST = 2000
"""Characters of a licence. It goes into reports and onto terminals."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a file says about its network.

    Attributes:
        model: Registry name.
        labels: In the order of the logits; empty where the file has none.
    """

    model: str
    num_classes: int
    input_size: Size
    licence: str
    labels: tuple[str, ...]

    def check_model(self, asked: str, file: str) -> None:
        """Return if the file is of the model that was asked for.

        Raises:
            KeyMismatchError: It is not.
        """
        if self.model != asked:
            raise KeyMismatchError(
                f"'{file}' holds another model.",
                why=f"It says that it is {self.model}; {asked} was asked for.",
                help=f"Ask for {self.model}.",
            )


def save(
    module: nn.Module, spec: ModelSpec, path: Path, *, labels: Sequence[str], licence: str, facts: Mapping[str, str]
) -> str:
    """Write a network in training form and return the file's sha256. See :func:`edgevit.weights.save_training`."""
    metadata = {
        **facts,
        "format": _FORMAT,
        "format_version": _VERSION,
        "model": spec.name,
        "num_classes": str(spec.num_classes),
        "input_size": f"{spec.input_size[0]}x{spec.input_size[1]}",
        "licence": licence,
        "labels": json.dumps(list(labels), ensure_ascii=False),
    }
    tensors = {name: _stored(value) for name, value in module.state_dict().items() if value.is_floating_point()}
    data = write_safetensors(tensors, metadata)
    write_file_atomically(path, data)
    return hashlib.sha256(data).hexdigest()


def describe(checkpoint: Checkpoint) -> Description | None:
    """Return what a file of :func:`save` says about itself, or None for any other file.

    Raises:
        CheckpointCorruptError: The metadata cannot be used.
        BadLabelsError: Labels that no app could show.
    """
    values = checkpoint.metadata
    if values.get("format") != _FORMAT:
        return None
    try:
        if values["format_version"] != _VERSION:
            raise ValueError(f"format version {values['format_version']} is unknown")
        licence = values["licence"]
        if not licence.isprintable() or len(licence) > _LONGEST:
            raise ValueError("the licence is too long, or cannot be printed")
        return Description(values["model"], _classes(values), _size(values), licence, _labels(values, checkpoint.name))
    except (KeyError, ValueError, RecursionError) as error:
        raise CheckpointCorruptError(
            f"The metadata of '{checkpoint.name}' cannot be used.",
            why=ascii(error)[:200],
            help="Write it again with edgevit.weights.save_training.",
        ) from error


def _classes(values: Mapping[str, str]) -> int:
    classes = int(values["num_classes"])
    if not 1 <= classes <= MAX_CLASSES:
        raise ValueError(f"{classes} classes")
    return classes


def _size(values: Mapping[str, str]) -> Size:
    height, width = values["input_size"].split("x")
    return int(height), int(width)


def _labels(values: Mapping[str, str], file: str) -> tuple[str, ...]:
    names = json.loads(values.get("labels", "[]"))
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("the labels are no list of names")
    if len(names) not in (0, _classes(values)):
        raise ValueError(f"{len(names)} labels for {_classes(values)} classes")
    return checked_labels(names, file)


def _stored(value: Tensor) -> Tensor:
    plain = value.detach().cpu()
    return plain.float() if plain.ndim <= 1 else plain.to(torch.float16)
