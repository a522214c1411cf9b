from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from edgevit.probe.adb import Adb
from edgevit.sdk.apk.archive import Entry, write_archive

DIGEST = "ab" * 32
PLACE = "/storage/emulated/0/Android/data/dev.edgevit.bench/files/report.json"
FINISHED = f"I/EdgeVitBench( 4711): finished valid=true self_test=2/2 report={PLACE}"
VECTOR = Path(__file__).resolve().parents[2] / "android_template/core/src/test/resources/vectors/report.json"


def sample_report(**changes: Any) -> dict[str, Any]:
    """Return a good report of a standard run; keyword arguments replace members of it."""
    cool = {"thermal": "nominal", "low_power": False, "battery_percent": 80}
    report = {
        "schema": "edgevit-report/1",
        "subject": {
            "model": "fastvit_t8",
            "sha256": DIGEST,
            "device": "Google Pixel 9",
            "system": "Android 16 (API 36)",
            "optimized": True,
            "weights_are_trained": True,
        },
        "plan": {
            "layout": "standard",
            "warm_up": 10,
            "preparations": 2,
            "min_runs": 100,
            "min_duration_ns": 0,
            "round_length": 0,
            "compute_units": "cpu",
        },
        "started_at_s": 1_700_000_000,
        "phase": "measured",
        "placement": {"asked": "cpu", "used": "cpu", "failures": []},
        "load_ns": 120_000_000,
        "first_ns": 9_000_000,
        "preparations_ns": [1_000_000, 1_100_000],
        "samples": [{"start_ns": n, "duration_ns": n * 1_000_000, "conditions": cool} for n in range(1, 102)],
        "runs": 101,
        "sample_stride": 1,
        "discarded": 0,
        "events": [],
        "self_test": [{"photo": "coffee", "same_pixels": True, "same_answer": True}] * 2,
    }
    return report | changes


class Phone:
    """A phone behind a scripted adb; change ``scene`` before use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scene: dict[str, Any] = {
            "devices": ["1A2B\tdevice usb:1-1 product:tokay model:Pixel_9 device:tokay transport_id:1"],
            "install": "",
            "date": "1700000000",
            "start": "Status: ok",
            "dead": False,
            "log": ["I/EdgeVitBench( 4711): started standard cpu", "I/EdgeVitBench( 4711): phase measured", FINISHED],
            "log_ends": False,
            "report": json.dumps(sample_report()),
        }
        self.program = folder / "adb"
        script = Path(__file__).with_name("fake_adb.py")
        self.program.write_text(
            f"#!/bin/sh\nFAKE_ADB='{folder}' exec '{sys.executable}' -S -E '{script}' \"$@\"\n", encoding="utf-8"
        )
        self.program.chmod(0o755)

    def adb(self, **changes: Any) -> Adb:
        """Return adb for this phone, with changes of its scene."""
        (self.folder / "scene.json").write_text(json.dumps(self.scene | changes), encoding="utf-8")
        return Adb(self.program)

    @property
    def calls(self) -> list[str]:
        """What adb was asked, without the serial."""
        return [line.partition(" ")[2] for line in (self.folder / "calls.txt").read_text(encoding="utf-8").splitlines()]

    @property
    def has_app(self) -> bool:
        return (self.folder / "installed").exists()


@pytest.fixture
def phone(tmp_path: Path) -> Phone:
    (tmp_path / "phone").mkdir()
    return Phone(tmp_path / "phone")


@pytest.fixture
def apk(tmp_path: Path) -> Path:
    config = json.dumps({"artifact": {"sha256": DIGEST}}).encode()
    path = tmp_path / "bench.apk"
    path.write_bytes(write_archive([Entry("assets/edgevit/edgevit.json", config)]))
    return path
