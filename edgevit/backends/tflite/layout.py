"""Values with lazy layouts: which bytes hold a tensor of the network, before any bytes are moved.

A :class:`Value` names a tensor of the TFLite graph and how the network's tensor is read from it: first seen in the
shape ``physical``, then with its axes permuted. Permuting a value costs nothing, reshaping it costs nothing wherever
the dimensions that are split or merged lie next to each other in memory. Only an operator that needs a certain layout
makes a TRANSPOSE or RESHAPE, and only if the bytes are not already in that order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgevit.backends.tflite.graph import Shape, Tensor

__all__ = [
    "NHWC",
    "Run",
    "Value",
    "identity",
    "in_rows",
    "merged_permutation",
    "order_for_reshape",
    "permutation",
    "reshaped",
    "runs",
]

NHWC = (0, 2, 3, 1)
"""Physical order of the logical dimensions (batch, channel, row, column) that TFLite's image operators read."""


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor of the network.

    Attributes:
        tensor: Where the bytes are; as many elements as ``physical``, not necessarily of the same shape.
        physical: The shape in which the bytes are read.
        axes: Axis of ``physical`` that is logical dimension 0, 1, ...
    """

    tensor: Tensor
    physical: Shape
    axes: tuple[int, ...]

    @property
    def shape(self) -> Shape:
        """The network's shape: what PyTorch would say."""
        return tuple(self.physical[axis] for axis in self.axes)

    @property
    def rank(self) -> int:
        """Number of dimensions."""
        return len(self.axes)

    @property
    def order(self) -> tuple[int, ...]:
        """The logical dimension at each physical axis: the inverse of ``axes``."""
        return permutation(self.axes)

    def permute(self, dims: Sequence[int]) -> Value:
        """Return the value with logical dimensions ``dims[0], dims[1], ...``, as ``torch.permute`` does; free."""
        return Value(self.tensor, self.physical, tuple(self.axes[d] for d in dims))

    def transpose(self, first: int, second: int) -> Value:
        """Return the value with two logical dimensions swapped, counted from either end; free."""
        dims = list(range(self.rank))
        dims[first], dims[second] = dims[second], dims[first]
        return self.permute(dims)

    def relabel(self, order: Sequence[int]) -> Value | None:
        """Return the value with physical order ``order`` if no byte has to move for it, else None."""
        occupied = [d for d in self.order if self.shape[d] != 1]
        if occupied != [d for d in order if self.shape[d] != 1]:
            return None
        return Value(self.tensor, tuple(self.shape[d] for d in order), permutation(order))

    def with_tensor(self, tensor: Tensor) -> Value:
        """Return a value with the same layout whose bytes are elsewhere."""
        return Value(tensor, self.physical, self.axes)


def permutation(order: Sequence[int]) -> tuple[int, ...]:
    """Return the inverse of a permutation."""
    inverse = [0] * len(order)
    for position, item in enumerate(order):
        inverse[item] = position
    return tuple(inverse)


def identity(tensor: Tensor) -> Value:
    """Return the value that is a tensor as it lies."""
    return Value(tensor, tensor.shape, tuple(range(len(tensor.shape))))


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring dimensions of a shape that become neighbouring dimensions of another with the same product."""

    old: tuple[int, ...]
    new: tuple[int, ...]


def runs(old: Shape, new: Shape) -> list[Run]:
    """Return the shortest runs that turn ``old`` into ``new``; dimensions of size 1 belong to none."""
    left = [d for d, size in enumerate(old) if size != 1]
    right = [d for d, size in enumerate(new) if size != 1]
    result = []
    while left or right:
        a, b = [left.pop(0)], [right.pop(0)]
        product_a, product_b = old[a[0]], new[b[0]]
        while product_a != product_b:
            if product_a < product_b:
                a.append(left.pop(0))
                product_a *= old[a[-1]]
            else:
                b.append(right.pop(0))
                product_b *= new[b[-1]]
        result.append(Run(tuple(a), tuple(b)))
    return result


def in_rows(value: Value, run: Run) -> bool:
    """Whether the run's old dimensions lie next to each other in memory, outermost first."""
    occupied = [d for d in value.order if value.shape[d] != 1]
    start = occupied.index(run.old[0])
    return tuple(occupied[start : start + len(run.old)]) == run.old


def reshaped(value: Value, shape: Shape) -> Value | None:
    """Return the value seen in another logical shape if no byte has to move for it, else None."""
    parts = runs(value.shape, shape)
    if not all(in_rows(value, run) for run in parts):
        return None
    parts.sort(key=lambda run: value.axes[run.old[0]])
    # Dimensions of size 1 go first: for (1, C, 1, N) held channels-last this is NHWC itself.
    order = [d for d, size in enumerate(shape) if size == 1] + [d for run in parts for d in run.new]
    return Value(value.tensor, tuple(shape[d] for d in order), permutation(order))


def order_for_reshape(value: Value, shape: Shape) -> tuple[int, ...]:
    """Return a physical order of ``value`` near its own in which it can be seen as ``shape``.

    What is innermost stays so if it can: the longer the runs that move together, the cheaper.
    """
    parts = sorted(runs(value.shape, shape), key=lambda run: max(value.axes[d] for d in run.old))
    units = [d for d, size in enumerate(value.shape) if size == 1]
    return (*units, *(d for run in parts for d in run.old))


def merged_permutation(shape: Shape, perm: Sequence[int]) -> tuple[Shape, tuple[int, ...]]:
    """Return the same data movement with as few dimensions as possible.

    Dimensions of size 1 are dropped, and dimensions that stay neighbours are merged.
    """
    kept = [axis for axis in perm if shape[axis] != 1]
    groups: list[list[int]] = []
    for axis in kept:
        follows = groups and all(shape[a] == 1 for a in range(groups[-1][-1] + 1, axis)) and axis > groups[-1][-1]
        if follows:
            groups[-1].append(axis)
        else:
            groups.append([axis])
    by_source = sorted(groups)
    sizes = tuple(math.prod(shape[axis] for axis in group) for group in by_source)
    return sizes, tuple(by_source.index(group) for group in groups)
