"""The order of steps, and how far a budget reaches."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from edgevit.quantize.fidelity import Fidelity
from edgevit.quantize.search import Step, deepest, ordered_steps
from edgevit.quantize.sensitivity import SensitivityRow


def row(layer: str, scheme: str, size: int, divergence: float) -> SensitivityRow:
    return SensitivityRow(layer, scheme, 100, size, Fidelity(30.0, divergence, 1.0))


def costs(rows: list[SensitivityRow]) -> dict[tuple[str, str], tuple[float, float]]:
    return {(each.layer, each.scheme): (each.bytes_half, each.bytes) for each in rows}


def steps_of(*rows: SensitivityRow, base: float = 0.0) -> list[tuple[str, str]]:
    return [(step.layer, step.scheme) for step in ordered_steps(rows, base, costs(list(rows)))]


def test_the_cheapest_loss_for_a_byte_comes_first() -> None:
    assert steps_of(row("a", "w8", 50, 0.5), row("b", "w8", 50, 0.1), row("c", "w8", 90, 0.05)) == [
        ("b", "w8"), ("c", "w8"), ("a", "w8"),
    ]  # fmt: skip


def test_a_layer_goes_down_step_by_step() -> None:
    assert steps_of(row("a", "w4", 25, 1.0), row("a", "w8", 50, 0.01), row("b", "w8", 50, 0.1)) == [
        ("a", "w8"), ("b", "w8"), ("a", "w4"),
    ]  # fmt: skip


def test_a_scheme_above_the_line_between_its_neighbours_is_passed_over() -> None:
    assert steps_of(row("a", "w8", 50, 0.9), row("a", "w4", 25, 1.0)) == [("a", "w4")]


def test_a_scheme_that_saves_nothing_is_no_step() -> None:
    assert steps_of(row("a", "w8", 100, 0.0), row("b", "w8", 120, 0.0)) == []


def test_the_loss_of_half_precision_is_no_layers_fault() -> None:
    rows = [row("a", "w8", 50, 0.3), row("b", "w8", 50, 0.2)]
    assert [step.price for step in ordered_steps(rows, 0.2, costs(rows))] == [0.0, pytest.approx(0.1 / 50)]


STEPS = [Step(f"layer{place}", "w8", 0.0) for place in range(13)]


@pytest.mark.parametrize("limit", [0, 1, 6, 12, 13])
def test_the_longest_prefix_within_a_budget(limit: int) -> None:
    def fits(choice: Mapping[str, str]) -> bool:
        return len(choice) <= limit

    assert list(deepest(STEPS, fits)) == [step.layer for step in STEPS[:limit]]


def test_later_steps_of_a_layer_replace_earlier_ones() -> None:
    assert deepest([Step("a", "w8", 0.0), Step("a", "w4", 1.0)], lambda _: True) == {"a": "w4"}
