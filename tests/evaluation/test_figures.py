from __future__ import annotations

import numpy as np
import pytest

from edgevit.evaluation.figures import ClassAccuracy, Confusion, summary, wilson

NAMES = ("cat", "dog", "owl")


def test_accuracy_of_all_and_of_each_class_and_the_mistakes() -> None:
    truth = np.array([0, 0, 0, 0, 2, 2])
    ranked = np.array([[0, 1], [0, 1], [1, 0], [1, 2], [2, 0], [0, 1]])
    found = summary(truth, ranked, NAMES)
    assert found.top1 == 0.5
    assert found.top5 == pytest.approx(4 / 6)
    assert found.classes == (ClassAccuracy("cat", 4, 0.5), ClassAccuracy("owl", 2, 0.5))
    assert found.confusions == (Confusion("cat", "dog", 2), Confusion("owl", "cat", 1))


@pytest.mark.parametrize(
    ("right", "total", "expected"),
    [
        (81, 263, (0.2553, 0.3662)),  # Newcombe 1998, Stat. Med. 17, 857, table I, method 3
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_the_interval_is_that_of_the_literature(right: int, total: int, expected: tuple[float, float]) -> None:
    assert wilson(right, total) == pytest.approx(expected, abs=5e-5)
