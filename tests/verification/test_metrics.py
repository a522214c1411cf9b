from __future__ import annotations

import math

import numpy as np
import pytest

from edgevit.verification.metrics import compare, top1_margin


def test_figures_are_those_of_their_definitions() -> None:
    reference = np.array([[1.0, -3.0, 5.0, 0.0]])
    actual = reference + np.array([[0.1, 0.0, -0.2, 0.0]])
    metrics = compare("x", reference, actual)
    rms = math.sqrt((0.01 + 0.04) / 4)
    assert metrics.max_abs == pytest.approx(0.2)
    assert metrics.max_rel == pytest.approx(0.2 / 5)
    assert metrics.psnr_db == pytest.approx(20 * math.log10(8 / rms))
    assert metrics.cosine == pytest.approx((1.1 + 9 + 24) / math.sqrt(35 * (1.21 + 9 + 4.8**2)))
    assert metrics.top1_equal


def test_equal_outputs_are_infinitely_good() -> None:
    metrics = compare("x", np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    assert (metrics.max_abs, metrics.psnr_db, metrics.cosine) == (0.0, math.inf, 1.0)


@pytest.mark.parametrize("bad", [np.array([1.0, math.nan]), np.array([math.inf, 2.0]), np.array([1.0, 2.0, 3.0])])
def test_values_that_cannot_be_compared_are_infinitely_bad(bad: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    metrics = compare("x", np.array([1.0, 2.0]), bad)
    assert (metrics.max_abs, metrics.max_rel, metrics.psnr_db) == (math.inf, math.inf, -math.inf)
    assert not metrics.top1_equal


def test_constant_references_do_not_divide_by_zero() -> None:
    assert compare("x", np.zeros(3), np.array([0.0, 1.0, 0.0])).max_rel == math.inf
    assert compare("x", np.ones(3), np.ones(3) * 2).psnr_db == -math.inf


def test_the_margin_is_a_share_of_the_range() -> None:
    assert top1_margin(np.array([0.0, 9.0, 10.0])) == pytest.approx(0.1)
    assert top1_margin(np.array([3.0])) == 1.0
