"""Results that appear whole or not at all: written beside the target, flushed, then renamed into place."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edgevit.errors import ConversionError, EdgeVitError, OutputError
from edgevit.store.diskerrors import output_error, writing
from edgevit.store.exchange import exchange
from edgevit.store.leftovers import aside_path, recover, remove, sweep, temporary_paths
from edgevit.store.lock import lock
from edgevit.store.shield import shielded
from edgevit.store.sync import sync_file, sync_folder, sync_tree
from edgevit.store.target import check_file_target, check_target

__all__ = ["Scratch", "scratch", "write_file_atomically"]

_FULL_BELOW = 64 * 1024
"""Free bytes under which a failure of foreign code is put down to the full disk."""


class Scratch:
    """An empty folder to fill, on the target's file system.

    Attributes:
        path: The folder to write into.
        target: Where :meth:`publish` puts it.
    """

    def __init__(self, path: Path, target: Path) -> None:
        self.path = path
        self.target = target
        self._published = False

    def publish(self) -> Path:
        """Flush the folder to the disk, put it at the target in one step, and return the target.

        What was at the target before is removed; it is checked again first, since it may have been edited during the
        work. Call it once, as the last step.

        Raises:
            TargetExistsError: The target may not be replaced (any more).
            DiskError: The disk is full, read-only or failing; the old target is untouched.
            OutputError: The system refuses for another reason; the old target is untouched.
        """
        if self._published:
            raise RuntimeError("a scratch folder is published once")
        with writing(self.target):
            sync_tree(self.path)
            check_target(self.target)
            with shielded():
                _put(self.path, self.target)
                self._published = True
            sync_folder(self.target.parent)
        return self.target


@contextmanager
def scratch(target: Path, *, on_wait: Callable[[str], None] | None = None) -> Iterator[Scratch]:
    """Lock ``target`` and give an empty folder beside it; it is removed at the end, published or not.

    The folder is ``.<name>.tmp-<pid>-<n>``; leftovers of dead processes are swept first. Until
    :meth:`Scratch.publish` is at its end, an exception, a signal or a power cut leaves what was at the target.

    Args:
        target: The result's folder. See :func:`~edgevit.store.target.check_target` for what may be replaced.
        on_wait: Called once with a sentence, if another process holds the target.

    Raises:
        TargetExistsError: The target exists and must not be replaced.
        LockedError: Another process holds the target.
        DiskError: The disk is full, read-only or failing, here or in the body.
        OutputError: The target cannot be made for another reason, here or in the body.
    """
    real = check_target(target)
    with lock(real, on_wait=on_wait):
        with writing(real):
            recover(real)
        check_target(real)
        folder = None
        try:
            with writing(real), shielded():
                folder = next(temporary_paths(real))
                folder.mkdir()
            with _body_errors(real, folder):
                yield Scratch(folder, real)
        finally:
            if folder is not None:
                with shielded():
                    remove(folder)


def write_file_atomically(path: Path, data: bytes) -> None:
    """Write a file so that ``path`` holds its old bytes or all the new ones, whatever happens.

    Raises:
        DiskError: The disk is full, read-only or failing.
        OutputError: The folder is missing, ``path`` is a folder, or the system refuses for another reason.
    """
    real = check_file_target(path)
    with writing(path):
        sweep(real)
        descriptor, temporary = _open_temporary(real)
        try:
            _fill(descriptor, data)
            temporary.replace(real)
        except BaseException:
            remove(temporary)
            raise
        sync_folder(real.parent)


def _open_temporary(target: Path) -> tuple[int, Path]:
    for path in temporary_paths(target):
        try:
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), path
        except FileExistsError:  # another thread was faster
            continue
    raise AssertionError("the names are endless")


def _fill(descriptor: int, data: bytes) -> None:
    with open(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        sync_file(descriptor)


def _put(folder: Path, target: Path) -> None:
    """Move ``folder`` to ``target``; what was there is at ``folder`` afterwards, or gone where it was empty."""
    if not target.exists() or not any(target.iterdir()):
        folder.rename(target)
    elif not exchange(folder, target):
        aside = aside_path(target)
        target.rename(aside)
        try:
            folder.rename(target)
        except OSError:
            aside.rename(target)
            raise
        aside.rename(folder)


@contextmanager
def _body_errors(target: Path, folder: Path) -> Iterator[None]:
    """Turn failures of the body that come from the disk into errors about the target."""
    try:
        with writing(target, only_below=folder):
            yield
    except OutputError as error:  # of a room that was given a path in the scratch folder, which the user never named
        what = error.what.replace(str(folder), str(target))
        raise type(error)(what, why=error.why, help=error.help) from error
    except Exception as error:
        if _may_hide_a_full_disk(error) and _free_bytes(target.parent) < _FULL_BELOW:
            raise output_error(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), target) from error
        raise


def _may_hide_a_full_disk(error: Exception) -> bool:
    """Return whether foreign code failed: writers in C++ report a full disk as anything."""
    return isinstance(error, ConversionError) or not isinstance(error, EdgeVitError)


def _free_bytes(folder: Path) -> int:
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize
