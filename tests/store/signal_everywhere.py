"""A program: sends a signal to a stub build before every one of its file-system calls, and reports what was left.

Arguments: FOLDER STATE EXCHANGE SIGNAL, where STATE is ``new`` or ``replace``, EXCHANGE is ``swap`` or ``aside`` (the
way of systems without an atomic swap) and SIGNAL is ``SIGKILL`` or ``SIGINT``. Prints JSON: how many points were tried
and what was wrong.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from edgevit.store.publish import scratch
from tests.store import stub_build

_WATCHED = ("open", "os.", "shutil.", "fcntl.")


@dataclass(frozen=True)
class _Scenario:
    state: str
    way: str
    signal: signal.Signals

    @property
    def allowed(self) -> set[str | None]:
        """What a later reader may find."""
        return {"new", "old" if self.state == "replace" else None}


def main(folder: Path, scenario: _Scenario) -> None:
    """Try every point until the build comes through without a signal."""
    problems: list[str] = []
    point = 0
    while not _try_point(folder / str(point), scenario, point, problems):
        point += 1
    sys.stdout.write(json.dumps({"points": point, "problems": problems}))


def _try_point(folder: Path, scenario: _Scenario, point: int, problems: list[str]) -> bool:
    """Stop one build at its ``point``-th call and check what is left; return True if there was no such call."""
    folder.mkdir()
    target = folder / "sdk"
    if scenario.state == "replace":
        stub_build.build(target, "old")
    sent = _in_child(lambda: _build_with_signal(target, scenario, point)) != 0
    try:
        _check(target, scenario, sent=sent)
    except (AssertionError, OSError, ValueError) as error:
        problems.append(f"point {point}: {error}")
    shutil.rmtree(folder)
    return not sent


def _check(target: Path, scenario: _Scenario, *, sent: bool) -> None:
    allowed = scenario.allowed if sent else {"new"}
    if scenario.way == "swap":
        assert stub_build.text_of(target) in allowed
    if scenario.signal is signal.SIGKILL:
        # A later build of the same target that publishes nothing: it still repairs what the killed one left.
        assert _in_child(lambda: _begin(target)) == 0
    assert stub_build.text_of(target) in allowed
    litter = set(stub_build.names(target.parent)) - {"sdk"}
    assert not litter, f"left behind: {litter}"


def _begin(target: Path) -> None:
    with scratch(target):
        pass


def _build_with_signal(target: Path, scenario: _Scenario, point: int) -> None:
    calls = 0

    def count(event: str, _: object) -> None:
        nonlocal calls
        if event.startswith(_WATCHED):
            calls += 1
            if calls == point + 1:
                os.kill(os.getpid(), scenario.signal)

    without_swap = mock.patch("edgevit.store.publish.exchange", return_value=False)
    with without_swap if scenario.way == "aside" else nullcontext():
        sys.addaudithook(count)
        stub_build.build(target, "new")


def _in_child(body: Callable[[], None]) -> int:
    """Run ``body`` in a forked child; return its wait status: 0 unless a signal or an exception ended it."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            body()
            status = 0
        except KeyboardInterrupt:
            pass
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


if __name__ == "__main__":
    main(Path(sys.argv[1]), _Scenario(sys.argv[2], sys.argv[3], signal.Signals[sys.argv[4]]))
