"""A TFLite graph before it is bytes: tensors, operators and what they are connected to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edgevit.backends.tflite.builtins import Builtin

__all__ = ["Array", "Attribute", "Attributes", "DType", "Graph", "Operator", "Quantization", "Shape", "Tensor"]

Shape = tuple[int, ...]

Array = NDArray[np.float32 | np.float16 | np.int32 | np.int8 | np.uint8]
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
    INT8 = "INT8"
    INT4 = "INT4"
    UINT8 = "UINT8"

    @property
    def numpy(self) -> np.dtype[np.generic]:
        """The NumPy type of the values; 4-bit ones are held in bytes until they are written."""
        return np.dtype("int8" if self is DType.INT4 else self.value.lower())


@dataclass(frozen=True, slots=True, eq=False)
class Quantization:
    """What integers stand for: ``scale * (integer - zero_point)``.

    Attributes:
        scale: float32, one a tensor, or one a slice along ``axis``; empty with ``block_scales``.
        zero_point: As many as ``scale``.
        axis: Dimension that several scales go along.
        block_scales: float16 constant (outputs, blocks of inputs) for weights in blocks along their last dimension.
        block: Elements that share one of ``block_scales``.
    """

    scale: NDArray[np.float32]
    zero_point: NDArray[np.int32]
    axis: int = 0
    block_scales: Tensor | None = None
    block: int = 0


@dataclass(eq=False, slots=True)
class Tensor:
    """One tensor of the file, compared by identity.

    Attributes:
        name: Shown by profilers; unique within a graph once it is written.
        shape: All dimensions are known: edgevit's graphs are static.
        dtype: Element type.
        data: The values of a constant, else None.
        quantization: What they stand for, for integers that stand for real numbers.
    """

    name: str
    shape: Shape
    dtype: DType = DType.FLOAT32
    data: Array | None = None
    quantization: Quantization | None = None


@dataclass(eq=False, slots=True)
class Operator:
    """One call of a builtin.

    Attributes:
        kind: Which builtin.
        inputs: In the order of the builtin's signature.
        outputs: At least one.
        attributes: Fields of the builtin's options table, by the schema's names.
        scope: Path of the module that made it; empty for the network itself.
    """

    kind: Builtin
    inputs: list[Tensor]
    outputs: list[Tensor]
    attributes: dict[str, Attribute] = field(default_factory=dict)
    scope: str = ""


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

    def insert(self, operators: Iterable[Operator]) -> None:
        """Add operators that read constants only, each right before the first one that reads from it.

        At the front of the graph they would become an XNNPACK partition of their own.
        """
        waiting = {tensor: operator for operator in operators for tensor in operator.outputs}
        placed = []
        for operator in self.operators:
            placed += [waiting.pop(tensor) for tensor in dict.fromkeys(operator.inputs) if tensor in waiting]
            placed.append(operator)
        self.operators = placed

    def tensors(self) -> list[Tensor]:
        """Return every tensor once: inputs, then in order of first use."""
        seen: dict[Tensor, None] = dict.fromkeys(self.inputs.values())
        for operator in self.operators:
            seen.update(dict.fromkeys((*operator.inputs, *operator.outputs)))
        seen.update(dict.fromkeys(self.outputs.values()))
        parameters = [tensor.quantization for tensor in seen if tensor.quantization]
        seen.update(dict.fromkeys(each.block_scales for each in parameters if each.block_scales))
        return list(seen)

    def count_ops(self) -> Mapping[str, int]:
        """Return builtin name -> number of calls, sorted by name."""
        return dict(sorted(Counter(operator.kind.value for operator in self.operators).items()))
