from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from edgevit.errors import BadReportError
from edgevit.probe.report import read_report
from tests.probe.conftest import VECTOR, sample_report

STATISTICS = VECTOR.with_name("statistics.json")
COOL = {"thermal": "nominal", "low_power": False}


def _read(**changes: Any) -> Any:
    """Read a report with changes; it has as many runs as samples, unless a change says otherwise."""
    if "samples" in changes:
        changes = {"runs": len(changes["samples"])} | changes
    return read_report(json.dumps(sample_report(**changes)).encode())


def _samples(durations: list[int], **conditions: Any) -> list[dict[str, Any]]:
    return [{"start_ns": 0, "duration_ns": duration, "conditions": COOL | conditions} for duration in durations]


def test_a_good_report() -> None:
    report = _read()
    assert report.reasons == ()
    assert (report.load_ms, report.first_ms) == (120.0, 9.0)
    latency = report.latency
    assert latency is not None
    assert (latency.runs, latency.minimum, latency.p50, latency.p90, latency.maximum) == (101, 1.0, 51.0, 91.0, 101.0)
    assert latency.p99 == pytest.approx(100.0)
    assert latency.mean == pytest.approx(51.0)
    assert latency.modelbench is None
    assert report.self_test == (2, 2)
    assert report.thermal == ("nominal",)


@pytest.mark.skipif(not STATISTICS.is_file(), reason="needs a source checkout")
def test_figures_are_those_of_the_apps() -> None:
    """The vectors that the Swift and Kotlin statistics are tested with."""
    cases = json.loads(STATISTICS.read_bytes())["cases"]
    assert len(cases) > 3
    for case in cases:
        latency = _read(samples=_samples(case["series"])).latency
        for name, field in _FIGURES.items():
            assert getattr(latency, field) * 1e6 == pytest.approx(case["statistics"][name], abs=0.51), name


_FIGURES = {"p50": "p50", "p90": "p90", "p99": "p99", "mean": "mean", "std": "deviation", "min": "minimum"}


def test_modelbench_drops_the_first_round_and_the_extremes() -> None:
    plan = sample_report()["plan"] | {"layout": "modelbench", "round_length": 50, "min_runs": 150}
    rounds = [1_000_000_000] * 50 + [*range(1, 51)] + [*range(1001, 1051)]
    latency = _read(plan=plan, samples=_samples(rounds)).latency
    assert latency.modelbench * 1e6 == pytest.approx((25.5 + 1025.5) / 2)
    assert _read(plan=plan, samples=_samples(rounds[:60])).latency.modelbench is None


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"phase": "warm", "samples": []}, ("unfinished", "too_few_runs")),
        ({"events": [{"at_ns": 1, "kind": "cancelled", "detail": ""}]}, ("cancelled",)),
        ({"events": [{"at_ns": 1, "kind": "background", "detail": ""}]}, ("interrupted",)),
        ({"events": [{"at_ns": 1, "kind": "memory_warning", "detail": ""}]}, ("low_memory",)),
        ({"placement": {"asked": "gpu", "used": "gpu", "failures": []}}, ("other_processors",)),
        ({"placement": {"asked": "cpu", "failures": []}}, ("other_processors",)),
        ({"samples": _samples([1] * 100, thermal="serious")}, ("throttled",)),
        ({"samples": _samples([1] * 100, low_power=True)}, ("low_power",)),
        ({"subject": sample_report()["subject"] | {"optimized": False}}, ("not_optimized",)),
    ],
)
def test_why_figures_do_not_count(changes: dict[str, Any], reasons: tuple[str, ...]) -> None:
    assert _read(**changes).reasons == reasons


def test_heat_is_what_a_sustained_run_is_for() -> None:
    plan = sample_report()["plan"] | {"layout": "sustained"}
    report = _read(plan=plan, samples=_samples([1] * 99, thermal="critical") + _samples([1]))
    assert report.reasons == ()
    assert report.thermal == ("nominal", "critical")


def test_a_long_series_keeps_a_part_of_its_runs() -> None:
    plan = sample_report()["plan"] | {"min_runs": 10_000}
    thinned = _read(plan=plan, samples=_samples([1, 2, 3] * 40), runs=15_001, sample_stride=128)
    assert thinned.reasons == ()
    assert (thinned.latency.runs, thinned.latency.p50) == (15_001, 2e-6)


def test_modelbench_needs_every_run() -> None:
    plan = sample_report()["plan"] | {"layout": "modelbench", "round_length": 50}
    samples = _samples(list(range(150)))
    assert _read(plan=plan, samples=samples).latency.modelbench is not None
    assert _read(plan=plan, samples=samples, runs=299, sample_stride=2).latency.modelbench is None


def test_more_samples_than_an_app_keeps_are_refused() -> None:
    with pytest.raises(BadReportError, match="16385"):
        _read(samples=_samples([1] * 16_385))


def test_a_report_that_ended_early_has_no_figures() -> None:
    report = _read(phase="loaded", samples=[], self_test=[])
    assert report.latency is None
    assert report.self_test == (0, 0)


@pytest.mark.skipif(not VECTOR.is_file(), reason="needs a source checkout")
def test_a_report_that_the_app_wrote_is_read() -> None:
    report = read_report(VECTOR.read_bytes())
    assert "interrupted" in report.reasons
    assert report.latency is not None
    assert math.isfinite(report.latency.deviation)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[]", "no object"),
        (json.dumps(sample_report(schema="edgevit-report/2")).encode(), "schema is not"),
        (json.dumps(sample_report(surprise=1)).encode(), "unknown surprise"),
        (json.dumps(sample_report(load_ns=-1)).encode(), "load_ns = -1"),
        (json.dumps(sample_report(load_ns=1.5)).encode(), "load_ns is no integer"),
    ],
)
def test_what_is_no_report_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(BadReportError, match=says):
        read_report(data)


def test_a_partial_report_passes_its_schema() -> None:
    content = sample_report(phase="started", samples=[], preparations_ns=[])
    for key in ("load_ns", "first_ns", "self_test"):
        del content[key]
    report = read_report(json.dumps(content).encode())
    assert (report.load_ms, report.self_test) == (None, None)


def test_the_vector_is_where_the_tests_look() -> None:
    assert Path(__file__).parents[2].joinpath("android_template").is_dir() == VECTOR.is_file()
