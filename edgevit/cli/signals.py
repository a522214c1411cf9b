"""SIGTERM as an interrupt, so that what a build has begun is cleaned up."""

from __future__ import annotations

import signal
import threading
from types import FrameType

__all__ = ["Interrupts", "Terminated"]


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived."""


class Interrupts:
    """Turns SIGINT and SIGTERM into exceptions, and remembers that one came.

    Libraries catch exceptions that they should not, while they are imported for example; :meth:`check` raises again
    what they swallowed.
    """

    def __init__(self) -> None:
        self.received: KeyboardInterrupt | None = None

    def install(self) -> None:
        """Take over both signals, where Python allows it: in the main thread."""
        if threading.current_thread() is not threading.main_thread():
            return
        signal.signal(signal.SIGTERM, self._handle)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._handle)

    def check(self) -> None:
        """Raise the interrupt that came, if one did."""
        if self.received is not None:
            raise self.received

    def _handle(self, number: int, _: FrameType | None) -> None:
        self.received = Terminated() if number == signal.SIGTERM else KeyboardInterrupt()
        raise self.received
