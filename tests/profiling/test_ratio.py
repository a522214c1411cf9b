"""One file timed against another one: which is faster, and refusals."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import nn

from edgevit.backends.tflite.emission import emit
from edgevit.backends.tflite.inputs import InputSpec
from edgevit.errors import ArtifactCorruptError
from edgevit.profiling.ratio import speed_ratio


def write(folder: Path, layers: int) -> Path:
    """Write a network of as many equal convolutions."""
    torch.manual_seed(0)
    network = nn.Sequential(*(nn.Conv2d(3 if not i else 32, 32, 3, padding=1) for i in range(layers))).eval()
    program = torch.export.export(network, (torch.randn(1, 3, 32, 32),))
    path = folder / f"{layers}.tflite"
    path.write_bytes(emit(program, inputs=[InputSpec("image")], outputs=["result"]))
    return path


def test_the_file_with_more_to_do_is_slower_either_way(tmp_path: Path) -> None:
    short, long = write(tmp_path, 1), write(tmp_path, 12)
    faster = speed_ratio(short, long, seconds=0.1)
    slower = speed_ratio(long, short, seconds=0.1)
    assert faster > 3.0
    assert slower < 1 / 3.0
    assert math.isclose(faster * slower, 1.0, rel_tol=0.7)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "damaged.tflite"
    path.write_bytes(b"\0" * 16 + b"TFL3" * 64)
    with pytest.raises(ArtifactCorruptError, match="cannot time"):
        speed_ratio(path, write(tmp_path, 1), seconds=0.1)
