"""kill -9 at any moment: the target is the old SDK or the new one, and the next run leaves nothing else behind."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.store.stub_build import build, names, text_of

_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", ["SIGKILL", "SIGINT"])
@pytest.mark.parametrize(
    ("state", "way", "at_least"), [("new", "swap", 40), ("replace", "swap", 80), ("replace", "aside", 80)]
)
def test_stopped_before_every_file_system_call(
    tmp_path: Path, state: str, way: str, at_least: int, number: str
) -> None:
    program = [sys.executable, "-m", "tests.store.signal_everywhere", str(tmp_path), state, way, number]
    report = json.loads(subprocess.run(program, check=True, capture_output=True, text=True, cwd=_ROOT).stdout)
    assert report["problems"] == []
    assert report["points"] >= at_least


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_a_random_time(tmp_path: Path, seed: int) -> None:
    target = tmp_path / "sdk"
    build(target, "old")
    process = _start(target, pause="0.02")
    time.sleep(random.Random(seed).uniform(0, 0.09))  # noqa: S311 - a moment, no secret
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert text_of(target) in {"old", "new"}
    build(target, "next")
    assert names(tmp_path) == ["sdk"]
    assert text_of(target) == "next"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("delay", [0.0, 0.013, 0.031, 0.058])
def test_interrupted(tmp_path: Path, number: signal.Signals, status: int, delay: float) -> None:
    target = tmp_path / "sdk"
    build(target, "old")
    process = _start(target, pause="0.5")
    time.sleep(delay)
    process.send_signal(number)
    assert process.wait() == status
    assert text_of(target) == "old"
    assert names(tmp_path) == ["sdk"]


def _start(target: Path, *, pause: str) -> subprocess.Popen[bytes]:
    """Start a build in a process of its own and return once it has its scratch folder."""
    program = [sys.executable, "-m", "tests.store.stub_build", str(target), "new", pause]
    process = subprocess.Popen(program, cwd=_ROOT)
    while not any(".tmp-" in name for name in names(target.parent)):
        assert process.poll() is None, "the build never started"
        time.sleep(0.005)
    return process
