"""The walk over an exported network: each node becomes values, constants, or a refusal that names its place."""

from __future__ import annotations

import operator
import warnings
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import torch

from edgevit.backends.tflite import ops  # noqa: F401 - registers the lowerings
from edgevit.backends.tflite.emitter import Emitter, Refusal
from edgevit.backends.tflite.inputs import make_input
from edgevit.backends.tflite.layout import Value
from edgevit.backends.tflite.registry import LOWERINGS
from edgevit.errors import UnsupportedOpError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from torch.export import ExportedProgram
    from torch.fx import Node

    from edgevit.backends.tflite.graph import Tensor
    from edgevit.backends.tflite.inputs import InputSpec

__all__ = ["lower_program"]

_HIDDEN_VIEWS = frozenset({"aten.dropout.default", "aten.feature_dropout.default"})
"""Operators that return their input itself in eval mode, which their schemas do not tell."""

_SILENT = frozenset({"aten._assert_tensor_metadata.default", "aten._assert_async.msg", "aten._assert_scalar.default"})
"""Checks that exporting leaves behind: they compute nothing."""


@torch.no_grad()
def lower_program(
    e: Emitter, program: ExportedProgram, inputs: Sequence[InputSpec]
) -> tuple[dict[str, Tensor], list[Value]]:
    """Emit every operator of an exported network.

    Args:
        e: Collects the operators.
        program: From :func:`torch.export.export`, with static shapes.
        inputs: One for each input of the network, in order.

    Returns:
        The file's input tensors by name, and the network's outputs in order.

    Raises:
        UnsupportedOpError: An operator that TFLite's builtins cannot express, with its place in the network.
    """
    program = _functional(program)
    walk = _Walk(e, program)
    tensors = walk.place_inputs(inputs)
    for node in program.graph.nodes:
        if node.op == "call_function":
            walk.call(node)
        elif node.op == "get_attr":
            raise _unsupported(node, f"(graph) {node.target}", "control flow and nested graphs are not written")
    return tensors, walk.outputs()


class _Walk:
    """What each node of the network has become so far."""

    def __init__(self, e: Emitter, program: ExportedProgram) -> None:
        self._emitter = e
        self._program = program
        # What a node is depends on its schema: a value, a constant, a list of either, a number.
        self._results: dict[Node, Any] = {}

    def place_inputs(self, specs: Sequence[InputSpec]) -> dict[str, Tensor]:
        """Give every placeholder its constant or its value, and return the file's inputs."""
        tensors: dict[str, Tensor] = {}
        remaining = iter(specs)
        for node in self._program.graph.nodes:
            if node.op != "placeholder":
                continue
            constant = _constant(self._program, node.name)
            if constant is not None:
                self._results[node] = constant
                continue
            spec = next(remaining, None)
            if spec is None:
                raise ValueError(f"the network has more inputs than the {len(specs)} that are described")
            tensors[spec.name], self._results[node] = make_input(self._emitter, spec, tuple(node.meta["val"].shape))
        return tensors

    def call(self, node: Node) -> None:
        """Fold a call on constants, or lower it."""
        arguments, keywords = self._resolve(node.args), self._resolve(node.kwargs)
        if node.target is operator.getitem:
            self._results[node] = arguments[0][arguments[1]]
        elif str(node.target) in _SILENT:
            self._results[node] = None
        elif not any(isinstance(leaf, Value) for leaf in _leaves((arguments, keywords))):
            self._results[node] = _evaluated(node, arguments, keywords)
        else:
            self._results[node] = self._lower(node, arguments, keywords)

    def outputs(self) -> list[Value]:
        """Return what the network returns, constants included, in order."""
        names = self._program.graph_signature.user_outputs
        (final,) = (node for node in self._program.graph.nodes if node.op == "output")
        nodes = {node.name: node for node in final.args[0]}
        self._emitter.scope = ""
        return [self._output(nodes[str(name)]) for name in names]

    def _output(self, node: Node) -> Value:
        try:
            return self._emitter.lift(self._results[node])
        except Refusal as refusal:
            raise _unsupported(node, f"(output) {node.name}", str(refusal)) from refusal

    def _lower(self, node: Node, arguments: tuple[object, ...], keywords: dict[str, object]) -> object:
        name = str(node.target)
        lowering = LOWERINGS.get(name)
        if lowering is None:
            raise _unsupported(node, name, "edgevit's TFLite emitter has no lowering for it")
        self._emitter.scope = _module(node)[0]
        try:
            return lowering(self._emitter, *arguments, **keywords)
        except Refusal as refusal:
            raise _unsupported(node, name, str(refusal)) from refusal

    def _resolve(self, item: Any) -> Any:
        """Replace nodes by their results, in nested containers too."""
        if isinstance(item, torch.fx.Node):
            return self._results[item]
        if isinstance(item, (list, tuple)):
            return type(item)(self._resolve(part) for part in item)
        if isinstance(item, dict):
            return {key: self._resolve(part) for key, part in item.items()}
        return item


def _evaluated(node: Node, arguments: Sequence[object], keywords: Mapping[str, object]) -> object:
    """Run an ATen overload on constants."""
    overload = node.target
    if not callable(overload):
        raise _unsupported(node, str(overload), "it is no function")
    return overload(*arguments, **keywords)


def _leaves(item: object) -> Iterable[object]:
    if isinstance(item, (list, tuple)):
        for part in item:
            yield from _leaves(part)
    elif isinstance(item, dict):
        yield from _leaves(list(item.values()))
    else:
        yield item


def _constant(program: ExportedProgram, name: str) -> torch.Tensor | None:
    """Return the parameter, buffer or constant that a placeholder stands for; None for a user's input."""
    signature = program.graph_signature
    lookups = (
        signature.inputs_to_parameters,
        signature.inputs_to_buffers,
        signature.inputs_to_lifted_tensor_constants,
    )
    target = next((table[name] for table in lookups if name in table), None)
    if target is None:
        return None
    stored = program.state_dict.get(target, program.constants.get(target))
    if not isinstance(stored, torch.Tensor):
        raise AssertionError(f"{target} is not a tensor")
    return stored.detach()


def _functional(program: ExportedProgram) -> ExportedProgram:
    """Return the program without in-place operators that matter.

    PyTorch's own functionalization costs more than the rest of the conversion, so it runs only where a changed value
    is read again.

    Raises:
        UnsupportedOpError: It would take a view for a copy.
    """
    calls = [node for node in program.graph.nodes if node.op == "call_function"]
    if all(_is_harmless(node) for node in calls):
        return program
    for node in calls:
        if str(node.target) in _HIDDEN_VIEWS and len(node.args[0].users) > 1:
            raise _unsupported(node, str(node.target), "it shares memory with a value that is changed in place")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns about its own internals
        functional: ExportedProgram = program.run_decompositions({})
    return functional


def _is_harmless(node: Node) -> bool:
    """Whether a node changes nothing, or only a fresh result that nobody else reads."""
    schema = getattr(node.target, "_schema", None)
    if schema is None or not schema.is_mutable:
        return True
    changed = node.args[0]
    while isinstance(changed, torch.fx.Node) and changed.op == "call_function" and len(changed.users) == 1:
        if str(changed.target) not in _HIDDEN_VIEWS:
            source = getattr(changed.target, "_schema", None)
            return source is not None and all(returned.alias_info is None for returned in source.returns)
        changed = changed.args[0]
    return False


def _module(node: Node) -> tuple[str, str]:
    """Return the path and class of the innermost module that made the call."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    path, kind = stack[-1] if stack else ("", "")
    return str(path), kind if isinstance(kind, str) else kind.__qualname__


def _unsupported(node: Node, name: str, reason: str) -> UnsupportedOpError:
    path, kind = _module(node)
    place = f"{path or 'the network itself'} ({kind.rpartition('.')[2]})" if kind else "the network"
    line = _source_line(node)
    return UnsupportedOpError(
        f"The operator {name} in {place} cannot be written as TFLite.",
        why=f"{reason[0].upper()}{reason[1:]}." + (f" It is called at {line}." if line else ""),
        help="Express it with other operators in the network, or convert with another converter.",
    )


def _source_line(node: Node) -> str:
    """Return ``file.py:line`` of the call's innermost frame, without folders."""
    frames = [line.strip() for line in (node.meta.get("stack_trace") or "").splitlines() if "File " in line]
    if not frames:
        return ""
    _, file, rest = frames[-1].split('"', 2)
    number = rest.partition("line ")[2].partition(",")[0]
    return f"{PurePath(file).name}:{number}"
