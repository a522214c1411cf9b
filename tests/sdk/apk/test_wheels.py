from __future__ import annotations

import dataclasses
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edgevit.errors import DigestMismatchError, ToolMissingError
from edgevit.sdk.apk import wheels
from edgevit.sdk.apk.archive import Entry, read_entries, write_archive
from edgevit.sdk.apk.wheels import WHEELS, Wheel, fetch, obtain
from edgevit.types import Event

_JAR = write_archive([Entry("kotlinx/coroutines/Job.class", b"job"), Entry("other/A.class", b"a")])
_METADATA = b"Metadata-Version: 2.1\nName: edgevit-test-tools\nVersion: 1.0\n"
_TAG = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_DATA = write_archive(
    [
        Entry("tools/d8.jar", b"D8"),
        Entry("tools/all.jar", _JAR),
        Entry("edgevit_test_tools-1.0.dist-info/METADATA", _METADATA),
        Entry("edgevit_test_tools-1.0.dist-info/WHEEL", _TAG),
        Entry("edgevit_test_tools-1.0.dist-info/RECORD", b""),
    ]
)
_WHEEL = Wheel(
    requirement="edgevit-test-tools==1.0",
    sha256=hashlib.sha256(_DATA).hexdigest(),
    megabytes=1,
    content="a compiler",
    files={
        "d8.jar": "tools/d8.jar",
        "aapt2": "tools/all.jar!other/A.class",
        "lib/coroutines.jar": "tools/all.jar!kotlinx/coroutines/",
    },
)


@pytest.fixture
def index(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Wheel], None]:
    """Let pip find one wheel in a folder and nothing anywhere else; the returned function sets what is wanted."""
    (home / "index").mkdir()
    (home / "index/edgevit_test_tools-1.0-py3-none-any.whl").write_bytes(_DATA)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(home / "index"))
    monkeypatch.delenv("PIP_CONFIG_FILE", raising=False)

    def want(wheel: Wheel) -> None:
        monkeypatch.setitem(WHEELS, "android", wheel)

    want(_WHEEL)
    return want


@pytest.mark.usefixtures("index")
def test_what_is_fetched_is_unpacked_and_announced_once(home: Path) -> None:
    heard: list[Event] = []
    folder = fetch("android", heard.append)
    assert folder == home / "cache/edgevit/android/android"
    assert (folder / "d8.jar").read_bytes() == b"D8"
    assert (folder / "aapt2").read_bytes() == b"a"
    assert (folder / "aapt2").stat().st_mode & 0o111
    assert [entry.name for entry in read_entries((folder / "lib/coroutines.jar").read_bytes())] == [
        "kotlinx/coroutines/Job.class"
    ]
    fetch("android", heard.append)
    assert [event.message for event in heard] == ["Fetching a compiler: 1 MB, once"]
    assert [path.name for path in folder.parent.iterdir()] == ["android"], "nothing is left beside it"


def test_another_file_under_the_same_name_is_refused(index: Callable[[Wheel], None], home: Path) -> None:
    index(dataclasses.replace(_WHEEL, sha256="0" * 64))
    with pytest.raises(ToolMissingError) as caught:
        fetch("android")
    assert "hash" in caught.value.why.lower()
    assert not (home / "cache/edgevit/android/android").exists()


def test_pip_is_not_trusted_with_the_digest(
    index: Callable[[Wheel], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    index(dataclasses.replace(_WHEEL, sha256="0" * 64))
    (tmp_path / "other.whl").write_bytes(_DATA)
    (tmp_path / "bin").mkdir()
    lax = tmp_path / "bin" / "python"
    lax.write_text(f'#!/bin/sh\ncp \'{tmp_path}/other.whl\' "$(dirname "${{12}}")"\n', encoding="utf-8")
    lax.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(lax))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    with pytest.raises(DigestMismatchError):
        fetch("android")


def test_an_index_without_it(index: Callable[[Wheel], None]) -> None:
    index(dataclasses.replace(_WHEEL, requirement="edgevit-test-tools==2.0"))
    with pytest.raises(ToolMissingError) as caught:
        fetch("android")
    assert "2.0" in caught.value.why
    assert "edgevit doctor --android" in caught.value.help


@pytest.mark.usefixtures("index")
def test_only_what_is_missing_is_fetched(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert obtain("d8").paths == (home / "cache/edgevit/android/android/d8.jar",)
    (home / "d8.jar").touch()
    monkeypatch.setenv("EDGEVIT_D8", str(home / "d8.jar"))
    monkeypatch.setattr(wheels, "fetch", lambda *_: pytest.fail("there is one already"))
    assert obtain("d8").paths == (home / "d8.jar",)


@pytest.mark.usefixtures("index")
def test_a_wrong_variable_is_told_and_nothing_fetched(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEVIT_D8", "/gone")
    with pytest.raises(ToolMissingError):
        obtain("d8")
    assert not (home / "cache").exists()


def test_pins_are_complete() -> None:
    for wheel in WHEELS.values():
        assert len(bytes.fromhex(wheel.sha256)) == 32
        assert "==" in wheel.requirement


def test_the_tests_compile_with_the_same_kotlin() -> None:
    script = Path(__file__).resolve().parents[2] / "native" / "kotlin_root.sh"
    text = script.read_text(encoding="utf-8")
    assert f"{WHEELS['kotlin'].requirement} --hash=sha256:{WHEELS['kotlin'].sha256}" in text
