"""A device's report: checked against its schema, and the figures that follow from its samples.

The same figures as the apps show, computed the same way; see ``LatencyStatistics`` and ``InvalidReason`` there.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edgevit.errors import BadReportError, listed
from edgevit.schemas import REPORT, load_schema
from edgevit.schemas.validation import violations

__all__ = ["DeviceReport", "Latency", "read_report"]

_MOST_BYTES = 32 * 2**20
"""A sample takes about 200 bytes, and there are 16,384 at most."""

_TRIMMED = 10
"""Fastest and slowest runs of a round that the FastViT paper's protocol leaves out."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Summary of the measured runs, in milliseconds.

    Attributes:
        runs: How many there were; where they are too many, every ``sample_stride``-th was kept, and figures are theirs.
        modelbench: For that protocol alone.
    """

    runs: int
    minimum: float
    p50: float
    p90: float
    p99: float
    maximum: float
    mean: float
    deviation: float
    modelbench: float | None = None


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """What a probe measured.

    Attributes:
        content: The report as it came, valid by its schema.
        load_ms: Loading the model, first time in this process.
        first_ms: The first run.
        latency: The measured runs; None where there are none.
        self_test: How many photographs gave PyTorch's answer, and how many there were; None where it was not run.
        thermal: States that the phone was in while it measured, coolest first.
        reasons: Why the figures must not be compared with others; none means that they are good.
    """

    content: Mapping[str, Any]
    load_ms: float | None
    first_ms: float | None
    latency: Latency | None
    self_test: tuple[int, int] | None
    thermal: tuple[str, ...]
    reasons: tuple[str, ...]


def read_report(data: bytes) -> DeviceReport:
    """Read a report that a phone wrote.

    Raises:
        BadReportError: It is too large, no JSON, or breaks its schema.
    """
    if len(data) > _MOST_BYTES:
        raise BadReportError("The phone's report is too large.", why=f"It has {len(data)} bytes.", help=_HELP)
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadReportError("The phone's report is no JSON.", why=str(error), help=_HELP) from error
    found = violations(content, load_schema(REPORT))
    if found:
        raise BadReportError("The phone's report breaks its schema.", why=listed(found, limit=5), help=_HELP)
    return DeviceReport(
        content=content,
        load_ms=_milliseconds(content.get("load_ns")),
        first_ms=_milliseconds(content.get("first_ns")),
        latency=_latency(content),
        self_test=_self_test(content),
        thermal=_thermal(content),
        reasons=tuple(name for name, holds in _REASONS.items() if holds(content)),
    )


_HELP = "Build the APK again with this edgevit; if that does not help, report this as a bug."


def _milliseconds(nanoseconds: float | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / 1e6


def _latency(content: Mapping[str, Any]) -> Latency | None:
    runs = [sample["duration_ns"] for sample in content["samples"]]
    if not runs:
        return None
    ordered = sorted(runs)
    return Latency(
        runs=content["runs"],
        minimum=ordered[0] / 1e6,
        p50=_quantile(ordered, 0.5) / 1e6,
        p90=_quantile(ordered, 0.9) / 1e6,
        p99=_quantile(ordered, 0.99) / 1e6,
        maximum=ordered[-1] / 1e6,
        mean=statistics.fmean(runs) / 1e6,
        deviation=statistics.stdev(runs) / 1e6 if len(runs) > 1 else 0.0,
        modelbench=_milliseconds(_modelbench(content, runs)),
    )


def _quantile(ordered: Sequence[int], share: float) -> float:
    """Return the value at a share of the way, between the two nearest ranks."""
    position = share * (len(ordered) - 1)
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def _modelbench(content: Mapping[str, Any], runs: Sequence[int]) -> float | None:
    """Return the FastViT paper's figure: the first round dropped, of each other one the extremes, the rest averaged."""
    length = content["plan"]["round_length"]
    if content["plan"]["layout"] != "modelbench" or length == 0 or content["sample_stride"] != 1:
        return None
    rounds = [runs[start : start + length] for start in range(length, len(runs), length)]
    if not rounds or any(len(one) <= 2 * _TRIMMED for one in rounds):
        return None
    return statistics.fmean(run for one in rounds for run in sorted(one)[_TRIMMED:-_TRIMMED])


def _self_test(content: Mapping[str, Any]) -> tuple[int, int] | None:
    results = content.get("self_test")
    if results is None:
        return None
    return sum(result["same_pixels"] and result["same_answer"] for result in results), len(results)


_THERMAL = ("nominal", "fair", "serious", "critical")


def _thermal(content: Mapping[str, Any]) -> tuple[str, ...]:
    seen = {sample["conditions"]["thermal"] for sample in content["samples"]}
    return tuple(state for state in _THERMAL if state in seen)


def _happened(kind: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda content: any(event["kind"] == kind for event in content["events"])


def _throttled(content: Mapping[str, Any]) -> bool:
    return content["plan"]["layout"] != "sustained" and bool({"serious", "critical"} & set(_thermal(content)))


_REASONS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "unfinished": lambda content: content["phase"] != "measured",
    "cancelled": _happened("cancelled"),
    "too_few_runs": lambda content: content["runs"] < content["plan"]["min_runs"],
    "other_processors": lambda content: content["placement"].get("used") != content["plan"]["compute_units"],
    "interrupted": _happened("background"),
    "low_memory": _happened("memory_warning"),
    "throttled": _throttled,
    "low_power": lambda content: any(sample["conditions"]["low_power"] for sample in content["samples"]),
    "not_optimized": lambda content: not content["subject"]["optimized"],
}
"""The apps' words, in their order."""
