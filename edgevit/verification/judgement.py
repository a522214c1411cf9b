"""Collects figures, compares them with their budget, and ends in a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edgevit.types import Cost, InputMetrics, Verdict
from edgevit.verification.budgets import Budget
from edgevit.verification.metrics import Vector, compare, top1_margin
from edgevit.verification.outputs import Outputs, pairs, sampled

__all__ = ["Judgement"]


_FEW = 32
"""Outputs of fewer values have no range of their own: two logits may be close by chance on one image."""


@dataclass(frozen=True, slots=True)
class _Compared:
    """One output on one input; where it has few values, with the reference's and the file's."""

    output: str
    metrics: InputMetrics
    few: tuple[Vector, Vector] | None


class Judgement:
    """The figures of one file so far, and one sentence for each budget that it misses."""

    def __init__(self, tolerances: Budget) -> None:
        self._tolerances = tolerances
        self._compared: list[_Compared] = []
        self._failures: list[str] = []

    def fail(self, *sentences: str) -> None:
        """Add failures."""
        self._failures += sentences

    def require_graph(self, worst: float) -> None:
        """Add a failure when the float32 graph differs from PyTorch by more than its budget; NaN fails."""
        self._require(worst, self._tolerances.graph_max_rel, "The float32 graph differs from PyTorch")

    def require_weights(self, worst: float) -> None:
        """Add a failure when the weights differ from PyTorch's rounded ones by more than their budget; NaN fails."""
        limit = self._tolerances.rounding_max_rel
        self._require(worst, 0.0 if limit is None else limit, "The weights differ from PyTorch's, half-rounded,")

    def require_written(self, worst: float) -> None:
        """Add a failure when a quantized file differs from PyTorch computing as it does, by more than its budget."""
        limit = self._tolerances.rounding_max_rel
        self._require(worst, 0.0 if limit is None else limit, "The file differs from PyTorch with the same codes")

    @staticmethod
    def difference(expected: Outputs, actual: Outputs) -> float:
        """Return the largest max |difference| / max |reference| over all outputs."""
        return max(compare(name, a, b).max_rel for name, a, b in pairs(expected, actual))

    def add(self, name: str, expected: Outputs, actual: Outputs, labels: Sequence[str] = ()) -> None:
        """Judge the outputs on one input.

        Args:
            name: Of the input.
            expected: What PyTorch computes.
            actual: What the file computes.
            labels: The file's labels in the order of classes, empty where it has none.
        """
        several = len(expected.values) > 1
        for output, reference, computed in pairs(expected, actual):
            metrics = compare(f"{name}, {output}" if several else name, reference, computed)
            few = (reference.ravel(), computed.ravel()) if reference.size < _FEW else None
            self._compared.append(_Compared(output, metrics, few))
            if reference.ndim <= 2 and not metrics.top1_equal and top1_margin(reference) > self._tolerances.top1_margin:
                self.fail(f"On {metrics.name}, the largest output is another one although PyTorch's lead is clear.")
        self._check_probabilities(name, expected, actual)
        self._check_label(name, actual, labels)

    def check_labels(self, actual: Sequence[str], wanted: Sequence[str] | None) -> None:
        """Add a failure when the file's labels are not those wanted, in order."""
        if wanted is None or list(actual) == list(wanted):
            return
        places = [i for i, (a, b) in enumerate(zip(actual, wanted, strict=False)) if a != b]
        if places:
            first = places[0]
            self.fail(f"{len(places)} labels differ, first class {first}: {actual[first]!r}, not {wanted[first]!r}.")
        else:
            self.fail(f"The file has {len(actual)} labels, not {len(wanted)}.")

    def verdict(
        self,
        *,
        artifact_sha256: str,
        runtime: str,
        graph_max_rel: float | None = None,
        rounding_max_rel: float | None = None,
        range_report: Mapping[str, object] | None = None,
        cost: Cost | None = None,
    ) -> Verdict:
        """Return the verdict on everything that was added."""
        inputs = self.figures
        for each, metrics in zip(self._compared, inputs, strict=True):
            self._check_psnr(metrics, few=each.few is not None)
        agreement = [metrics.top1_equal for metrics in inputs]
        return Verdict(
            artifact_sha256=artifact_sha256,
            runtime=runtime,
            passed=bool(inputs) and not self._failures,
            graph_max_rel=graph_max_rel,
            rounding_max_rel=rounding_max_rel,
            psnr_db=min((metrics.psnr_db for metrics in inputs), default=float("-inf")),
            cosine=min((metrics.cosine for metrics in inputs), default=0.0),
            max_abs=max((metrics.max_abs for metrics in inputs), default=float("inf")),
            top1_agreement=sum(agreement) / len(agreement) if agreement else 0.0,
            budget=self._tolerances.as_mapping(),
            inputs=inputs,
            failures=tuple(self._failures),
            range_report=range_report or {},
            cost=cost,
        )

    @property
    def figures(self) -> tuple[InputMetrics, ...]:
        """Return the figures of all inputs so far."""
        return _on_common_scale(self._compared)

    def _require(self, value: float, limit: float, sentence: str) -> None:
        if not value <= limit:
            self.fail(f"{sentence} by {value:.1e}, more than {limit:.0e}.")

    def _check_psnr(self, metrics: InputMetrics, *, few: bool) -> None:
        floor = self._tolerances.psnr_db - (self._tolerances.few_allowance_db if few else 0.0)
        if not metrics.psnr_db >= floor:
            self.fail(f"On {metrics.name}, PSNR against PyTorch is {metrics.psnr_db:.1f} dB, below {floor:.0f} dB.")

    def _check_probabilities(self, name: str, expected: Outputs, actual: Outputs) -> None:
        if expected.probabilities is None:
            return
        computed = actual.probabilities
        if computed is not None and expected.is_sampled:
            computed = sampled(computed)
        if computed is None or computed.shape != expected.probabilities.shape:
            self.fail(f"On {name}, the file does not give one probability for each class.")
            return
        difference = float(np.abs(computed - expected.probabilities).max())
        limit = self._tolerances.probability_max_abs
        if not difference <= limit:
            self.fail(f"On {name}, a probability differs by {difference:.1e}, more than {limit:.0e}.")

    def _check_label(self, name: str, actual: Outputs, labels: Sequence[str]) -> None:
        """Add a failure when the label is not that of the largest probability."""
        if actual.label is None or actual.probabilities is None or len(labels) != actual.probabilities.size:
            return
        if actual.label != labels[int(actual.probabilities.argmax())]:
            self.fail(f"On {name}, the label is {actual.label!r}, which is not the most probable class.")


def _on_common_scale(compared: Sequence[_Compared]) -> tuple[InputMetrics, ...]:
    """Return the figures of all inputs; an output of few values is measured against its range over all inputs."""
    seen: dict[str, list[Vector]] = {}
    for each in compared:
        if each.few is not None:
            seen.setdefault(each.output, []).append(each.few[0])
    peaks = {output: _range(np.concatenate(values)) for output, values in seen.items()}
    return tuple(
        each.metrics if each.few is None else compare(each.metrics.name, *each.few, peak=peaks[each.output])
        for each in compared
    )


def _range(values: Vector) -> float:
    """Return the range of the values and zero: where a few logits all lie close together, their size is the scale."""
    return float(max(values.max(), 0.0) - min(values.min(), 0.0))
