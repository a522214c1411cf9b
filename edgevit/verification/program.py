"""An ML Program as plain values: functions, operations, bindings and types, as the file declares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edgevit.errors import ArtifactCorruptError, UnsupportedError
from edgevit.verification.dtypes import MIL_TYPES
from edgevit.verification.wire import Message

__all__ = ["Binding", "Function", "Operation", "TypedName", "ValueType", "parse_function", "parse_type"]

MAX_ELEMENTS = 1 << 28
"""Largest tensor that is accepted: 2^28 elements, 1 GiB of float32, far above any map of the four families."""


@dataclass(frozen=True, slots=True)
class ValueType:
    """A declared type.

    Attributes:
        kind: ``tensor``, ``list``, ``tuple``, ``dictionary`` or ``state``.
        dtype: Element type of a tensor (``fp16``, ``int32``, ``string`` ...), else empty.
        shape: Dimensions of a tensor; -1 where unknown.
    """

    kind: str
    dtype: str = ""
    shape: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TypedName:
    """A value's name and its declared type."""

    name: str
    type: ValueType


@dataclass(frozen=True, slots=True)
class Binding:
    """One argument of an operation: the name of a value, or a value written in place."""

    name: str = ""
    value: Message | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        type: Operator name, for example ``conv``.
        name: The ``name`` attribute, or the first output's name where there is none.
        inputs: Parameter name -> bindings; all but the variadic parameters have one.
        outputs: Names and declared types of the results.
        attributes: Parameters stored as attributes (``val`` of ``const``, compression parameters before iOS 18).
    """

    type: str
    name: str
    inputs: Mapping[str, tuple[Binding, ...]]
    outputs: tuple[TypedName, ...]
    attributes: Mapping[str, Message]


@dataclass(frozen=True, slots=True)
class Function:
    """One function of a program: its inputs, the operations of its one block, and the names it returns."""

    name: str
    opset: str
    inputs: tuple[TypedName, ...]
    outputs: tuple[str, ...]
    operations: tuple[Operation, ...]

    def count_ops(self) -> dict[str, int]:
        """Return operator type -> how many, constants not counted, in the order of first use."""
        counts: dict[str, int] = {}
        for operation in self.operations:
            if operation.type != "const":
                counts[operation.type] = counts.get(operation.type, 0) + 1
        return counts


def parse_function(name: str, message: Message) -> Function:
    """Return the function that a decoded ``Function`` message describes.

    Raises:
        ArtifactCorruptError: Its block is missing or a declaration contradicts itself.
        UnsupportedError: It uses control flow.
    """
    opset = message.text("opset")
    block = message.message_map("blocks").get(opset)
    if block is None:
        raise _corrupt(f"function '{name}' has no block for its opset '{opset}'")
    return Function(
        name=name,
        opset=opset,
        inputs=tuple(_typed_name(value) for value in message.messages("inputs")),
        outputs=tuple(block.texts("outputs")),
        operations=tuple(_operation(value) for value in block.messages("operations")),
    )


def parse_type(message: Message) -> ValueType:
    """Return the type that a decoded ``ValueType`` message declares.

    Raises:
        ArtifactCorruptError: There is no type, its rank contradicts its dimensions, or it is impossibly large.
        UnsupportedError: The element type is not known.
    """
    if message.has("tensor"):
        return _tensor_type(message.message("tensor"))
    for kind in ("list", "tuple", "dictionary", "state"):
        if message.has(kind):
            return ValueType(kind)
    raise _corrupt("a value has no type")


def _tensor_type(message: Message) -> ValueType:
    number = message.integer("data_type")
    if number not in MIL_TYPES:
        raise UnsupportedError(
            f"The model uses element type {number} of MIL, which edgevit's reader does not know.",
            help="Convert the model with one of edgevit's own formats.",
        )
    shape = tuple(_dimension(value) for value in message.messages("dimensions"))
    if message.integer("rank") != len(shape):
        raise _corrupt(f"a tensor of rank {message.integer('rank')} has {len(shape)} dimensions")
    elements = 1
    for size in shape:
        elements *= max(size, 1)
    if elements > MAX_ELEMENTS:
        raise _corrupt(f"a tensor has {elements} elements")
    return ValueType("tensor", MIL_TYPES[number], shape)


def _dimension(message: Message) -> int:
    if not message.has("constant"):
        return -1
    size = message.message("constant").integer("size")
    if size < 0:
        raise _corrupt(f"a dimension is {size}")
    return size


def _typed_name(message: Message) -> TypedName:
    return TypedName(message.text("name"), parse_type(message.message("type")))


def _operation(message: Message) -> Operation:
    kind = message.text("type")
    if message.messages("blocks"):
        raise UnsupportedError(
            f"The model uses control flow ('{kind}'), which edgevit's evaluator does not run.",
            help="The four families need none; convert without loops and conditions.",
        )
    outputs = tuple(_typed_name(value) for value in message.messages("outputs"))
    if not outputs:
        raise _corrupt(f"an operation '{kind}' has no output")
    attributes = message.message_map("attributes")
    return Operation(
        type=kind,
        name=_name_attribute(attributes) or outputs[0].name,
        inputs={key: _bindings(value) for key, value in message.message_map("inputs").items()},
        outputs=outputs,
        attributes={key: value for key, value in attributes.items() if key != "name"},
    )


def _name_attribute(attributes: Mapping[str, Message]) -> str:
    value = attributes.get("name")
    texts = value.message("immediate").message("tensor").message("strings").texts("values") if value else []
    return texts[0] if texts else ""


def _bindings(message: Message) -> tuple[Binding, ...]:
    return tuple(
        Binding(value=value.message("value")) if value.has("value") else Binding(name=value.text("name"))
        for value in message.messages("bindings")
    )


def _corrupt(why: str) -> ArtifactCorruptError:
    return ArtifactCorruptError(
        "The Core ML program contradicts itself.",
        why=f"{why[0].upper()}{why[1:]}.",
        help="The file is damaged or was not written by a Core ML converter; convert the model again.",
    )
