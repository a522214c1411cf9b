"""Whether a scheme is worse than a peer's default of about the same size: one line a pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.quantization_accuracy import points_lost
from benchmarks.quantization_cases import CASES, Case, Kind
from benchmarks.quantization_rows import Figures

__all__ = ["Outcome", "Verdict", "verdicts"]

_SAME_DB = 0.5
_SAME_SIZE = 1.05


class Outcome(StrEnum):
    """What comes out of a pair, in words that follow the name of our file."""

    BETTER = "better"
    EQUAL = "as good"
    WORSE = "WORSE"
    LARGER = "LARGER"
    ALONE = "without a rival"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One pair.

    Attributes:
        ours: Name of our case.
        peer: Name of the peer's.
        outcome: What comes out.
        reason: The figures that it comes from.
    """

    ours: str
    peer: str
    outcome: Outcome
    reason: str

    def __str__(self) -> str:
        return f"{self.ours} is {self.outcome.value}: {self.reason} ({self.peer})"


def verdicts(rows: Mapping[str, Figures]) -> Iterator[Verdict]:
    """Yield the verdict on each pair of which both rows are there.

    Top-1 on the same images decides where chance does not explain the difference, signal to noise (half a decibel)
    otherwise. A file more than 5 % larger than the peer's is no answer at all.
    """
    for name, case in CASES.items():
        ours = _rival(case)
        if ours in rows and name in rows and not rows[ours].note:
            outcome, reason = _judged(rows[ours], rows[name])
            yield Verdict(ours, name, outcome, reason)


def _rival(case: Case) -> str:
    return Case(Kind.SCHEME, case.form, case.rival).name if case.kind is Kind.PEER else ""


def _judged(ours: Figures, peer: Figures) -> tuple[Outcome, str]:
    if peer.note:
        return Outcome.ALONE, f"the peer's has no figures, {peer.note}"
    lost = points_lost(peer, ours)
    gain = ours.sqnr_db - peer.sqnr_db
    accuracy = "" if lost is None else f"{0.0 - lost.points:+.2f} ± {lost.error:.2f} points, "
    reason = f"{accuracy}{gain:+.1f} dB at {ours.megabytes / peer.megabytes:.2f} of its size"
    if ours.megabytes > _SAME_SIZE * peer.megabytes:
        return Outcome.LARGER, reason
    if lost is not None and lost.significant:
        return Outcome.WORSE if lost.points > 0 else Outcome.BETTER, reason
    if abs(gain) <= _SAME_DB:
        return Outcome.EQUAL, reason
    return Outcome.BETTER if gain > 0 else Outcome.WORSE, reason
