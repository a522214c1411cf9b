"""The weight file: coremltools' native writer reports a full disk as an unknown error."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["disk_errors"]

_FILE = "weight.bin"
_WRITER = "[MIL FileWriter]"
"""How messages of the native writer start."""


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn failures of the native writer into what the operating system says about the file.

    Raises:
        OSError: No space, a quota, a limit on file sizes, a fault of the disk.
    """
    try:
        yield
    except RuntimeError as error:
        if _WRITER not in str(error):
            raise
        with (folder / _FILE).open("ab") as stream:
            stream.write(bytes(4096))
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(folder / _FILE)) from error
