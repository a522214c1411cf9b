"""litert-torch as the converter, in an environment that has it: its file passes the verdict that ours pass."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import edgevit

pytestmark = pytest.mark.native

_REPOSITORY = Path(__file__).resolve().parents[2]
_PYTHON = os.environ.get("EDGEVIT_LITERT_TORCH_PYTHON", "")


@pytest.mark.skipif(
    not _PYTHON, reason="EDGEVIT_LITERT_TORCH_PYTHON names no Python with litert-torch and edgevit's own"
)
def test_its_file_is_named_described_and_proven_like_ours(tmp_path: Path) -> None:
    flags = ["--android", "--precision", "fp32", "--converter", "litert-torch", "--weights", "random", "--json", "-q"]
    command = [_PYTHON, "-m", "edgevit", "build", "fastvit_t8", *flags, "--input-size", "64", "--out", "sdk"]
    environment = {**os.environ, "PYTHONPATH": str(_REPOSITORY)}
    built = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr[-3000:]
    report = json.loads(built.stdout)
    assert report["fidelity"]["passed"]
    assert report["artifact"]["ops"]["CONV_2D"] > 10
    verdict = edgevit.verify(tmp_path / "sdk")
    assert verdict.passed
    assert verdict.psnr_db > 100
