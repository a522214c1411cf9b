"""A program: kills a stub build with SIGKILL before every one of its file-system calls, and reports what was left.

Arguments: FOLDER STATE EXCHANGE, where STATE is ``new`` or ``replace`` and EXCHANGE is ``swap`` or ``aside`` (the way
of systems without an atomic swap). Prints JSON: how many points were tried and what was wrong.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from unittest import mock

from edgevit.store.publish import scratch
from tests.store import stub_build

_WATCHED = ("open", "os.", "shutil.", "fcntl.")


def main(folder: Path, state: str, way: str) -> None:
    """Try every point until the build survives."""
    problems: list[str] = []
    point = 0
    while not _try_point(folder / str(point), state, way, point, problems):
        point += 1
    sys.stdout.write(json.dumps({"points": point, "problems": problems}))


def _try_point(folder: Path, state: str, way: str, point: int, problems: list[str]) -> bool:
    """Kill one build at its ``point``-th call, check what is left, run the next build; True if it came through."""
    folder.mkdir()
    target = folder / "sdk"
    if state == "replace":
        stub_build.build(target, "old")
    survived = _in_child(lambda: _build_and_die(target, way, point)) == 0
    try:
        _check(target, state, way, survived=survived)
    except (AssertionError, OSError, ValueError) as error:
        problems.append(f"point {point}: {error}")
    shutil.rmtree(folder)
    return survived


def _check(target: Path, state: str, way: str, *, survived: bool) -> None:
    allowed = {"new"} if survived else {"new", "old" if state == "replace" else None}
    if way == "swap":
        assert stub_build.text_of(target) in allowed
    # A later build of the same target that fails on its own account: it still repairs what the killed one left.
    assert _in_child(lambda: _begin(target)) == 0
    assert stub_build.text_of(target) in allowed
    litter = {entry.name for entry in target.parent.iterdir()} - {"sdk"}
    assert not litter, f"left behind: {litter}"


def _begin(target: Path) -> None:
    with scratch(target):
        pass


def _build_and_die(target: Path, way: str, point: int) -> None:
    calls = 0

    def count(event: str, _: object) -> None:
        nonlocal calls
        if event.startswith(_WATCHED):
            if calls == point:
                os.kill(os.getpid(), signal.SIGKILL)
            calls += 1

    without_swap = mock.patch("edgevit.store.publish.exchange", return_value=False)
    with without_swap if way == "aside" else nullcontext():
        sys.addaudithook(count)
        stub_build.build(target, "new")


def _in_child(body: Callable[[], None]) -> int:
    """Run ``body`` in a forked child; return its wait status."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            body()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
