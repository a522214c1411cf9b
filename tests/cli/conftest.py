"""Running the command line inside the test process, with the process's signal handlers put back."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from edgevit.cli.app import run


@dataclass(frozen=True)
class Result:
    """What one command line did."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The one JSON object on standard output."""
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def edgevit(capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run ``edgevit`` with arguments."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def call(*arguments: object) -> Result:
        status = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    yield call
    for number, handler in handlers.items():
        signal.signal(number, handler)
