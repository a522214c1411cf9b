"""From ranked classes to figures: accuracy in all and of each class, its interval, the usual mistakes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

__all__ = ["ClassAccuracy", "Confusion", "Summary", "summary", "wilson"]

_NORMAL_95 = 1.959963984540054
"""The normal distribution's 97.5th percentile."""

_SHOWN = 10
"""Mistakes that are worth a line."""

_Vector: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]
_Table: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class ClassAccuracy:
    """Share of the images of one class that are classified right, 0..1."""

    label: str
    images: int
    top1: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often images of one class are taken for another one."""

    label: str
    predicted: str
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures that follow from labels and ranked classes.

    Attributes:
        top1: Share whose first guess is right, 0..1.
        top5: Share whose first guesses, as many as were ranked, hold the right class.
        classes: Of each class with images, in the order of the model's outputs.
        confusions: The most frequent mistakes.
    """

    top1: float
    top5: float
    classes: tuple[ClassAccuracy, ...]
    confusions: tuple[Confusion, ...]


def summary(truth: _Vector, ranked: _Table, names: Sequence[str]) -> Summary:
    """Return the figures of N images.

    Args:
        truth: Index of the right class (N,).
        ranked: Indices of the likeliest classes (N, up to 5), the likeliest first.
        names: Of the classes.
    """
    first = ranked[:, 0]
    right = first == truth
    classes = tuple(
        ClassAccuracy(names[index], int((truth == index).sum()), float(right[truth == index].mean()))
        for index in np.unique(truth).tolist()
    )
    wrong = Counter(zip(truth[~right].tolist(), first[~right].tolist(), strict=True))
    frequent = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    confusions = tuple(Confusion(names[label], names[guess], count) for (label, guess), count in frequent)
    return Summary(float(right.mean()), float((ranked == truth[:, None]).any(axis=1).mean()), classes, confusions)


def wilson(right: int, total: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share, 0..1 (Wilson 1927, J. Am. Stat. Assoc. 22, 209).

    Args:
        right: Successes.
        total: Trials, at least 1.
    """
    share, square = right / total, _NORMAL_95**2
    centre = share + square / (2 * total)
    spread = _NORMAL_95 * math.sqrt(share * (1 - share) / total + square / (4 * total**2))
    scale = 1 + square / total
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
