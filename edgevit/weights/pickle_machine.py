"""The pickle stream of a torch checkpoint, read as data.

A pickle is a program for a small stack machine. Python's own machine, and torch's ``weights_only`` one, import and
call what the program names, minus what they know to be harmful. This one has no instruction that could import or call:
names stay names, tensors become :class:`TensorRecord`, anything else that the program would construct becomes
:data:`OPAQUE`. So its safety rests neither on a list of known attacks nor on the torch release that is installed
(CVE-2025-32434 and CVE-2026-24747 were holes in ``weights_only``). What the program names is checked all the same:
a name beyond those that training scripts need means a file that should not be trusted.
"""

from __future__ import annotations

import pickletools
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from edgevit.errors import CheckpointCorruptError, UnsafeInputError, listed

__all__ = ["OPAQUE", "Opaque", "StorageRecord", "TensorRecord", "read_pickle"]

MAX_BYTES = 4 * 2**20
"""Longest stream. A training checkpoint with optimizer and averaged weights takes about 1 MiB."""


@dataclass(frozen=True, slots=True)
class StorageRecord:
    """Where a tensor's elements are: archive member ``data/<key>``.

    Attributes:
        type_name: torch's storage class, for example ``FloatStorage``.
        key: Name of the member.
        length: Number of elements.
    """

    type_name: str
    key: str
    length: int


@dataclass(frozen=True, slots=True)
class TensorRecord:
    """A tensor as the stream describes it; ``offset`` and ``strides`` count elements. Nothing is checked yet."""

    storage: StorageRecord
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class Opaque:
    """Stands for every object whose content edgevit has no use for."""

    __slots__ = ()


OPAQUE = Opaque()


@dataclass(frozen=True, slots=True)
class _Name:
    """A global that the stream names: ``module.attribute``, never resolved."""

    text: str


_STORAGE_TYPES = frozenset(
    f"torch.{kind}Storage"
    for kind in ("Double", "Float", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool", "Untyped")
) | {"torch.storage.UntypedStorage"}

# Official FastViT, EfficientViT and Next-ViT training checkpoints carry their argparse.Namespace, and training loops
# save numpy scalars, paths and dates beside the weights. Refusing such files would lock users out of exactly the
# checkpoints they own; accepting the names costs nothing, because here they stand for no code at all.
_INERT = frozenset(
    {
        "argparse.Namespace",
        "types.SimpleNamespace",
        "collections.OrderedDict",
        "collections.defaultdict",
        "collections.Counter",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_tensor_v3",
        "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_parameter_with_state",
        "torch.nn.parameter.Parameter",
        "torch.Size",
        "torch.device",
        "torch.serialization._get_layout",
        *(f"torch.{name}" for name in ("float64", "float32", "float16", "bfloat16", "int64", "int32", "uint8", "bool")),
        "_codecs.encode",
        "numpy.dtype",
        "numpy.ndarray",
        *(f"numpy.{name}64" for name in ("float", "int")),
        *(f"numpy.{name}32" for name in ("float", "int")),
        *(f"numpy.{core}.multiarray.{name}" for core in ("core", "_core") for name in ("scalar", "_reconstruct")),
        *(f"pathlib.{name}" for name in ("Path", "PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath")),
        *(f"datetime.{name}" for name in ("datetime", "date", "time", "timedelta", "timezone")),
        *(
            f"{module}.{name}"
            for module in ("builtins", "__builtin__")
            for name in ("set", "frozenset", "dict", "list", "tuple", "int", "float", "complex", "bool", "str", "bytes")
        ),
    }
)

_RESAVE = (
    "Do not load this file with other tools. If you trust its owner, ask for safetensors, or re-save the bare "
    "state dict where the file was made: torch.save(model.state_dict(), 'weights.pth')."
)


def read_pickle(data: bytes) -> object:
    """Return what a checkpoint's pickle stream describes, as dicts, lists, numbers, texts and records.

    Args:
        data: The stream, protocol 2 to 5, at most 4 MiB.

    Raises:
        UnsafeInputError: The stream names something beyond tensors and plain values, or is too long. All names are
            listed.
        CheckpointCorruptError: The stream is no valid pickle.
    """
    if len(data) > MAX_BYTES:
        raise UnsafeInputError(
            f"The checkpoint's object list takes {len(data)} bytes; {MAX_BYTES} are allowed.", help=_RESAVE
        )
    machine = _Machine()
    try:
        value = _run(machine, data)
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, struct.error) as error:
        _refuse_names(machine)
        raise CheckpointCorruptError(
            "The checkpoint's object list is damaged.",
            why=f"Its pickle stream cannot be read: {ascii(error)[:200]}.",
            help="Fetch the file again and compare its sha256 with the publisher's.",
        ) from error
    _refuse_names(machine)
    return value


def _run(machine: _Machine, data: bytes) -> object:
    for opcode, argument, position in pickletools.genops(data):
        if opcode.name == "STOP":
            if position is None or position + 1 != len(data):
                raise ValueError("bytes after the end")
            return machine.take(1)[0]
        instruction = _INSTRUCTIONS.get(opcode.name)
        if instruction is None:
            machine.forbidden.add(f"the pickle instruction {opcode.name}")
            return OPAQUE
        instruction(machine, argument)
    raise ValueError("the stream has no end")


def _refuse_names(machine: _Machine) -> None:
    if machine.forbidden:
        names = listed(sorted(machine.forbidden))
        raise UnsafeInputError(
            "The checkpoint would execute code when loaded.", why=f"It names:\n{names}", help=_RESAVE
        )


@dataclass(slots=True)
class _Machine:
    """The stack, the stacks below open marks, the memo, and the names that are refused."""

    stack: list[object] = field(default_factory=list)
    outer: list[list[object]] = field(default_factory=list)
    memo: dict[int, object] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)

    def push(self, value: object) -> None:
        self.stack.append(value)

    def since_mark(self) -> list[object]:
        """Return what was pushed since the last mark, and take it off."""
        items, self.stack = self.stack, self.outer.pop()
        return items

    def take(self, count: int) -> tuple[object, ...]:
        """Return the last ``count`` values, in order of pushing, and take them off."""
        if count > len(self.stack):
            raise IndexError("the stack is empty")
        items = tuple(self.stack[len(self.stack) - count :])
        del self.stack[len(self.stack) - count :]
        return items

    def name(self, text: str) -> None:
        """Push a global's name, and remember it if it is refused."""
        if text not in _INERT and text not in _STORAGE_TYPES:
            self.forbidden.add(ascii(text)[1:-1][:200])
        self.push(_Name(text))


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError("a number is missing")
    return value


def _numbers(value: object) -> tuple[int, ...]:
    if not isinstance(value, tuple):
        raise TypeError("a shape is missing")
    return tuple(_number(item) for item in value)


def _storage(identity: object) -> StorageRecord:
    """Return the storage of a persistent identifier ("storage", class, key, device, length)."""
    if not (isinstance(identity, tuple) and len(identity) == 5 and identity[0] == "storage"):
        raise ValueError("a persistent identifier is no storage")
    _, kind, key, _, length = identity
    if not (isinstance(kind, _Name) and kind.text in _STORAGE_TYPES and isinstance(key, str)):
        raise ValueError("a storage has no type or no key")
    return StorageRecord(kind.text.rpartition(".")[2], key, _number(length))


def _tensor(arguments: tuple[object, ...]) -> TensorRecord:
    storage, offset, shape, strides = arguments[:4]
    if not isinstance(storage, StorageRecord):
        raise TypeError("a tensor has no storage")
    return TensorRecord(storage, _number(offset), _numbers(shape), _numbers(strides))


def _wrapped(arguments: tuple[object, ...]) -> object:
    return arguments[0]


def _empty_dict(_: tuple[object, ...]) -> object:
    return {}


_CONSTRUCTORS: dict[str, Callable[[tuple[object, ...]], object]] = {
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _wrapped,
    "torch._utils._rebuild_parameter_with_state": _wrapped,
    "collections.OrderedDict": _empty_dict,
    "collections.defaultdict": _empty_dict,
}


def _construct(machine: _Machine, _: object) -> None:
    """REDUCE, NEWOBJ: what would be a call gives a record, an empty dict or an opaque value."""
    callee, arguments = machine.take(2)
    if not isinstance(callee, _Name) or not isinstance(arguments, tuple):
        raise TypeError("something that is no name is called")
    build = _CONSTRUCTORS.get(callee.text)
    machine.push(OPAQUE if build is None or machine.forbidden else build(arguments))


def _construct_with_keywords(machine: _Machine, _: object) -> None:
    machine.take(3)
    machine.push(OPAQUE)


def _set_items(machine: _Machine, items: list[object]) -> None:
    target = machine.stack[-1]
    if isinstance(target, dict):
        for key, value in zip(items[::2], items[1::2], strict=True):
            # Keys are hashed, and hashing nested tuples recurses in C: only flat keys are safe.
            if not isinstance(key, (str, int, float, bytes, type(None))):
                raise TypeError("a key is neither text nor number")
            target[key] = value
    elif not isinstance(target, Opaque):
        raise TypeError("items are set on something that is no mapping")


def _append_items(machine: _Machine, items: list[object]) -> None:
    target = machine.stack[-1]
    if isinstance(target, list):
        target.extend(items)
    elif not isinstance(target, Opaque):
        raise TypeError("items are added to something that is no list")


def _remember(machine: _Machine, index: object) -> None:
    machine.memo[_number(index)] = machine.stack[-1]


def _stack_global(machine: _Machine, _: object) -> None:
    module, attribute = machine.take(2)
    if not isinstance(module, str) or not isinstance(attribute, str):
        raise TypeError("a global's name is no text")
    machine.name(f"{module}.{attribute}")


def _mark(machine: _Machine, _: object) -> None:
    machine.outer.append(machine.stack)
    machine.stack = []


def _ignore(machine: _Machine, argument: object) -> None:
    """PROTO, FRAME: nothing to do."""


def _opaque_set(machine: _Machine, _: object) -> None:
    machine.since_mark()
    machine.push(OPAQUE)


def _constant(value: object) -> Callable[[_Machine, object], None]:
    return lambda machine, _: machine.push(value)


def _tuple_of(count: int) -> Callable[[_Machine, object], None]:
    return lambda machine, _: machine.push(machine.take(count))


_LITERALS = (
    *("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT"),
    *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
)

_INSTRUCTIONS: dict[str, Callable[[_Machine, object], None]] = {
    **dict.fromkeys(_LITERALS, _Machine.push),
    **dict.fromkeys(("PROTO", "FRAME"), _ignore),
    **dict.fromkeys(("BINPUT", "LONG_BINPUT"), _remember),
    **dict.fromkeys(("BINGET", "LONG_BINGET"), lambda machine, index: machine.push(machine.memo[_number(index)])),
    **dict.fromkeys(("REDUCE", "NEWOBJ"), _construct),
    "MEMOIZE": lambda machine, _: _remember(machine, len(machine.memo)),
    "NONE": _constant(None),
    "NEWTRUE": _constant(True),
    "NEWFALSE": _constant(False),
    "EMPTY_TUPLE": _constant(()),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "EMPTY_SET": _constant(OPAQUE),
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "MARK": _mark,
    "TUPLE": lambda machine, _: machine.push(tuple(machine.since_mark())),
    "FROZENSET": _opaque_set,
    "SETITEM": lambda machine, _: _set_items(machine, list(machine.take(2))),
    "SETITEMS": lambda machine, _: _set_items(machine, machine.since_mark()),
    "APPEND": lambda machine, _: _append_items(machine, list(machine.take(1))),
    "APPENDS": lambda machine, _: _append_items(machine, machine.since_mark()),
    "ADDITEMS": lambda machine, _: _append_items(machine, machine.since_mark()),
    "GLOBAL": lambda machine, argument: machine.name(str(argument).replace(" ", ".", 1)),
    "STACK_GLOBAL": _stack_global,
    "NEWOBJ_EX": _construct_with_keywords,
    "BUILD": lambda machine, _: machine.push(machine.take(2)[0]),
    "BINPERSID": lambda machine, _: machine.push(_storage(machine.take(1)[0])),
}
"""Every instruction that the C and Python picklers write for protocols 2 to 5; all others are refused."""
