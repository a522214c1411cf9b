"""Golden vectors for the Kotlin core: those that Swift reads as well, camera frames, an Android phone's report."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from edgevit.sdk import jsonfile
from tests.sdk.frames import frame_vectors
from tests.sdk.vectors import (
    canonical,
    photo_vectors,
    preprocessing_vectors,
    ranking_vectors,
    report_vector,
    statistics_vectors,
)

__all__ = ["android_report_vector", "android_vectors"]


def android_vectors() -> dict[str, bytes]:
    """Return file name -> bytes."""
    return {
        "preprocessing.json": jsonfile.encode(preprocessing_vectors()),
        "ranking.json": jsonfile.encode(ranking_vectors()),
        "frames.json": jsonfile.encode(frame_vectors()),
        "photos.json": canonical(photo_vectors()),
        "statistics.json": canonical(statistics_vectors()),
        "report.json": canonical(android_report_vector()),
    }


def android_report_vector() -> Mapping[str, object]:
    """Return the report that Swift's vector has, as a probe on Android would have written it."""
    report: dict[str, Any] = copy.deepcopy(dict(report_vector()))
    report["subject"] |= {"device": "Google Pixel 9", "system": "Android 16 (API 36)", "thread_priority": -8}
    report["plan"]["compute_units"] = report["placement"]["asked"] = "gpu"
    report["placement"] |= {"used": "cpu", "failures": [{"units": "gpu", "reason": "line\nbreak"}]}
    report["samples"][0]["conditions"] |= {"thermal_headroom_percent": 70, "pss_bytes": 99}
    report["self_test"] = [
        {"photo": "coffee", "same_pixels": True, "same_answer": True, "psnr_mdb": 61234},
        {"photo": "rocket", "same_pixels": False, "same_answer": False, "mistake": "bgr"},
    ]
    return report
