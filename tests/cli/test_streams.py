"""Readers that go away, outputs that cannot be written, and results that do not mix with progress."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgevit.cli.failure import BROKEN_PIPE

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-m", "edgevit"]


@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"], ["--help"]])
def test_a_reader_that_is_gone(arguments: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([*PROGRAM, *arguments], cwd=ROOT, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert done.returncode == BROKEN_PIPE
    assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"], ["--help"]])
def test_an_output_that_is_full(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, *arguments], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 8
    if "--json" not in arguments:
        assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_output() -> None:
    command = f"{sys.executable} -m edgevit list >&-"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_locale_without_unicode() -> None:
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [*PROGRAM, "list", "fastvit_\N{SNOWMAN}"], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert rb"\udce2\udc98\udc83" in done.stderr


def test_json_is_one_object_and_nothing_else() -> None:
    done = subprocess.run([*PROGRAM, "doctor", "--json"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert isinstance(json.loads(done.stdout), dict)
    assert done.stderr == ""
