"""What a rule is, and what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from edgevit.verification.tflite.model import Operator, Subgraph, Tensor

__all__ = ["Check", "Finding", "Graph", "Level", "Processor", "Rule"]


class Processor(StrEnum):
    """Where a finding matters."""

    ANY = "any"
    CPU = "cpu"
    GPU = "gpu"


class Level(StrEnum):
    """How much it matters: the file does not load; it is slow or not accelerated, or may be wrong."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that a file breaks.

    Attributes:
        count: How many operators break it.
        places: The first of them, for people.
        why: What follows from it.
        source: Where the rule comes from.
    """

    rule: str
    level: Level
    processor: Processor
    count: int
    places: tuple[str, ...]
    why: str
    source: str


class Graph:
    """A subgraph with who computes what."""

    def __init__(self, subgraph: Subgraph) -> None:
        self.subgraph = subgraph
        self._producers: Mapping[int, Operator] = {
            id(tensor): operator for operator in subgraph.operators for tensor in operator.outputs
        }

    def is_fixed(self, tensor: Tensor | None) -> bool:
        """Return whether a tensor's values are known when the file is loaded: constants, widened ones too."""
        if tensor is None or tensor.is_constant:
            return True
        producer = self._producers.get(id(tensor))
        return producer is not None and producer.kind == "DEQUANTIZE" and self.is_fixed(producer.inputs[0])


Check = Callable[[Operator, Graph], str | None]
"""Returns what is wrong with an operator in a few words, or None."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, asked of every operator."""

    name: str
    level: Level
    processor: Processor
    why: str
    source: str
    broken_by: Check
