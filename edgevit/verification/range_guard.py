"""Does every fp16 value stay in fp16's range, on photographs and on stress images?

Half precision ends at 65504 and loses precision below 2^-14. The guard watches every operation of the written file
while the evaluator runs it with fp16 rounding, so it sees what a phone that computes in fp16 would.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edgevit.verification.constants import Constants
from edgevit.verification.evaluator import Observation, Observer

__all__ = [
    "HALF_MAX",
    "HALF_TINY",
    "NEAR",
    "PHOTOGRAPHS",
    "STRESS",
    "RangeGuard",
    "SubnormalCount",
    "count_subnormals",
    "subnormal_epsilons",
]

HALF_MAX = 65504.0
"""Largest finite half."""

HALF_TINY = 2.0**-14
"""Smallest normal half, 6.1e-5; units that flush subnormals to zero turn a smaller epsilon into 0."""

PHOTOGRAPHS, STRESS = "photographs", "stress"
"""The two kinds of run that are kept apart: what apps see, and the limits of what they can see."""

NEAR = HALF_MAX / 4
"""A quarter of the range: other images, other kernels and sums in another order need some room."""


class RangeGuard:
    """Collects the largest magnitude of every value, over any number of runs, and of sums inside operations."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[str, str]] = {}
        self._largest: dict[str, dict[str, float]] = {PHOTOGRAPHS: {}, STRESS: {}}
        self._sums: dict[str, float] = {}

    def watch(self, kind: str) -> Observer:
        """Return an observer that counts its runs as :data:`PHOTOGRAPHS` or :data:`STRESS`.

        Sums are watched on photographs only: on stress images, warnings of what may add up badly help nobody.
        """
        largest = self._largest[kind]

        def observe(seen: Observation) -> None:
            self._rows[seen.name] = (seen.op, seen.dtype)
            largest[seen.name] = max(largest.get(seen.name, 0.0), _or_infinite(seen.max_abs))
            if kind == PHOTOGRAPHS:
                inside = _or_infinite(seen.largest_sum(NEAR))
                self._sums[seen.name] = max(self._sums.get(seen.name, 0.0), inside)

        return observe

    def overflows(self, kind: str) -> list[str]:
        """Return the fp16 values that left the range, in order of execution."""
        return [name for name, value in self._halves(kind) if value >= HALF_MAX]

    def sentences(self, kind: str) -> list[str]:
        """Return a sentence when values leave the range, or come near it, on images of this kind."""
        over = self.overflows(kind)
        if over:
            return [f"On {kind}, {len(over)} values leave fp16's range, first {self._describe(over[0], kind)}."]
        near = [name for name, value in self._halves(kind) if value > NEAR]
        if not near:
            return []
        worst = max(near, key=lambda name: self._largest[kind][name])
        return [f"On {kind}, {len(near)} values come near fp16's range, most {self._describe(worst, kind)}."]

    def sum_sentences(self) -> list[str]:
        """Return a sentence when sums inside fp16 operations come near the range, or may leave it, on photographs."""
        near = [name for name in self.near_sums() if self._rows[name][1] == "fp16"]
        if not near:
            return []
        worst = max(near, key=lambda name: self._sums[name])
        return [
            f"On {PHOTOGRAPHS}, sums inside {len(near)} operations may come near fp16's range, most in "
            f"'{worst}' ({self._rows[worst][0]}, {self._sums[worst]:.0f})."
        ]

    def near_values(self) -> dict[str, float]:
        """Return the values of any precision beyond :data:`NEAR` on photographs, in order of execution."""
        return {name: value for name, value in self._largest[PHOTOGRAPHS].items() if value > NEAR}

    def near_sums(self) -> dict[str, float]:
        """Return results whose operation adds up more than :data:`NEAR` on photographs, in order of execution."""
        return {name: value for name, value in self._sums.items() if value > NEAR}

    def largest(self, kind: str) -> float | None:
        """Return the largest magnitude of any fp16 value; None where it is not finite, 0 where there is none."""
        return _finite(max((value for _, value in self._halves(kind)), default=0.0))

    def rows(self) -> list[dict[str, object]]:
        """Return name, op, dtype and largest magnitudes of every value; None where not finite or not run.

        ``sums`` is a bound on the sums inside the operation on photographs; loose as long as it is not near the range.
        """
        return [
            {
                "name": name,
                "op": op,
                "dtype": dtype,
                **{kind: _finite(self._largest[kind].get(name)) for kind in (PHOTOGRAPHS, STRESS)},
                "sums": _finite(self._sums.get(name)),
            }
            for name, (op, dtype) in self._rows.items()
        ]

    def _halves(self, kind: str) -> list[tuple[str, float]]:
        largest = self._largest[kind]
        return [(name, largest[name]) for name, (_, dtype) in self._rows.items() if dtype == "fp16" and name in largest]

    def _describe(self, name: str, kind: str) -> str:
        return f"'{name}' ({self._rows[name][0]}, {self._largest[kind][name]:.0f})"


@dataclass(frozen=True, slots=True)
class SubnormalCount:
    """How many fp16 weights a phone may take for zero.

    Attributes:
        weights: All fp16 weights.
        subnormal: Those with 0 < |w| < 2^-14.
        not_finite: Those that are infinite or NaN: the weights did not fit fp16.
    """

    weights: int
    subnormal: int
    not_finite: int


def count_subnormals(constants: Constants) -> SubnormalCount:
    """Return the count over all fp16 constants of a function, compressed ones decompressed."""
    totals = [0, 0, 0]
    for value in constants.values.values():
        if isinstance(value, np.ndarray) and value.dtype == np.float16:
            bits = value.view(np.uint16) & 0x7FFF
            totals[0] += bits.size
            totals[1] += int(np.count_nonzero((bits > 0) & (bits < 0x0400)))
            totals[2] += int(np.count_nonzero(bits >= 0x7C00))
    return SubnormalCount(*totals)


def subnormal_epsilons(constants: Constants) -> Mapping[str, float]:
    """Return ``name (op)`` -> epsilon of the fp16 operations whose epsilon is subnormal in fp16."""
    found: dict[str, float] = {}
    for operation in constants.function.operations:
        epsilon = constants.parameter(operation, "epsilon")
        if epsilon is not None and operation.outputs[0].type.dtype == "fp16" and 0.0 < epsilon.item() < HALF_TINY:
            found[f"{operation.name} ({operation.type})"] = float(epsilon.item())
    return found


def _or_infinite(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
