"""A disk that fills up at any moment: exit status 8, the old SDK untouched, nothing left behind."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edgevit.errors import DiskError
from edgevit.store.publish import write_file_atomically
from tests.store.stub_build import build, names, text_of

_PAGE = 4096


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """Mount a RAM disk of a few pages; skip where that is not allowed."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1M", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("needs the right to mount a RAM disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _resize(disk: Path, pages: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={pages * _PAGE}", disk], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a RAM disk")
def test_every_size_of_a_small_disk(tmp_path: Path) -> None:
    failures = 0
    with _small_disk(tmp_path / "disk") as disk:
        target = disk / "sdk"
        build(target, "old")
        (disk / "filler").write_bytes(b"")
        for free in range(24):
            used = _used_pages(disk)
            _resize(disk, used + free)
            try:
                build(target, "new")
            except DiskError:
                failures += 1
                assert text_of(target) == "old"
            assert names(disk) == ["filler", "sdk"]
            _resize(disk, 256)
            if text_of(target) == "new":
                build(target, "old")
    assert failures >= 5


def _used_pages(disk: Path) -> int:
    state = os.statvfs(disk)
    return int((state.f_blocks - state.f_bfree) * state.f_frsize // _PAGE)


@pytest.mark.parametrize("limit", [0, 1, 700, 3000])
def test_a_limit_on_file_sizes(tmp_path: Path, limit: int) -> None:
    target = tmp_path / "sdk"
    build(target, "old")
    with pytest.raises(DiskError, match="cannot be written") as caught, _file_size_limit(limit):
        build(target, "new")
    assert caught.value.exit_status == 8
    assert text_of(target) == "old"
    assert names(tmp_path) == ["sdk"]


def test_a_limit_on_file_sizes_for_one_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_file_atomically(path, b"old")
    with pytest.raises(DiskError), _file_size_limit(100):
        write_file_atomically(path, bytes(1000))
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_a_read_only_file_system(tmp_path: Path) -> None:
    with _small_disk(tmp_path / "disk") as disk:
        build(disk / "sdk", "old")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        with pytest.raises(DiskError, match="Read-only"):
            build(disk / "sdk", "new")
        with pytest.raises(DiskError, match="Read-only"):
            write_file_atomically(disk / "file", b"")
        assert text_of(disk / "sdk") == "old"
        assert names(disk) == ["sdk"]


@contextmanager
def _file_size_limit(limit: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
