"""What other tools read in a file: TFLite Metadata, with the labels as an associated file.

Android Studio and the Task and Metadata libraries look for a buffer ``TFLITE_METADATA``, a flatbuffer of its own, and
for files that are appended to the model as a ZIP archive. Field numbers are those of ``metadata_schema.fbs`` in
tflite-support, https://github.com/tensorflow/tflite-support; every field used here exists since its version 1.0.0.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import flatbuffers

from edgevit.backends.record import summary
from edgevit.types import AdaptedModel, Head

if TYPE_CHECKING:
    from edgevit.backends.base import ConversionRequest

__all__ = ["LABELS_NAME", "METADATA_NAME", "attach_labels", "describe"]

METADATA_NAME = "TFLITE_METADATA"
"""Name of the metadata buffer that the readers look for."""

LABELS_NAME = "labels.txt"
"""Name of the associated file: one label a line, UTF-8, in the order of the classes."""

_IDENTIFIER = b"M001"
_PARSER_VERSION = "1.0.0"
_RGB = 1
_TENSOR_AXIS_LABELS = 2
_FEATURE, _IMAGE = 1, 2
"""Members of the union ``ContentProperties``."""

_NORMALIZATION = 1
"""Member of the union ``ProcessUnitOptions``."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every archive member: the first that ZIP knows, so that bytes do not depend on the day."""

_OUTPUT_TEXTS: Mapping[Head, str] = {
    Head.LOGITS: "Scores of the {classes} classes before softmax.",
    Head.PROBABILITIES: "Probabilities of the {classes} classes; they sum to 1.",
    Head.EMBEDDING: "Pooled features, which the classifier would read.",
    Head.FEATURES: "Feature map (1, height, width, channels), for dense tasks.",
}


@dataclass(frozen=True, slots=True)
class _Byte:
    """A scalar of one byte: an enumeration or the type of a union."""

    value: int


@dataclass(frozen=True, slots=True)
class _Uint:
    """A scalar of four bytes."""

    value: int


_Floats = tuple[float, ...]
_Table = Mapping[int, "_Node"]
_Node = _Byte | _Uint | str | _Floats | _Table | Sequence[_Table]
"""Field number -> value: what a flatbuffer table holds."""


def describe(model: AdaptedModel, request: ConversionRequest, labels: Sequence[str]) -> bytes:
    """Return the content of the metadata buffer.

    The image needs no normalization outside, which readers are told as mean 0 and standard deviation 1.

    Args:
        model: What the file holds.
        request: Names, licence, author and version.
        labels: Names of the classes, attached by :func:`attach_labels`; empty where there are none.
    """
    root: _Table = {
        0: model.spec.title,
        1: request.description or summary(model),
        2: request.version,
        3: [{2: [_image(model, request)], 3: [_output(model, name, labels) for name in model.output_names]}],
        4: request.author or f"Converted by edgevit. Architecture: {model.spec.paper}",
        5: request.licence or model.weights.licence or model.spec.licence,
        7: _PARSER_VERSION,
    }
    builder = flatbuffers.Builder(1024)
    builder.Finish(_write(builder, root), _IDENTIFIER)
    return bytes(builder.Output())


def attach_labels(content: bytes, labels: Sequence[str]) -> bytes:
    """Return a model with the labels appended as a ZIP archive; runtimes do not look behind the flatbuffer."""
    if not labels:
        return content
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        member = zipfile.ZipInfo(LABELS_NAME, _EPOCH)
        member.create_system, member.external_attr = 3, 0o644 << 16
        archive.writestr(member, "".join(f"{label}\n" for label in labels).encode())
    return stream.getvalue()


def _image(model: AdaptedModel, request: ConversionRequest) -> _Table:
    height, width = model.spec.input_size
    what = "RGB image" if request.batch == 1 else f"{request.batch} RGB images"
    kind = request.input_type.value
    return {
        0: request.input_name,
        1: f"{what} of {width} x {height} pixels, 0 to 255 as {kind}; normalization happens inside the model.",
        3: {0: _Byte(_IMAGE), 1: {0: _Byte(_RGB), 1: {0: _Uint(width), 1: _Uint(height)}}},
        4: [{0: _Byte(_NORMALIZATION), 1: {0: (0.0,), 1: (1.0,)}}],
    }


def _output(model: AdaptedModel, name: str, labels: Sequence[str]) -> _Table:
    tensor: dict[int, _Node] = {
        0: name,
        1: _OUTPUT_TEXTS[model.head].format(classes=model.spec.num_classes),
        3: {0: _Byte(_FEATURE), 1: {}},
    }
    if labels:
        description = "Names of the classes in the order of the output."
        tensor[6] = [{0: LABELS_NAME, 1: description, 2: _Byte(_TENSOR_AXIS_LABELS)}]
    return tensor


def _write(builder: flatbuffers.Builder, table: _Table) -> int:
    """Write a table, what it refers to first, and return its offset."""
    offsets = {field: _write_value(builder, value) for field, value in table.items()}
    builder.StartObject(max(table, default=-1) + 1)
    for field, value in table.items():
        if isinstance(value, _Byte):
            builder.PrependUint8Slot(field, value.value, 0)
        elif isinstance(value, _Uint):
            builder.PrependUint32Slot(field, value.value, 0)
        else:
            builder.PrependUOffsetTRelativeSlot(field, offsets[field], 0)
    return int(builder.EndObject())


def _write_value(builder: flatbuffers.Builder, value: _Node) -> int:
    """Write what lies outside its table and return its offset; 0 for scalars."""
    if isinstance(value, _Byte | _Uint):
        return 0
    if isinstance(value, str):
        return int(builder.CreateString(value))
    if isinstance(value, Mapping):
        return _write(builder, value)
    items = [item if isinstance(item, float) else _write(builder, item) for item in value]
    builder.StartVector(4, len(items), 4)
    for item in reversed(items):
        if isinstance(item, float):
            builder.PrependFloat32(item)
        else:
            builder.PrependUOffsetTRelative(item)
    return int(builder.EndVector())
