"""The order in which layers are worth quantizing, from what each costs alone.

Noise of different layers is nearly independent, so that divergences add up where they are small. Then the assignments
worth trying lie on the lower convex hull of cost over saving: one list of steps, the cheapest loss for what it saves
first. How far down the list a budget reaches is measured, not added up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from edgevit.quantize.sensitivity import SensitivityRow

__all__ = ["Step", "deepest", "ordered_steps"]


@dataclass(frozen=True, slots=True)
class Step:
    """One layer takes one scheme, instead of half precision or of what an earlier step gave it.

    Attributes:
        layer: Its name.
        scheme: What it takes.
        price: Divergence that it adds for each unit of cost that it saves.
    """

    layer: str
    scheme: str
    price: float


def ordered_steps(
    rows: Iterable[SensitivityRow], base: float, costs: Mapping[tuple[str, str], tuple[float, float]]
) -> tuple[Step, ...]:
    """Return the steps in the order of their price; those of one layer save more and more.

    Args:
        rows: What each layer costs under each scheme.
        base: Divergence with every layer in half precision, which is no layer's fault.
        costs: (layer, scheme) -> cost in half precision, cost under the scheme, in any unit.
    """
    layers: dict[str, list[tuple[float, float, str]]] = {}
    for row in rows:
        half, cost = costs[row.layer, row.scheme]
        loss = max(row.fidelity.divergence - base, 0.0)
        layers.setdefault(row.layer, []).append((half - cost, loss, row.scheme))
    steps = [step for layer, points in layers.items() for step in _hull(layer, points)]
    return tuple(sorted(steps, key=lambda step: step.price))


def deepest(steps: Sequence[Step], fits: Callable[[Mapping[str, str]], bool]) -> Mapping[str, str]:
    """Return the assignment (layer -> scheme) of the longest prefix found that ``fits``, by halving.

    Loss grows with the prefix apart from chance, so a longer prefix that fits can be missed; one that does not fit is
    never returned, except the empty one.
    """
    low, high = 0, len(steps)
    if fits(_assignment(steps)):
        return _assignment(steps)
    while high - low > 1:
        middle = (low + high) // 2
        if fits(_assignment(steps[:middle])):
            low = middle
        else:
            high = middle
    return _assignment(steps[:low])


def _assignment(steps: Iterable[Step]) -> dict[str, str]:
    return {step.layer: step.scheme for step in steps}


def _hull(layer: str, points: Iterable[tuple[float, float, str]]) -> list[Step]:
    """Return the steps along the lower convex hull of loss over saving, from nothing saved."""
    saved, lost = 0.0, 0.0
    steps: list[Step] = []
    ahead = [point for point in points if point[0] > 0.0]
    while ahead:
        price, _, best = min(((loss - lost) / (saving - saved), -saving, (saving, loss, name))
                             for saving, loss, name in ahead)  # fmt: skip
        steps.append(Step(layer, best[2], max(price, steps[-1].price if steps else 0.0)))
        saved, lost = best[0], best[1]
        ahead = [point for point in ahead if point[0] > saved]
    return steps
