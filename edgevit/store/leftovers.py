"""Names of temporary files and folders, and cleaning up what killed processes left."""

from __future__ import annotations

import itertools
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

__all__ = ["aside_path", "recover", "remove", "sweep", "temporary_paths"]


def temporary_paths(target: Path) -> Iterator[Path]:
    """Yield free names beside ``target``: ``.<name>.tmp-<pid>-<n>``. Another thread may take one meanwhile."""
    names = (target.parent / f".{target.name}.tmp-{os.getpid()}-{number}" for number in itertools.count())
    return (name for name in names if not os.path.lexists(name))


def aside_path(target: Path) -> Path:
    """Return where the old target waits while the new one moves in, on systems that cannot swap."""
    return target.parent / f".{target.name}.edgevit.old"


def recover(target: Path) -> None:
    """Bring back or remove what a killed process left around ``target``. The caller holds the target's lock.

    Raises:
        OSError: The folder of ``target`` cannot be read or changed.
    """
    aside = aside_path(target)
    if aside.exists():
        if target.exists():
            remove(aside)
        else:
            aside.rename(target)
    # Under the lock nobody else of this process writes here: our own number is from an earlier process that had it.
    sweep(target, also=os.getpid())


def sweep(target: Path, *, also: int | None = None) -> None:
    """Remove temporary files and folders of ``target`` whose process is dead, or has the number ``also``.

    Raises:
        OSError: The folder of ``target`` cannot be read.
    """
    pattern = re.compile(re.escape(f".{target.name}.tmp-") + r"(\d+)-\d+")
    for entry in list(target.parent.iterdir()):
        match = pattern.fullmatch(entry.name)
        if match and (int(match[1]) == also or not _is_alive(int(match[1]))):
            remove(entry)


def remove(path: Path) -> None:
    """Remove a file or folder as far as possible; what stays is swept by the next run."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # it lives, and belongs to somebody else
        pass
    return True
