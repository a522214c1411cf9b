"""A TFLite graph before it is bytes: tensors, operators and what they are connected to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edgevit.backends.tflite.builtins import Builtin

__all__ = ["Array", "Attribute", "Attributes", "DType", "Graph", "Operator", "Shape", "Tensor"]

Shape = tuple[int, ...]

Array = NDArray[np.float32 | np.float16 | np.int32 | np.uint8]
"""Values of a constant: one of the element types of :class:`DType`."""

Attribute = int | float | bool | tuple[int, ...]
"""Value of one field of a builtin's options table."""

Attributes = Mapping[str, Attribute]
"""Fields of a builtin's options table, by the schema's names."""


class DType(StrEnum):
    """Element type of a tensor; the values are names of the schema's ``TensorType``."""

    FLOAT32 = "FLOAT32"
    FLOAT16 = "FLOAT16"
    INT32 = "INT32"
    UINT8 = "UINT8"

    @property
    def numpy(self) -> np.dtype[np.generic]:
        """The NumPy type with the same bytes."""
        return np.dtype(self.value.lower())


@dataclass(eq=False, slots=True)
class Tensor:
    """One tensor of the file, compared by identity.

    Attributes:
        name: Shown by profilers; unique within a graph once it is written.
        shape: All dimensions are known: edgevit's graphs are static.
        dtype: Element type.
        data: The values of a constant, else None.
    """

    name: str
    shape: Shape
    dtype: DType = DType.FLOAT32
    data: Array | None = None


@dataclass(eq=False, slots=True)
class Operator:
    """One call of a builtin.

    Attributes:
        kind: Which builtin.
        inputs: In the order of the builtin's signature.
        outputs: At least one.
        attributes: Fields of the builtin's options table, by the schema's names.
    """

    kind: Builtin
    inputs: list[Tensor]
    outputs: list[Tensor]
    attributes: dict[str, Attribute] = field(default_factory=dict)


@dataclass(slots=True)
class Graph:
    """The one subgraph of a file, in order of execution, with the names of its signature.

    Attributes:
        inputs: Signature name -> tensor.
        outputs: Signature name -> tensor.
        operators: Every operator stands after those that it reads from.
    """

    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]
    operators: list[Operator]

    def producers(self) -> dict[Tensor, Operator]:
        """Return the operator that writes each computed tensor."""
        return {tensor: operator for operator in self.operators for tensor in operator.outputs}

    def uses(self) -> Counter[Tensor]:
        """Return how often each tensor is read, by operators and as an output of the graph."""
        counter = Counter(tensor for operator in self.operators for tensor in operator.inputs)
        counter.update(self.outputs.values())
        return counter

    def tensors(self) -> list[Tensor]:
        """Return every tensor once: inputs, then in order of first use."""
        seen: dict[Tensor, None] = dict.fromkeys(self.inputs.values())
        for operator in self.operators:
            seen.update(dict.fromkeys((*operator.inputs, *operator.outputs)))
        seen.update(dict.fromkeys(self.outputs.values()))
        return list(seen)

    def count_ops(self) -> Mapping[str, int]:
        """Return builtin name -> number of calls, sorted by name."""
        return dict(sorted(Counter(operator.kind.value for operator in self.operators).items()))
