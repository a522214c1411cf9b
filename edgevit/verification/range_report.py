"""What the fp16 guard found in one package, as JSON-ready rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from edgevit.verification.constants import Constants
from edgevit.verification.defects import find_defects
from edgevit.verification.evaluator import Evaluator
from edgevit.verification.range_guard import (
    HALF_MAX,
    PHOTOGRAPHS,
    STRESS,
    RangeGuard,
    count_subnormals,
    subnormal_epsilons,
)

__all__ = ["range_failures", "range_report"]


def range_report(guard: RangeGuard, evaluator: Evaluator) -> dict[str, object]:
    """Return limits, largest values, warnings, weights, and one row an operation.

    Keys: ``limit``, ``largest`` (by kind of image, None where not finite), ``overflows`` (names by kind),
    ``warnings`` (sentences), ``weights`` (fp16 weights, subnormal and not finite), ``subnormal_epsilons``,
    ``operations`` (rows of :meth:`RangeGuard.rows`).
    """
    constants = evaluator.plan.constants
    weights, epsilons = count_subnormals(constants), subnormal_epsilons(constants)
    return {
        "limit": HALF_MAX,
        "largest": {kind: guard.largest(kind) for kind in (PHOTOGRAPHS, STRESS)},
        "overflows": {kind: guard.overflows(kind) for kind in (PHOTOGRAPHS, STRESS)},
        "warnings": [*_sentences(guard), *_epsilon_warning(epsilons), *find_defects(constants)],
        "weights": {"fp16": weights.weights, "subnormal": weights.subnormal, "not_finite": weights.not_finite},
        "subnormal_epsilons": dict(epsilons),
        "operations": guard.rows(),
    }


def range_failures(guard: RangeGuard, constants: Constants) -> Iterable[str]:
    """Yield what no phone can be handed: values that overflow on photographs, weights that are not finite.

    Overflow on stress images only is a warning: no camera makes them, and softmax often survives it.
    """
    if guard.overflows(PHOTOGRAPHS):
        yield from guard.sentences(PHOTOGRAPHS)
    weights = count_subnormals(constants)
    if weights.not_finite:
        yield f"{weights.not_finite} fp16 weights are infinite or NaN."


def _sentences(guard: RangeGuard) -> list[str]:
    return [*guard.sentences(PHOTOGRAPHS), *guard.sum_sentences(), *guard.sentences(STRESS)]


def _epsilon_warning(epsilons: Mapping[str, float]) -> list[str]:
    if not epsilons:
        return []
    name, value = next(iter(epsilons.items()))
    return [f"{len(epsilons)} epsilons are subnormal in fp16 and may be taken for 0, first {value:.1e} of '{name}'."]
