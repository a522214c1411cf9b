"""The ``.mlpackage`` folder: written with the same bytes every time, and read back for counting."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from edgevit.backends.coreml.toolchain import preload
from edgevit.errors import InputError
from edgevit.store.diskerrors import reading

if TYPE_CHECKING:
    from coremltools.proto.Model_pb2 import Model

__all__ = ["count_ops", "histogram", "weights_folder", "write_package"]

_DATA = "com.apple.CoreML"
_MODEL_ITEM = f"{_DATA}/model.mlmodel"
_WEIGHTS_ITEM = f"{_DATA}/weights"
_DESCRIPTIONS = {_MODEL_ITEM: "CoreML Model Specification", _WEIGHTS_ITEM: "CoreML Model Weights"}
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://developer.apple.com/documentation/coreml/mlpackage")


def weights_folder(package: Path) -> Path:
    """Create the folders of a new package and return the one for weights."""
    folder = package / "Data" / _WEIGHTS_ITEM
    folder.mkdir(parents=True)
    return folder


def write_package(package: Path, model: Model) -> None:
    """Complete a package whose weights are written: the model, the manifest, and readable file modes.

    The identifiers in the manifest are drawn from names and contents instead of at random, and maps are serialized
    in the order of their keys.
    """
    (package / "Data" / _MODEL_ITEM).write_bytes(model.SerializeToString(deterministic=True))
    items = [_MODEL_ITEM]
    weights = package / "Data" / _WEIGHTS_ITEM
    if any(weights.iterdir()):
        items.append(_WEIGHTS_ITEM)
    else:
        weights.rmdir()
    (package / "Manifest.json").write_text(_manifest(package, items), encoding="utf-8")
    for path in [package, *package.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def _manifest(package: Path, items: list[str]) -> str:
    identifiers = {item: _identifier(package, item) for item in items}
    entries = {
        identifiers[item]: {
            "author": _DATA,
            "description": _DESCRIPTIONS[item],
            "name": item.rpartition("/")[2],
            "path": item,
        }
        for item in items
    }
    manifest = {
        "fileFormatVersion": "1.0.0",
        "itemInfoEntries": entries,
        "rootModelIdentifier": identifiers[_MODEL_ITEM],
    }
    return json.dumps(manifest, indent=4, sort_keys=True) + "\n"


def _identifier(package: Path, item: str) -> str:
    root = package / "Data" / item
    files = sorted(root.rglob("*")) if root.is_dir() else [root]
    digest = hashlib.sha256(item.encode())
    for file in files:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return str(uuid.uuid5(_NAMESPACE, digest.hexdigest()))


def count_ops(path: Path) -> Mapping[str, int]:
    """Return operator type -> how many in the ML Program at ``path``, constants not counted, sorted by name.

    Raises:
        InputError: The package cannot be read or holds no ML Program.
        ToolMissingError: coremltools is not installed.
    """
    preload()
    from coremltools.proto.Model_pb2 import Model
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    model = Model()
    file = path / "Data" / _MODEL_ITEM
    with reading(file):
        data = file.read_bytes()
    try:
        model.ParseFromString(data)
    except DecodeError as error:
        raise InputError(f"'{file}' is no Core ML model.", why=str(error), help="Build the package again.") from error
    if not model.mlProgram.functions:
        raise InputError(f"'{path}' holds no ML Program.", help="Only ML Programs have operators to count.")
    return histogram(model)


def histogram(model: Model) -> dict[str, int]:
    """Return operator type -> how many over all functions, constants not counted, sorted by name."""
    counts: Counter[str] = Counter()
    for function in model.mlProgram.functions.values():
        for block in function.block_specializations.values():
            counts.update(op.type for op in block.operations if op.type != "const")
    return dict(sorted(counts.items()))
