"""What people run most must be quick: no heavy package, little processor time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "numpy", "coremltools", "huggingface_hub", "safetensors", "PIL", "ai_edge_litert", "cryptography")

_PROGRAM = """
import sys
from edgevit.cli.app import run
status = run(sys.argv[1:])
sys.stderr.write(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
sys.exit(status)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["list"], ["list", "--json"], ["build", "--help"]])
def test_nothing_heavy_is_imported(arguments: list[str]) -> None:
    assert not set(HEAVY) & _imported(arguments)


def test_a_wrong_name_is_answered_at_once() -> None:
    assert not set(HEAVY) & _imported(["build", "fastvit_t9", "--ios"], status=2)


def _imported(arguments: list[str], *, status: int = 0) -> set[str]:
    """Return the top-level modules that a command line has imported at its end."""
    program = [sys.executable, "-c", _PROGRAM, *arguments]
    done = subprocess.run(program, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == status
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["list"]])
def test_processor_time(arguments: list[str]) -> None:
    """Best of three, in processor time: that does not depend on what else the machine does."""
    assert min(_processor_time(arguments) for _ in range(3)) < 0.3


def _processor_time(arguments: list[str]) -> float:
    process = subprocess.Popen([sys.executable, "-m", "edgevit", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


def test_shell_completion_of_commands_and_models() -> None:
    def complete(words: str) -> list[str]:
        environment = os.environ | {
            "_EDGEVIT_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        }
        program = [sys.executable, "-m", "edgevit"]
        done = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return [line.removeprefix("plain,") for line in done.stdout.split()]

    assert complete("edgevit bu") == ["build"]
    assert "efficientvit_m0" in complete("edgevit build effi")
