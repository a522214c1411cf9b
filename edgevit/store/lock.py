"""One process at a time for one target."""

from __future__ import annotations

import fcntl
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from edgevit.errors import LockedError, UsageError
from edgevit.store.diskerrors import writing
from edgevit.store.shield import shielded

__all__ = ["TIMEOUT_VARIABLE", "lock", "lock_path"]

TIMEOUT_VARIABLE = "EDGEVIT_LOCK_TIMEOUT"
"""Environment variable: seconds to wait for a lock, 0 or more."""

_SUFFIX = ".edgevit.lock"
_DEFAULT_TIMEOUT = 60.0
_POLL_SECONDS = 0.1


def lock_path(target: Path) -> Path:
    """Return the lock file of ``target``: beside it, hidden, gone when nobody holds it."""
    return target.parent / f".{target.name}{_SUFFIX}"


@contextmanager
def lock(target: Path, *, timeout: float | None = None, on_wait: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the lock of ``target`` for the body. The system frees it when the process ends, however it ends.

    Args:
        target: What is about to be made; its parent must exist.
        timeout: Seconds to wait; None takes :data:`TIMEOUT_VARIABLE`, else 60.
        on_wait: Called once with a sentence about the holder, when somebody else has the lock.

    Raises:
        LockedError: Somebody else kept the lock for all that time; the message names the process.
        UsageError: The environment variable is not a number of seconds.
        OutputError: The lock file cannot be made.
    """
    path = lock_path(target)
    held: list[int] = []
    try:
        _acquire(path, held, _timeout(timeout), on_wait)
        yield
    finally:
        with shielded():
            for descriptor in held:
                # Unlinking before the release: whoever waits for this file sees that it is gone from the path.
                path.unlink(missing_ok=True)
                os.close(descriptor)


def _acquire(path: Path, held: list[int], timeout: float, on_wait: Callable[[str], None] | None) -> None:
    """Append the descriptor of the lock to ``held``, which an interrupt right after it cannot lose."""
    deadline = time.monotonic() + timeout
    while True:
        with shielded(), writing(path):
            held += _try(path)
        if held:
            return
        if time.monotonic() >= deadline:
            raise _locked(path, timeout)
        if on_wait is not None:
            on_wait(f"Waiting for {_holder(path)} to finish.")
            on_wait = None
        time.sleep(_POLL_SECONDS)


def _try(path: Path) -> list[int]:
    """Return a descriptor that holds the lock, or nothing if somebody else does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        # flock, not lockf: it belongs to this descriptor, so that two threads exclude each other as well.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_at(descriptor, path):
            _sign(descriptor)
            return [descriptor]
    except BlockingIOError:
        pass
    except OSError:  # for example a full disk: the lock is ours, and so is its file
        path.unlink(missing_ok=True)
        os.close(descriptor)
        raise
    os.close(descriptor)
    return []


def _is_at(descriptor: int, path: Path) -> bool:
    """Return whether the locked file is still the one at ``path``, not one that its holder has just removed."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _sign(descriptor: int) -> None:
    """Write who holds the lock, for the message to those who wait."""
    signature = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(signature).encode(), 0)


def _holder(path: Path) -> str:
    """Return who holds the lock, as far as the file says."""
    try:
        signature = json.loads(path.read_text(encoding="utf-8"))
        return f"another edgevit (process {int(signature['pid'])}, since {signature['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another edgevit"


def _locked(path: Path, timeout: float) -> LockedError:
    target = path.parent / path.name.removeprefix(".").removesuffix(_SUFFIX)
    return LockedError(
        f"'{target}' is being made by another process.",
        why=f"Waited {timeout:g} s for {_holder(path)}.",
        help=f"Wait for it, choose another --out, or set {TIMEOUT_VARIABLE} to the seconds to wait.",
    )


def _timeout(given: float | None) -> float:
    if given is not None:
        return given
    text = os.environ.get(TIMEOUT_VARIABLE, "").strip()
    if not text:
        return _DEFAULT_TIMEOUT
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise UsageError(
            f"{TIMEOUT_VARIABLE} is '{text}', which is not a number of seconds.", help="Use 0 or more, for example 300."
        )
    return seconds
