"""What a file that edgevit wrote says about itself: the model, and the outputs that PyTorch gave."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias, cast

from edgevit.errors import ArtifactCorruptError
from edgevit.types import Head, Precision, Preprocessing, Size

__all__ = [
    "GOLDEN_KEY",
    "MODEL_KEY",
    "Described",
    "Json",
    "ModelRecord",
    "malformed",
    "read_golden_text",
    "read_record",
]

MODEL_KEY = "com.edgevit.model"
"""User-defined metadata entry with the model's name, head, preprocessing and so on, as JSON text."""

GOLDEN_KEY = "com.edgevit.golden"
"""User-defined metadata entry with the golden outputs, as JSON text."""

Json: TypeAlias = "Mapping[str, object]"


class Described(Protocol):
    """A package or file with metadata."""

    @property
    def path(self) -> Path:
        """Return where it is."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """Return its metadata by name."""


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """The part of a file's own record that a check needs.

    Attributes:
        family: Decides the budgets.
        input_size: Height and width.
        is_quantized: Weights are codes of a scheme; golden outputs are those of PyTorch with the same codes.
        rounds_activations: Activations go through integers, too.
    """

    name: str
    family: str
    head: Head
    precision: Precision
    input_size: Size
    preprocessing: Preprocessing
    is_quantized: bool = False
    rounds_activations: bool = False


def read_record(file: Described) -> ModelRecord | None:
    """Return the record of a file, or None where edgevit did not write one.

    Raises:
        ArtifactCorruptError: There is one, but it is malformed.
    """
    text = file.metadata.get(MODEL_KEY)
    if text is None:
        return None
    try:
        return _record(json.loads(text))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise malformed(file, MODEL_KEY) from error


def read_golden_text(file: Described) -> Json | None:
    """Return the golden outputs of a file, or None where it carries none.

    Raises:
        ArtifactCorruptError: They are no JSON object.
    """
    text = file.metadata.get(GOLDEN_KEY)
    if text is None:
        return None
    try:
        golden = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise malformed(file, GOLDEN_KEY) from error
    if not isinstance(golden, dict):
        raise malformed(file, GOLDEN_KEY)
    return golden


def malformed(file: Described, key: str) -> ArtifactCorruptError:
    """Return the error for a metadata entry that cannot be used."""
    return ArtifactCorruptError(
        f"The entry '{key}' in the metadata of {file.path.name} is malformed.",
        help="It was changed after edgevit wrote it; build it again.",
    )


def _record(value: Json) -> ModelRecord:
    preprocessing = cast("Json", value["preprocessing"])
    quantization = cast("Json", value.get("quantization", {}))
    height, width = (_side(side) for side in cast("list[object]", value["input_size"]))
    return ModelRecord(
        name=str(value["name"]),
        family=str(value["family"]),
        head=Head(str(value["head"])),
        precision=Precision(str(value["precision"])),
        input_size=(height, width),
        preprocessing=Preprocessing(
            mean=_triple(preprocessing["mean"]),
            std=_triple(preprocessing["std"]),
            crop_pct=_share(preprocessing["crop_pct"]),
            interpolation=_interpolation(preprocessing["interpolation"]),
        ),
        is_quantized=bool(quantization),
        rounds_activations=quantization.get("rounds_activations") is True,
    )


def _side(value: object) -> int:
    if not isinstance(value, int) or not 1 <= value <= 4096:
        raise ValueError("a side is not 1 to 4096 pixels")
    return value


def _share(value: object) -> float:
    if not isinstance(value, float | int) or not 0.1 <= value <= 1.0:
        raise ValueError("crop_pct is not 0.1 to 1")
    return float(value)


def _triple(value: object) -> tuple[float, float, float]:
    red, green, blue = (float(number) for number in cast("list[float]", value))
    if min(red, green, blue) <= 0.0:
        raise ValueError("a mean or standard deviation is not positive")
    return red, green, blue


def _interpolation(value: object) -> str:
    if value not in ("bicubic", "bilinear"):
        raise ValueError("unknown interpolation")
    return str(value)
