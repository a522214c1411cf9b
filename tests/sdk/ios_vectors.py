"""The golden vector that Swift's core alone has: an iPhone's report."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from tests.sdk.vectors import report_vector

__all__ = ["ios_report_vector"]


def ios_report_vector() -> Mapping[str, object]:
    """Return the report that both cores read, with what only a probe on iOS writes."""
    report: dict[str, Any] = copy.deepcopy(dict(report_vector()))
    report["subject"]["task_priority"] = 25
    report["samples"][0]["conditions"]["footprint_bytes"] = 41_943_040
    report["self_test"] = [
        {"photo": "coffee", "same_pixels": True, "same_answer": True, "psnr_mdb": 61234},
        {"photo": "rocket", "same_pixels": False, "same_answer": False, "mistake": "normalized_twice"},
    ]
    report["operations"] = [
        {
            "name": "ios16.conv",
            "preferred": "neural_engine",
            "supported": ["cpu", "gpu", "neural_engine"],
            "cost_ppm": 999_999,
        },
        {"name": "ios16.softmax", "preferred": "cpu", "supported": ["cpu", "other"]},
    ]
    return report
