"""A disk that has no room for the weights is reported as such, wherever the writer stops."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert
from edgevit.errors import DiskError
from edgevit.types import Head
from tests.backends.coreml.toy import toy


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount a RAM disk")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize("free", [0, 4, 8, 12, 16, 20, 24])
def test_too_little_room(disk: Path, free: int) -> None:
    """The toy needs some 20 KiB of weights and 20 KiB more for the program."""
    whole = os.statvfs(disk)
    (disk / "filler").write_bytes(bytes(whole.f_bavail * whole.f_frsize - free * 1024))
    with pytest.raises(DiskError) as caught:
        convert(toy(Head.LOGITS), ConversionRequest(), disk / "M.mlpackage", twin=disk / "T.mlpackage")
    assert "space" in caught.value.why
