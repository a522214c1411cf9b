from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from edgevit.errors import ConversionError, DiskError, OutputError, TargetExistsError, UsageError
from edgevit.store import publish
from edgevit.store.diskerrors import writing
from edgevit.store.lock import lock
from edgevit.store.publish import scratch, write_file_atomically
from tests.store.stub_build import build, fill, names, text_of

_ROOT = Path(__file__).parents[2]


def test_the_folder_appears_whole_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "sdk"
    with scratch(target) as draft:
        assert draft.path.parent == tmp_path
        fill(draft.path, "new")
        assert not target.exists()
        assert draft.publish() == target
    assert text_of(target) == "new"
    assert names(tmp_path) == ["sdk"]


def test_without_publish_nothing_remains(tmp_path: Path) -> None:
    with scratch(tmp_path / "sdk") as draft:
        fill(draft.path, "new")
    assert names(tmp_path) == []


def test_a_failure_leaves_the_old_folder(tmp_path: Path) -> None:
    target = tmp_path / "sdk"
    build(target, "old")
    with pytest.raises(UsageError):
        _build_with(target, lambda: _fail(UsageError("something else")))
    assert text_of(target) == "old"
    assert names(tmp_path) == ["sdk"]


@pytest.mark.parametrize("can_swap", [True, False])
def test_an_old_folder_of_ours_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_swap: bool) -> None:
    if not can_swap:
        monkeypatch.setattr(publish, "exchange", lambda _one, _other: False)
    target = tmp_path / "sdk"
    build(target, "old")
    build(target, "new")
    assert text_of(target) == "new"
    assert names(tmp_path) == ["sdk"]


def test_an_empty_folder_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "sdk"
    target.mkdir()
    build(target, "new")
    assert text_of(target) == "new"


def test_a_folder_behind_a_link_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    build(real, "old")
    link.symlink_to(real)
    build(link, "new")
    assert link.is_symlink()
    assert text_of(real) == "new"


def test_edits_made_during_the_work_are_kept(tmp_path: Path) -> None:
    target = tmp_path / "sdk"
    build(target, "old")
    with pytest.raises(TargetExistsError, match="edited") as caught:
        _build_with(target, lambda: (target / "README.md").write_text("mine"))
    assert "README.md" in caught.value.why
    assert (target / "README.md").read_text() == "mine"
    assert names(tmp_path) == ["sdk"]


def test_a_foreign_folder_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "sdk"

    def appear() -> None:
        target.mkdir()
        (target / "thesis.txt").write_text("years of work")

    with pytest.raises(TargetExistsError):
        _build_with(target, appear)
    assert names(target) == ["thesis.txt"]


def test_leftovers_of_dead_processes_are_swept_and_others_kept(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    gone = [f".sdk.tmp-{dead.pid}-0", f".sdk.tmp-{dead.pid}-7", f".sdk.tmp-{os.getpid()}-0"]
    kept = [f".sdk.tmp-{os.getppid()}-0", f".sdk2.tmp-{dead.pid}-0", f".sdk.tmp-{dead.pid}-0.bak"]
    for name in gone + kept:
        (tmp_path / name / "deep").mkdir(parents=True)
    build(tmp_path / "sdk", "new")
    assert names(tmp_path) == sorted(["sdk", *kept])


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, DiskError),
        (errno.EDQUOT, DiskError),
        (errno.EROFS, DiskError),
        (errno.EIO, DiskError),
        (errno.EACCES, OutputError),
        (errno.ENAMETOOLONG, OutputError),
    ],
)
def test_disk_errors_of_the_body_are_explained(tmp_path: Path, number: int, error: type[OutputError]) -> None:
    target = tmp_path / "sdk"
    with pytest.raises(error) as caught, scratch(target) as draft:
        raise OSError(number, os.strerror(number), str(draft.path / "weights.bin"))
    assert str(target) in caught.value.what
    assert os.strerror(number) in caught.value.why
    assert caught.value.help
    assert caught.value.exit_status == 8


def test_errors_name_the_target_and_not_the_scratch_folder(tmp_path: Path) -> None:
    target = tmp_path / "sdk"
    with pytest.raises(DiskError) as caught, scratch(target) as draft, writing(draft.path / "Model.mlpackage"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert f"'{target}/Model.mlpackage'" in caught.value.what


def test_errors_about_other_places_pass_through(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), scratch(tmp_path / "sdk"):
        raise PermissionError(errno.EACCES, "no", "/elsewhere")


@pytest.mark.parametrize("error", [RuntimeError("write failed"), ConversionError("The converter failed.")])
def test_a_full_disk_behind_a_foreign_failure_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(publish, "_free_bytes", lambda _: 4096)
    with pytest.raises(DiskError), scratch(tmp_path / "sdk"):
        raise error


def test_a_foreign_failure_with_space_left_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="write failed"), scratch(tmp_path / "sdk"):
        raise RuntimeError("write failed")


def test_eight_processes_on_one_target(tmp_path: Path) -> None:
    target = tmp_path / "sdk"
    program = [sys.executable, "-m", "tests.store.stub_build", str(target)]
    processes = [subprocess.Popen([*program, f"builder {number}", "0.002"], cwd=_ROOT) for number in range(8)]
    assert [process.wait() for process in processes] == [0] * 8
    assert text_of(target) in {f"builder {number}" for number in range(8)}
    assert names(tmp_path) == ["sdk"]


def test_a_scratch_is_published_once(tmp_path: Path) -> None:
    with scratch(tmp_path / "sdk") as draft:
        fill(draft.path, "new")
        draft.publish()
        with pytest.raises(RuntimeError):
            draft.publish()


def test_the_waiting_user_is_told_who_works(tmp_path: Path) -> None:
    target, told = tmp_path / "sdk", threading.Event()
    said: list[str] = []

    def listen(sentence: str) -> None:
        said.append(sentence)
        told.set()

    def wait_and_build() -> None:
        with scratch(target, on_wait=listen):
            pass

    with lock(target):
        waiting = threading.Thread(target=wait_and_build)
        waiting.start()
        assert told.wait(30)
    waiting.join(30)
    assert not waiting.is_alive()
    assert str(os.getpid()) in said[0]


def test_a_file_is_replaced_with_all_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    write_file_atomically(path, b"old")
    write_file_atomically(path, b"new" * 1000)
    assert path.read_bytes() == b"new" * 1000
    assert names(tmp_path) == ["model.safetensors"]


def test_a_file_has_the_mode_that_the_umask_asks_for(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    write_file_atomically(tmp_path / "atomic", b"")
    assert (tmp_path / "atomic").stat().st_mode == plain.stat().st_mode


def test_a_file_that_cannot_be_flushed_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.safetensors"
    write_file_atomically(path, b"old")

    def fail(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(publish, "sync_file", fail)
    with pytest.raises(DiskError):
        write_file_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["model.safetensors"]


def test_a_file_where_a_folder_is_or_without_one(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_file_atomically(tmp_path, b"")
    with pytest.raises(OutputError, match="does not exist"):
        write_file_atomically(tmp_path / "missing" / "file", b"")


def test_threads_may_write_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    threads = [threading.Thread(target=write_file_atomically, args=(path, bytes([n]) * 5000)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(path.read_bytes())) == 1
    assert names(tmp_path) == ["file"]


def _build_with(target: Path, meanwhile: Callable[[], object]) -> None:
    """Build at ``target``; something happens between the last file and the publishing."""
    with scratch(target) as draft:
        fill(draft.path, "new")
        meanwhile()
        draft.publish()


def _fail(error: Exception) -> None:
    raise error
