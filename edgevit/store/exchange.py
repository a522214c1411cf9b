"""Swapping two folders so that no moment shows neither."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

__all__ = ["exchange"]

_AT_FDCWD = -100
_SWAP = 2  # RENAME_EXCHANGE of rename(2) on Linux and RENAME_SWAP of renamex_np(2) on macOS have the same value

# The file system or the kernel is too old for the call; both manuals name these.
_UNAVAILABLE = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


def exchange(one: Path, other: Path) -> bool:
    """Swap two paths of one file system in a single step.

    Returns:
        False if this system or file system cannot do that; nothing has changed then.

    Raises:
        OSError: The system refuses for another reason, for example permissions.
    """
    call = _swap_call()
    if call is None:
        return False
    if call(os.fsencode(one), os.fsencode(other)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNAVAILABLE:
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))


def _swap_call() -> Callable[[bytes, bytes], int] | None:
    """Return a function that swaps two paths and gives 0 or sets errno, or None where the C library has none."""
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        return lambda one, other: int(library.renameat2(_AT_FDCWD, one, _AT_FDCWD, other, _SWAP))
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return lambda one, other: int(library.renamex_np(one, other, _SWAP))
    return None
