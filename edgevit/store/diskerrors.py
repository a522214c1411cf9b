"""What the operating system says about a disk, as errors that tell what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edgevit.errors import DiskError, InputError, OutputError

__all__ = ["is_disk_trouble", "output_error", "reading", "writing"]


@dataclass(frozen=True, slots=True)
class _Advice:
    """The class of error for one errno, and what helps."""

    error: type[OutputError]
    help: str


_ELSEWHERE = "Choose another place with --out."

_ADVICE = {
    errno.ENOSPC: _Advice(DiskError, f"Free some space, or write to another disk. {_ELSEWHERE}"),
    errno.EDQUOT: _Advice(DiskError, f"Your quota is used up: delete files or ask for more. {_ELSEWHERE}"),
    errno.EFBIG: _Advice(DiskError, "A limit on file sizes is in force (see 'ulimit -f'): raise it."),
    errno.EROFS: _Advice(DiskError, f"The file system is mounted read-only. {_ELSEWHERE}"),
    errno.EIO: _Advice(DiskError, f"The disk reports a fault: check it before anything else. {_ELSEWHERE}"),
    errno.EACCES: _Advice(OutputError, f"You may not write there. Change the permissions, or: {_ELSEWHERE}"),
    errno.EPERM: _Advice(OutputError, f"You may not write there. Change the permissions, or: {_ELSEWHERE}"),
    errno.ENAMETOOLONG: _Advice(OutputError, "Choose a shorter name with --out."),
    errno.ENOTDIR: _Advice(OutputError, "A part of the path is a file, not a folder. Check the path."),
    errno.ENOENT: _Advice(OutputError, "The folder is gone, or never was there. Check the path and run again."),
    errno.EBUSY: _Advice(OutputError, f"The folder is in use, for example as a mount point. {_ELSEWHERE}"),
    errno.EXDEV: _Advice(OutputError, f"The folder is a mount point. {_ELSEWHERE}"),
    errno.ELOOP: _Advice(OutputError, "The path leads through a loop of symbolic links. Check the path."),
    errno.EMFILE: _Advice(OutputError, "Too many files are open (see 'ulimit -n')."),
}

_DISK_TROUBLE = frozenset(number for number, advice in _ADVICE.items() if advice.error is DiskError)


def is_disk_trouble(error: OSError) -> bool:
    """Return whether ``error`` is about a disk itself: full, quota, size limit, read-only, or faulty."""
    return error.errno in _DISK_TROUBLE


def output_error(error: OSError, path: Path) -> OutputError:
    """Return what to tell a user whose result at ``path`` could not be written because of ``error``."""
    advice = _ADVICE.get(error.errno or 0, _Advice(OutputError, _ELSEWHERE))
    return advice.error(f"'{path}' cannot be written.", why=_reason(error), help=advice.help)


@contextmanager
def writing(path: Path, *, only_below: Path | None = None) -> Iterator[None]:
    """Turn operating-system errors of the body into errors about writing ``path``.

    Args:
        path: The result that the body makes, for the message.
        only_below: For bodies that do more than write: lets errors through that are neither about the disk nor about
            a file below this folder.

    Raises:
        DiskError: No space, quota, file-size limit, read-only file system, or a fault of the disk.
        OutputError: Any other failure, for example permissions.
    """
    try:
        yield
    except OSError as error:
        if only_below is None or is_disk_trouble(error) or _is_below(error, only_below):
            raise output_error(error, path) from error
        raise


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn operating-system errors of the body into :class:`InputError` about ``path``.

    Raises:
        InputError: The file or folder is missing or cannot be read.
    """
    try:
        yield
    except OSError as error:
        named = error.filename if isinstance(error.filename, str) else path
        raise InputError(f"'{named}' cannot be read.", why=_reason(error), help="Check the path.") from error


def _is_below(error: OSError, path: Path) -> bool:
    name = error.filename
    return isinstance(name, str) and Path(name).is_relative_to(path)


def _reason(error: OSError) -> str:
    text = error.strerror or str(error)
    return f"The system says: {text}."
