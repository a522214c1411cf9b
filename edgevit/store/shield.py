"""Short stretches that an interrupt must not cut in half."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["shielded"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def shielded() -> Iterator[None]:
    """Hold back SIGINT and SIGTERM for the body, and deliver them to their handlers after it.

    Handlers are swapped instead of the signal mask, because the system may give a masked signal to another thread,
    from which Python passes it to the main thread's handler all the same. Other threads get no
    ``KeyboardInterrupt``; there the body simply runs.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[tuple[int, FrameType | None]] = []
    handlers = {number: handler for number in _SIGNALS if callable(handler := signal.getsignal(number))}
    for number in handlers:
        signal.signal(number, lambda received, frame: held.append((received, frame)))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for received, frame in held:
            handlers[signal.Signals(received)](received, frame)
