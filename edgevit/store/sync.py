"""Making sure that bytes and names have reached the disk."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

__all__ = ["sync_file", "sync_folder", "sync_tree"]

# fsync(2) on macOS stops at the drive's cache; its manual names this fcntl for the rest of the way.
_FULL_SYNC: int | None = getattr(fcntl, "F_FULLFSYNC", None)


def sync_file(descriptor: int) -> None:
    """Flush one open file to the medium.

    Raises:
        OSError: The disk refuses; the bytes may be lost.
    """
    if _FULL_SYNC is not None:
        try:
            fcntl.fcntl(descriptor, _FULL_SYNC)
        except OSError:  # not every file system has it; the plain call below is what is left
            pass
        else:
            return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Flush a folder's list of names, so that a rename in it survives a power cut.

    Raises:
        OSError: The folder is missing or the disk refuses.
    """
    _sync_path(folder, os.O_RDONLY | os.O_DIRECTORY)


def sync_tree(folder: Path) -> None:
    """Flush every file below ``folder``, then the folders from the leaves up.

    Raises:
        OSError: A file cannot be read or the disk refuses.
    """
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            file = Path(parent, name)
            if not file.is_symlink():
                _sync_path(file, os.O_RDONLY)
        sync_folder(Path(parent))


def _sync_path(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        sync_file(descriptor)
    finally:
        os.close(descriptor)
