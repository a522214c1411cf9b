"""Core ML packages (``.mlpackage`` folders) as they lie on disk, read without coremltools.

The folder layout is that of ``ModelPackage`` in coremltools' ``modelpackage``: ``Manifest.json`` names the root item
below ``Data``; its weights lie beside it and are referred to as ``@model_path/...``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from edgevit.errors import ArtifactCorruptError, InputError, UnsafeInputError, UnsupportedError
from edgevit.verification.blob import WeightFile
from edgevit.verification.program import Function, parse_function
from edgevit.verification.wire import Message, decode

__all__ = ["Feature", "Package", "read_package"]

_MAX_MODEL_BYTES = 256 << 20
_MAX_MANIFEST_BYTES = 1 << 20
_MINIMUM_IOS = {6: "iOS 15", 7: "iOS 16", 8: "iOS 17", 9: "iOS 18", 10: "iOS 26"}
_COLOUR_SPACES = {10: "grayscale", 20: "rgb", 30: "bgr", 40: "grayscale-fp16"}


@dataclass(frozen=True, slots=True)
class Feature:
    """One input or output as apps see it.

    Attributes:
        kind: ``image``, ``multi_array``, ``dictionary``, ``string``, ``int64``, ``double``, ``sequence`` or ``state``.
        shape: (height, width) of an image, the dimensions of an array, else empty.
        colour_space: ``rgb``, ``bgr`` or a grayscale one for images, else empty.
    """

    name: str
    kind: str
    shape: tuple[int, ...] = ()
    colour_space: str = ""
    description: str = ""


@dataclass(frozen=True)
class Package:
    """A decoded package; weights stay on disk until an array is asked for.

    Attributes:
        path: The package folder.
        model_path: The model file inside it.
        specification_version: 6 (iOS 15) and up for ML Programs.
        predicted_feature_name: Output that holds the label, empty when it is no classifier.
        metadata: Author, licence and so on, and user-defined keys.
        functions: By name.
        default_function: The one that apps call.
    """

    path: Path
    model_path: Path
    specification_version: int
    inputs: tuple[Feature, ...]
    outputs: tuple[Feature, ...]
    predicted_feature_name: str
    predicted_probabilities_name: str
    author: str
    licence: str
    short_description: str
    version: str
    metadata: Mapping[str, str]
    functions: Mapping[str, Function]
    default_function: str
    _weights: dict[str, WeightFile] = field(default_factory=dict, repr=False, compare=False)

    @property
    def minimum_os(self) -> str:
        """Return the oldest iOS that loads this specification version, for example ``iOS 16``."""
        return _MINIMUM_IOS.get(self.specification_version, f"specification version {self.specification_version}")

    @property
    def main(self) -> Function:
        """Return the function that apps call by default."""
        return self.functions[self.default_function]

    def weight_file(self, reference: str) -> WeightFile:
        """Return the weight file that the program calls ``@model_path/...``.

        Raises:
            UnsafeInputError: The reference leaves the package.
            ArtifactCorruptError: The file is missing or damaged.
        """
        if reference not in self._weights:
            relative = reference.removeprefix("@model_path/")
            path = _inside(self.path, self.model_path.parent, relative)
            self._weights[reference] = WeightFile(path)
        return self._weights[reference]


def read_package(path: Path | str) -> Package:
    """Return the package at ``path``: program, description and metadata, without loading weights.

    Raises:
        InputError: There is no such folder.
        ArtifactCorruptError: A part is missing, truncated or damaged.
        UnsafeInputError: A path inside the package leads out of it.
        UnsupportedError: The model is not an ML Program, or is newer than this reader.
    """
    path = Path(path)
    if not path.is_dir():
        raise InputError(
            f"There is no Core ML package at {path.name or path}.", help="Give the path of a .mlpackage folder."
        )
    model_path = _inside(path, path / "Data", _root_item(path))
    model = decode(_read(model_path, _MAX_MODEL_BYTES), "Model")
    if not model.has("ml_program"):
        raise UnsupportedError(
            f"{path.name} does not hold an ML Program.",
            why="edgevit reads the format of iOS 15 and later, not the older neural-network and pipeline formats.",
            help="Convert the model with edgevit build.",
        )
    return _package(path, model_path, model)


def _package(path: Path, model_path: Path, model: Message) -> Package:
    description, program = model.message("description"), model.message("ml_program")
    functions = {name: parse_function(name, value) for name, value in program.message_map("functions").items()}
    default = description.text("default_function_name") or "main"
    if default not in functions:
        raise _corrupt(path, f"the program has no function '{default}'")
    metadata = description.message("metadata")
    return Package(
        path=path,
        model_path=model_path,
        specification_version=model.integer("specification_version"),
        inputs=tuple(_feature(value) for value in _io(description, default, "input")),
        outputs=tuple(_feature(value) for value in _io(description, default, "output")),
        predicted_feature_name=description.text("predicted_feature_name"),
        predicted_probabilities_name=description.text("predicted_probabilities_name"),
        author=metadata.text("author"),
        licence=metadata.text("license"),
        short_description=metadata.text("short_description"),
        version=metadata.text("version"),
        metadata=metadata.text_map("user_defined"),
        functions=functions,
        default_function=default,
    )


def _io(description: Message, function: str, side: str) -> list[Message]:
    """Return the features of the default function; multi-function models describe each function apart."""
    for candidate in description.messages("functions"):
        if candidate.text("name") == function:
            return candidate.messages(side)
    return description.messages(side)


def _feature(message: Message) -> Feature:
    kinds = message.message("type")
    kind = next((name for name in _FEATURE_KINDS if kinds.has(name)), "unknown")
    value = kinds.message(kind)
    shape: tuple[int, ...] = ()
    if kind == "image":
        shape = (value.integer("height"), value.integer("width"))
    elif kind == "multi_array":
        shape = tuple(value.integers("shape"))
    return Feature(
        name=message.text("name"),
        kind=kind,
        shape=shape,
        colour_space=_COLOUR_SPACES.get(value.integer("color_space"), "") if kind == "image" else "",
        description=message.text("short_description"),
    )


_FEATURE_KINDS = ("image", "multi_array", "dictionary", "string", "int64", "double", "sequence", "state")


def _root_item(path: Path) -> str:
    """Return the path of the root item, relative to ``Data``, that the manifest names."""
    try:
        manifest = json.loads(_read(path / "Manifest.json", _MAX_MANIFEST_BYTES))
        item = manifest["itemInfoEntries"][manifest["rootModelIdentifier"]]["path"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _corrupt(path, "Manifest.json does not name a root model") from error
    if not isinstance(item, str):
        raise _corrupt(path, "Manifest.json does not name a root model")
    return item


def _inside(package: Path, base: Path, relative: str) -> Path:
    """Return ``base / relative`` after making sure that it stays in the package, symbolic links resolved."""
    pure = PurePosixPath(relative)
    if not relative or "\0" in relative or pure.is_absolute() or ".." in pure.parts:
        raise _escape(package, relative)
    path = base.joinpath(*pure.parts)
    try:
        resolved, root = path.resolve(), package.resolve()
    except (OSError, RuntimeError) as error:
        raise _corrupt(package, f"the path {relative!r} cannot be resolved") from error
    if not resolved.is_relative_to(root):
        raise _escape(package, relative)
    return resolved


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise ArtifactCorruptError(
            f"{path.name} of the Core ML package cannot be read.",
            why=f"{error.strerror}.",
            help="The package is incomplete; copy or convert it again.",
        ) from error
    if len(data) > limit:
        raise _corrupt(path, f"it is larger than {limit >> 20} MiB")
    return data


def _corrupt(path: Path, why: str) -> ArtifactCorruptError:
    return ArtifactCorruptError(
        f"{path.name} cannot be read.",
        why=f"{why[0].upper()}{why[1:]}.",
        help="The package is damaged or incomplete; copy or convert it again.",
    )


def _escape(package: Path, relative: str) -> UnsafeInputError:
    return UnsafeInputError(
        f"{package.name} refers to a file outside itself.",
        why=f"The path is {relative!r}.",
        help="Do not use this package; it was not written by a Core ML converter.",
    )
