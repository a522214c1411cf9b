"""Answers of two networks, compared."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from edgevit.quantize.fidelity import answer, compare_answers
from edgevit.types import Head

SOURCE = np.array([[2.0, 0.0, -2.0], [0.0, 3.0, -3.0]])


def test_equal_answers() -> None:
    found = compare_answers(SOURCE, SOURCE, Head.LOGITS, [0, 2])
    assert (found.sqnr_db, found.divergence, found.agreement, found.accuracy) == (math.inf, 0.0, 1.0, 0.5)


def test_noise_in_decibels_and_nats() -> None:
    other = SOURCE + np.array([[0.0, 0.0, 0.0], [0.0, -3.0, 3.0]])
    found = compare_answers(SOURCE, other, Head.LOGITS)
    assert found.sqnr_db == pytest.approx(10 * math.log10(26 / 18))
    assert found.agreement == 0.5
    assert found.accuracy is None
    p = np.exp(SOURCE[1]) / np.exp(SOURCE[1]).sum()
    assert found.divergence == pytest.approx(float((p * (np.log(p) - math.log(1 / 3))).sum()) / 2)


def test_probabilities_are_judged_like_their_logits() -> None:
    class Fixed(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

    logits = torch.tensor([[1.0, -2.0, 4.0, 0.5]])
    of_logits = answer(Fixed(), Head.LOGITS, [logits])
    assert answer(Fixed(), Head.PROBABILITIES, [logits.softmax(1)]) == pytest.approx(of_logits, abs=1e-5)
    assert of_logits.sum() == pytest.approx(0.0)


def test_overflow_is_infinitely_far() -> None:
    other = SOURCE.copy()
    other[0, 0] = math.inf
    found = compare_answers(SOURCE, other, Head.LOGITS, [0, 1])
    assert (found.sqnr_db, found.divergence, found.agreement) == (-math.inf, math.inf, 0.0)


def test_feature_maps_have_noise_but_no_classes() -> None:
    found = compare_answers(SOURCE, SOURCE * 1.1, Head.FEATURES)
    assert found.sqnr_db == pytest.approx(20.0)
    assert found.divergence == pytest.approx(0.01)
    assert found.agreement == 1.0


def test_images_computed_together_do_not_see_each_other() -> None:
    """The network takes one image at a time, as adapted ones do; the last group is not full."""

    class One(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.softmax(x.reshape(1, 3, 4096).sum(2), dim=1) @ torch.tensor(
                [[1.0, 2.0], [0.0, 1.0], [5.0, 3.0]]
            )

    generator = torch.Generator().manual_seed(0)
    values = [torch.randn(1, 3, 64, 64, generator=generator) for _ in range(25)]
    together = answer(One(), Head.EMBEDDING, values)
    alone = np.stack([One()(value)[0].numpy() for value in values])
    assert together.shape == (25, 2)
    assert together == pytest.approx(alone, rel=1e-4)
