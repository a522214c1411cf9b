"""Values of a layer's result below which nothing matters, because an activation function follows that ends there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from edgevit.quantize.layers import weighted_layers

__all__ = ["floors"]

_FLOORS: Mapping[object, float] = {
    torch.ops.aten.relu.default: 0.0,
    torch.ops.aten.hardswish.default: -3.0,
    torch.ops.aten.gelu.default: -3.0,
}
"""Operator -> below this it returns the same as at this: exactly, or to 0.004 (GELU), a fraction of a step."""


@torch.no_grad()
def floors(module: nn.Module, values: Tensor) -> Mapping[str, float]:
    """Return the floor of each convolution and linear layer whose result only such activation functions read.

    Integers that stand for lower values would be wasted: a grid that ends there does what the function does.

    Args:
        module: A network.
        values: What it reads; one run shows who reads what.
    """
    readers = _Readers()
    with ExitStack() as hooks:
        for name, layer in weighted_layers(module).items():
            hooks.callback(layer.register_forward_hook(_reporter(readers, name)).remove)
        with readers:
            returned = module(values)
    readers.add_reader(returned, "the caller")
    return {name: min(map(_FLOORS.__getitem__, found)) for name, found in readers.found.items() if _known(found)}


class _Readers(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes which operators read the results of layers.

    Attributes:
        found: Layer -> the operators that read its result in any of its runs.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.found: dict[str, set[object]] = {}
        self._results: dict[int, tuple[str, Tensor]] = {}  # holds the tensors, so that no other one gets their id

    def add(self, layer: str, result: Tensor) -> None:
        """Watch the result of a layer."""
        self.found.setdefault(layer, set())
        self._results[id(result)] = layer, result

    def add_reader(self, values: object, reader: object) -> None:
        """Note who reads the tensors in nested ``values``."""
        for value in tree_leaves(values):
            if id(value) in self._results:
                self.found[self._results[id(value)][0]].add(reader)

    def __torch_dispatch__(
        self,
        func: Callable[..., object],
        types: Iterable[type],
        args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        """Run an operator, and note what it reads."""
        self.add_reader((args, kwargs), func)
        return func(*args, **(kwargs or {}))


def _known(readers: set[object]) -> bool:
    return bool(readers) and readers <= _FLOORS.keys()


def _reporter(readers: _Readers, name: str) -> Callable[[nn.Module, object, Tensor], None]:
    def report(_: nn.Module, __: object, result: Tensor) -> None:
        readers.add(name, result)

    return report
