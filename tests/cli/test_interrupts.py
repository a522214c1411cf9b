"""SIGINT and SIGTERM during a build of the real command line: exit status, old result, nothing left behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.store.stub_build import build, names, text_of

ROOT = Path(__file__).resolve().parents[2]

_SLOW = """
import sys, time
from edgevit import pipeline
from edgevit.cli.app import run
from edgevit.store.publish import scratch
from edgevit.types import Event
from tests.store.stub_build import fill

def build(spec, on_event):
    with scratch(spec.out) as draft:
        fill(draft.path, "new")
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            if "{library}" == "honest":
                raise
            if "{library}" == "translating":
                raise RuntimeError("the library failed")
        on_event(Event("publish", "start", "Publishing"))
        draft.publish()

pipeline.build = build
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize("library", ["honest", "translating", "swallowing"])
@pytest.mark.parametrize(
    ("number", "status", "code"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_an_interrupted_build(tmp_path: Path, number: signal.Signals, status: int, code: str, library: str) -> None:
    target = tmp_path / "sdk"
    build(target, "old")
    program = [sys.executable, "-c", _SLOW.replace("{library}", library)]
    arguments = ["build", "fastvit_t8", "--ios", "--json", "--out", str(target)]
    process = subprocess.Popen([*program, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    while not any(path.name == "manifest.json" for path in tmp_path.glob(".sdk.tmp-*/*")):
        assert process.poll() is None, "the build never started"
        time.sleep(0.01)
    process.send_signal(number)
    out, _ = process.communicate()
    assert process.returncode == status
    assert json.loads(out)["error"]["code"] == code
    assert text_of(target) == "old"
    assert names(tmp_path) == ["sdk"]


_AT_STAGE = """
import os, signal, sys
from edgevit import pipeline
from edgevit.cli.app import run

real, stage = pipeline.build, sys.argv.pop(1)

def build(spec, on_event):
    def listen(event):
        on_event(event)
        if (event.stage, event.kind) == (stage, "start"):
            signal.setitimer(signal.ITIMER_REAL, 0.05)
    return real(spec, on_event=listen)

signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
pipeline.build = build
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["check", "weights", "fold", "adapt", "golden", "convert", "verify", "sdk"])
def test_a_real_build_terminated_in_each_stage(tmp_path: Path, stage: str) -> None:
    target = tmp_path / "sdk"
    build(target, "old")
    arguments = ["build", "efficientvit_m0", "--ios", "--weights", "random", "--json", "--out", str(target)]
    done = subprocess.run(
        [sys.executable, "-c", _AT_STAGE, stage, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert json.loads(done.stdout)["error"]["code"] == "terminated"
    assert done.returncode == 143
    assert text_of(target) == "old"
    assert names(tmp_path) == ["sdk"]
