"""How far one network's answers are from another's, over images."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from edgevit.types import Head

__all__ = ["Answers", "Fidelity", "answer", "compare_answers"]

_SMALLEST_PROBABILITY = 1e-30
"""Softmax in float32 gives 0 below about 1e-45; smaller probabilities count as this."""

_NUMBERS_AT_ONCE = 1 << 18
"""Of a batch's inputs: 85 images of 32 x 32, 21 of 64 x 64, and one of 224 x 224, where nothing is won by more."""

Answers = NDArray[np.float64]
"""One row an image: logits up to a constant for classifiers, all outputs in a row otherwise."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """A network's answers against the source's on the same images.

    Attributes:
        sqnr_db: Signal to noise in dB over all images; logits are centred. Infinite when equal.
        divergence: Mean Kullback-Leibler divergence of the class probabilities from the source's, in nats; noise to
            signal where the network does not classify.
        agreement: Share of images with the same arg max, 0..1; 1 where the network does not classify.
        accuracy: Share of images whose arg max is the label, 0..1; None without labels.
    """

    sqnr_db: float
    divergence: float
    agreement: float
    accuracy: float | None = None


@torch.no_grad()
def answer(network: nn.Module, head: Head, inputs: Iterable[Tensor]) -> Answers:
    """Return what a network answers to each input (1, 3, H, W), each as if alone.

    Small inputs are computed together (``torch.vmap``), which takes a fraction of the time: there, calls cost more
    than arithmetic.
    """
    rows: list[Answers] = []
    for batch in _batches(inputs):
        outputs = torch.vmap(network)(torch.stack(batch)) if len(batch) > 1 else network(batch[0])
        tensors = [outputs] if isinstance(outputs, Tensor) else list(outputs)
        rows.append(np.concatenate([tensor.double().numpy().reshape(len(batch), -1) for tensor in tensors], axis=1))
    return _comparable(np.concatenate(rows), head)


def compare_answers(source: Answers, other: Answers, head: Head, labels: Sequence[int] | None = None) -> Fidelity:
    """Return how far ``other`` is from ``source``; values that are not finite are infinitely far.

    Args:
        source: Rows of the source network.
        other: Rows of the network in question, of the same images.
        head: What both return.
        labels: The true class of each image.
    """
    classifies = head in (Head.LOGITS, Head.PROBABILITIES)
    top1 = other.argmax(1)
    accuracy = None if labels is None else float(np.mean(top1 == np.asarray(labels)))
    if not np.isfinite(other).all():
        return Fidelity(-np.inf, np.inf, 0.0, accuracy)
    noise, signal = float(np.square(other - source).sum()), float(np.square(source).sum())
    if not classifies:
        return Fidelity(_decibels(signal, noise), noise / max(signal, 1e-30), 1.0)
    divergence = float(_divergence(source, other).mean())
    return Fidelity(_decibels(signal, noise), divergence, float(np.mean(top1 == source.argmax(1))), accuracy)


def _batches(inputs: Iterable[Tensor]) -> Iterator[list[Tensor]]:
    """Yield inputs in as large groups as are computed together."""
    remaining = iter(inputs)
    for first in remaining:
        others = max(1, _NUMBERS_AT_ONCE // first.numel()) - 1
        yield [first, *itertools.islice(remaining, others)]


def _comparable(rows: Answers, head: Head) -> Answers:
    """Return logits, up to a constant for each image, of classifiers, and other outputs as they are."""
    if head is Head.PROBABILITIES:
        rows = np.log(np.maximum(rows, _SMALLEST_PROBABILITY))
    return np.asarray(rows - rows.mean(1, keepdims=True)) if head in (Head.LOGITS, Head.PROBABILITIES) else rows


def _divergence(source: Answers, other: Answers) -> Answers:
    """Return KL(source, other) of each row's softmax."""
    first, second = _log_softmax(source), _log_softmax(other)
    return np.asarray((np.exp(first) * (first - second)).sum(1))


def _log_softmax(rows: Answers) -> Answers:
    shifted = rows - rows.max(1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(1, keepdims=True)))


def _decibels(signal: float, noise: float) -> float:
    if noise == 0.0:
        return math.inf
    return 10.0 * math.log10(signal / noise) if signal > 0.0 else -math.inf
