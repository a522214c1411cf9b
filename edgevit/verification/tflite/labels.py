"""The labels of a file, as readers of TFLite Metadata find them: an associated file of the first output."""

from __future__ import annotations

import zipfile

from edgevit.errors import ArtifactCorruptError
from edgevit.store.diskerrors import reading
from edgevit.verification.tflite.flatbuffer import DamagedFlatbuffer, Table, read_root
from edgevit.verification.tflite.model import TFLiteModel

__all__ = ["read_labels"]

_METADATA = "TFLITE_METADATA"
_IDENTIFIER = b"M001"
_TENSOR_AXIS_LABELS = 2
_MAX_BYTES = 32 << 20


def read_labels(model: TFLiteModel) -> tuple[str, ...]:
    """Return the labels in the order of the classes; empty where the file names none.

    Raises:
        ArtifactCorruptError: The metadata or the archive behind the model is damaged.
    """
    content = model.buffers.get(_METADATA)
    if content is None:
        return ()
    try:
        name = _labels_name(read_root(content, _IDENTIFIER))
        return () if name is None else tuple(_member(model, name).decode().splitlines())
    except (DamagedFlatbuffer, KeyError, RuntimeError, ValueError, zipfile.BadZipFile) as error:
        raise ArtifactCorruptError(
            f"The labels in '{model.path}' cannot be read.", why=f"{error}.", help="Build it again, or copy it again."
        ) from error


def _labels_name(root: Table) -> str | None:
    """Return the name of the associated file with labels of the first output."""
    for graph in root.tables(3)[:1]:
        for output in graph.tables(3)[:1]:
            for file in output.tables(6):
                if file.integer(2, "b") == _TENSOR_AXIS_LABELS:
                    return file.text(0)
    return None


def _member(model: TFLiteModel, name: str) -> bytes:
    with reading(model.path), zipfile.ZipFile(model.path) as archive, archive.open(name) as stream:
        content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise ValueError("they are larger than 32 MiB")
    return content
