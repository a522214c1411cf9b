from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from edgevit.store.shield import shielded


@pytest.fixture(autouse=True)
def _usual_handlers() -> Iterator[None]:
    """Interrupt as an interactive Python does, whatever the test runner has installed."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


def test_an_interrupt_waits_for_the_end_of_the_body() -> None:
    done: list[str] = []

    def body() -> None:
        with shielded():
            signal.raise_signal(signal.SIGINT)
            done.append("body")
        done.append("after")

    with pytest.raises(KeyboardInterrupt):
        body()
    assert done == ["body"]


def test_handlers_are_back_afterwards() -> None:
    with shielded():
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_other_threads_just_run() -> None:
    done = threading.Event()

    def body() -> None:
        with shielded():
            done.set()

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert done.is_set()
