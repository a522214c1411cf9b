"""The parts of Core ML's protobuf schema that an ML Program uses, as one table.

Field numbers and types are those of ``Model.proto``, ``FeatureTypes.proto`` and ``MIL.proto`` of the Core ML Model
Format Specification (https://apple.github.io/coremltools/mlmodel/). Every field of the MIL messages is listed, so
that a field which is not here means a newer format, or damage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

__all__ = ["SCHEMA", "Field", "Kind"]


class Kind(StrEnum):
    """How a field is stored on the wire, and what it becomes."""

    INT = auto()
    TEXT = auto()
    BYTES = auto()
    MESSAGE = auto()
    INTS = auto()
    TEXTS = auto()
    MESSAGES = auto()
    FLOATS = auto()
    DOUBLES = auto()
    TEXT_MAP = auto()
    MESSAGE_MAP = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: its name, its kind, and the name of the message it holds, if any."""

    name: str
    kind: Kind
    message: str = ""


def _int(name: str) -> Field:
    return Field(name, Kind.INT)


def _ints(name: str) -> Field:
    return Field(name, Kind.INTS)


def _text(name: str) -> Field:
    return Field(name, Kind.TEXT)


def _one(name: str, message: str) -> Field:
    return Field(name, Kind.MESSAGE, message)


def _many(name: str, message: str) -> Field:
    return Field(name, Kind.MESSAGES, message)


def _map(name: str, message: str) -> Field:
    return Field(name, Kind.MESSAGE_MAP, message)


_OTHER_MODELS = (
    *(200, 201, 202, 300, 301, 302, 303, 304, 400, 401, 402, 403, 404, 500, 501, 555, 556, 560),
    *(600, 601, 602, 603, 604, 606, 607, 609, 610, 900, 2000, 2001, 2002, 2003, 2004, 2005, 2006, 3000),
)
"""Fields of ``Model`` that hold models of other kinds; they are not looked into."""

_DESCRIPTION: dict[str, dict[int, Field]] = {
    "Model": {
        **{number: Field("other_model", Kind.BYTES) for number in _OTHER_MODELS},
        1: _int("specification_version"),
        2: _one("description", "ModelDescription"),
        10: _int("is_updatable"),
        502: _one("ml_program", "Program"),
    },
    "ModelDescription": {
        1: _many("input", "FeatureDescription"),
        10: _many("output", "FeatureDescription"),
        11: _text("predicted_feature_name"),
        12: _text("predicted_probabilities_name"),
        13: _many("state", "FeatureDescription"),
        20: _many("functions", "FunctionDescription"),
        21: _text("default_function_name"),
        50: _many("training_input", "FeatureDescription"),
        100: _one("metadata", "Metadata"),
    },
    "FunctionDescription": {
        1: _text("name"),
        2: _many("input", "FeatureDescription"),
        3: _many("output", "FeatureDescription"),
        4: _text("predicted_feature_name"),
        5: _text("predicted_probabilities_name"),
        6: _many("state", "FeatureDescription"),
    },
    "Metadata": {
        1: _text("short_description"),
        2: _text("version"),
        3: _text("author"),
        4: _text("license"),
        100: Field("user_defined", Kind.TEXT_MAP),
    },
    "FeatureDescription": {1: _text("name"), 2: _text("short_description"), 3: _one("type", "FeatureType")},
    "FeatureType": {
        1: _one("int64", "Empty"),
        2: _one("double", "Empty"),
        3: _one("string", "Empty"),
        4: _one("image", "ImageFeatureType"),
        5: _one("multi_array", "ArrayFeatureType"),
        6: _one("dictionary", "DictionaryFeatureType"),
        7: _one("sequence", "SequenceFeatureType"),
        8: _one("state", "StateFeatureType"),
        1000: _int("is_optional"),
    },
    "Empty": {},
    "ImageFeatureType": {
        1: _int("width"),
        2: _int("height"),
        3: _int("color_space"),
        21: _one("enumerated_sizes", "EnumeratedImageSizes"),
        31: _one("size_range", "ImageSizeRange"),
    },
    "EnumeratedImageSizes": {1: _many("sizes", "ImageSize")},
    "ImageSize": {1: _int("width"), 2: _int("height")},
    "ImageSizeRange": {1: _one("width", "SizeRange"), 2: _one("height", "SizeRange")},
    "SizeRange": {1: _int("lower"), 2: _int("upper")},
    "ArrayFeatureType": {
        1: _ints("shape"),
        2: _int("data_type"),
        21: _one("enumerated_shapes", "EnumeratedShapes"),
        31: _one("shape_range", "ShapeRange"),
        41: _int("int_default"),
        51: Field("float_default", Kind.FLOATS),
        61: Field("double_default", Kind.DOUBLES),
    },
    "EnumeratedShapes": {1: _many("shapes", "Shape")},
    "Shape": {1: _ints("shape")},
    "ShapeRange": {1: _many("sizes", "SizeRange")},
    "DictionaryFeatureType": {1: _one("int64_key", "Empty"), 2: _one("string_key", "Empty")},
    "SequenceFeatureType": {1: _one("int64", "Empty"), 3: _one("string", "Empty"), 101: _one("size", "SizeRange")},
    "StateFeatureType": {1: _one("array", "ArrayFeatureType")},
}

_PROGRAM: dict[str, dict[int, Field]] = {
    "Program": {
        1: _int("version"),
        2: _map("functions", "Function"),
        3: _text("doc"),
        4: _map("attributes", "Value"),
    },
    "Function": {
        1: _many("inputs", "NamedValueType"),
        2: _text("opset"),
        3: _map("blocks", "Block"),
        4: _map("attributes", "Value"),
    },
    "Block": {
        1: _many("inputs", "NamedValueType"),
        2: Field("outputs", Kind.TEXTS),
        3: _many("operations", "Operation"),
        4: _map("attributes", "Value"),
    },
    "Operation": {
        1: _text("type"),
        2: _map("inputs", "Argument"),
        3: _many("outputs", "NamedValueType"),
        4: _many("blocks", "Block"),
        5: _map("attributes", "Value"),
    },
    "Argument": {1: _many("bindings", "Binding")},
    "Binding": {1: _text("name"), 2: _one("value", "Value")},
    "NamedValueType": {1: _text("name"), 2: _one("type", "ValueType")},
}

_TYPES: dict[str, dict[int, Field]] = {
    "ValueType": {
        1: _one("tensor", "TensorType"),
        2: _one("list", "ListType"),
        3: _one("tuple", "TupleType"),
        4: _one("dictionary", "DictionaryType"),
        5: _one("state", "StateType"),
    },
    "TensorType": {
        1: _int("data_type"),
        2: _int("rank"),
        3: _many("dimensions", "Dimension"),
        4: _map("attributes", "Value"),
    },
    "TupleType": {1: _many("types", "ValueType")},
    "ListType": {1: _one("type", "ValueType"), 2: _one("length", "Dimension")},
    "DictionaryType": {1: _one("key", "ValueType"), 2: _one("value", "ValueType")},
    "StateType": {1: _one("wrapped", "ValueType")},
    "Dimension": {1: _one("constant", "ConstantDimension"), 2: _one("unknown", "UnknownDimension")},
    "ConstantDimension": {1: _int("size")},
    "UnknownDimension": {1: _int("variadic")},
}

_VALUES: dict[str, dict[int, Field]] = {
    "Value": {
        1: _text("doc"),
        2: _one("type", "ValueType"),
        3: _one("immediate", "ImmediateValue"),
        5: _one("blob", "BlobFileValue"),
    },
    "ImmediateValue": {
        1: _one("tensor", "TensorValue"),
        2: _one("tuple", "Values"),
        3: _one("list", "Values"),
        4: _one("dictionary", "DictionaryValue"),
    },
    "BlobFileValue": {1: _text("file"), 2: _int("offset")},
    "Values": {1: _many("values", "Value")},
    "DictionaryValue": {1: _many("values", "KeyValuePair")},
    "KeyValuePair": {1: _one("key", "Value"), 2: _one("value", "Value")},
    "TensorValue": {
        1: _one("floats", "Floats"),
        2: _one("ints", "Ints"),
        3: _one("bools", "Ints"),
        4: _one("strings", "Strings"),
        5: _one("longs", "Ints"),
        6: _one("doubles", "Doubles"),
        7: _one("bytes", "Bytes"),
    },
    "Floats": {1: Field("values", Kind.FLOATS)},
    "Doubles": {1: Field("values", Kind.DOUBLES)},
    "Ints": {1: _ints("values")},
    "Strings": {1: Field("values", Kind.TEXTS)},
    "Bytes": {1: Field("values", Kind.BYTES)},
}

SCHEMA: Mapping[str, Mapping[int, Field]] = {**_DESCRIPTION, **_PROGRAM, **_TYPES, **_VALUES}
"""Message name -> field number -> field."""
