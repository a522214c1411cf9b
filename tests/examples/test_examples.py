"""Every example runs as its text says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import edgevit

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_every_example_is_run() -> None:
    assert sorted(path.stem for path in EXAMPLES.glob("*.py")) == ["build_from_python", "own_checkpoint"]


@pytest.mark.parametrize("name", ["build_from_python", "own_checkpoint"])
def test_example_makes_a_package_that_verifies(name: str, tmp_path: Path) -> None:
    out = tmp_path / "sdk"
    run = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py"), str(out)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert edgevit.verify(out).passed
