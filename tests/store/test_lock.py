from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from edgevit.errors import LockedError, OutputError, UsageError
from edgevit.store.lock import TIMEOUT_VARIABLE, lock, lock_path
from tests.store.stub_build import names

_HOLD = """
import sys, time
from pathlib import Path
from edgevit.store.lock import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_lock_file_names_its_holder_and_goes_away(tmp_path: Path) -> None:
    target = tmp_path / "sdk"
    with lock(target):
        assert json.loads(lock_path(target).read_text())["pid"] == os.getpid()
    assert names(tmp_path) == []


def test_a_second_holder_is_refused_by_name_and_admitted_after_a_kill(tmp_path: Path) -> None:
    target = tmp_path / "sdk"
    holder = subprocess.Popen([sys.executable, "-c", _HOLD, str(target)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder.stdout:
        holder.stdout.readline()
    with pytest.raises(LockedError) as caught, lock(target, timeout=0):
        pass
    assert str(holder.pid) in caught.value.why
    assert str(target) in caught.value.what
    assert TIMEOUT_VARIABLE in caught.value.help
    assert caught.value.exit_status == 9
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with lock(target, timeout=5):
        pass
    assert names(tmp_path) == []


def test_threads_exclude_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgevit.store.lock._POLL_SECONDS", 0)  # all the more races between release and acquisition
    target, inside, most = tmp_path / "sdk", [0], [0]

    def work() -> None:
        for _ in range(25):
            with lock(target, timeout=60):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0)
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_the_variable_sets_the_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TIMEOUT_VARIABLE, "0.3")
    with lock(tmp_path / "sdk"):
        start = time.monotonic()
        with pytest.raises(LockedError, match=r"Waited 0\.3 s"), lock(tmp_path / "sdk"):
            pass
        assert time.monotonic() - start >= 0.3


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf"])
def test_a_variable_that_is_no_duration_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(TIMEOUT_VARIABLE, value)
    with pytest.raises(UsageError, match="not a number of seconds"), lock(tmp_path / "sdk"):
        pass


def test_a_lock_in_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError), lock(tmp_path / "missing" / "sdk"):
        pass
