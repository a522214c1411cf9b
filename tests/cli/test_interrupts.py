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
from tests.store.stub_build import fill

def build(spec, on_event):
    with scratch(spec.out) as draft:
        fill(draft.path, "new")
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            if {wrapped}:
                raise RuntimeError("a library made something else of the interrupt")
            raise
        draft.publish()

pipeline.build = build
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize(
    ("number", "status", "code"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_an_interrupted_build(tmp_path: Path, number: signal.Signals, status: int, code: str, wrapped: bool) -> None:
    target = tmp_path / "sdk"
    build(target, "old")
    program = [sys.executable, "-c", _SLOW.replace("{wrapped}", str(wrapped))]
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
