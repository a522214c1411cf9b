from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from edgevit.errors import EdgeVitError, OutputError, TargetExistsError
from edgevit.store.listing import Changes, changes, is_ours
from edgevit.store.target import check_target
from tests.store.stub_build import build


def test_what_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    build(tmp_path / "ours", "old")
    assert check_target(tmp_path / "new") == tmp_path / "new"
    assert check_target(tmp_path / "empty") == tmp_path / "empty"
    assert check_target(tmp_path / "ours") == tmp_path / "ours"


def test_relative_paths_and_links_are_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    assert check_target(Path("../link")) == tmp_path / "real"


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").touch()
    _refused(tmp_path / "photos", TargetExistsError, "did not make it")


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    _refused(tmp_path / "file", TargetExistsError, "not a folder")


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    _refused(tmp_path / "file" / "sdk", OutputError, "Not a directory")


def test_a_missing_parent_is_named(tmp_path: Path) -> None:
    error = _refused(tmp_path / "missing" / "sdk", OutputError, "does not exist")
    assert f"mkdir -p '{tmp_path / 'missing'}'" in error.help


def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    _refused(tmp_path / "a", OutputError, "symbolic links")
    _refused(tmp_path / "a" / "sdk", OutputError, "symbolic links")


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    _refused(tmp_path / ("x" * 300), OutputError, "too long")


@pytest.mark.parametrize("relative", [".", "..", "../.."])
def test_the_working_folder_and_those_above_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, relative: str
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    _refused(Path(relative), OutputError, "working folder")


def test_root_and_home_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    _refused(tmp_path, OutputError, "home folder")
    _refused(Path("/"), OutputError, "folder above")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_parent_without_write_permission(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    _refused(tmp_path / "closed" / "sdk", OutputError, "Permission denied")


def test_edited_and_added_files_are_named(tmp_path: Path) -> None:
    target = tmp_path / "sdk"
    build(target, "old")
    (target / "README.md").write_text("mine")
    (target / "Sources" / "Mine.swift").touch()
    (target / "Resources" / "weights.bin").unlink()
    error = _refused(target, TargetExistsError, "README.md, Sources/Mine.swift")
    assert "weights.bin" not in error.why
    assert changes(target) == Changes(("README.md",), ("Sources/Mine.swift",), ("Resources/weights.bin",))


def test_links_count_as_edits(tmp_path: Path) -> None:
    target = tmp_path / "sdk"
    build(target, "old")
    copy = tmp_path / "copy.md"
    (target / "README.md").rename(copy)
    (target / "README.md").symlink_to(copy)
    (target / "Docs").symlink_to(tmp_path)
    assert changes(target) == Changes(edited=("README.md",), added=("Docs",))


def test_what_tools_make_again_is_no_edit(tmp_path: Path) -> None:
    target = tmp_path / "sdk"
    build(target, "old")
    (target / ".build" / "debug").mkdir(parents=True)
    (target / ".build" / "debug" / "EdgeVit.o").touch()
    (target / ".DS_Store").touch()
    assert changes(target) == Changes()
    assert check_target(target) == target


def test_many_edits_are_counted(tmp_path: Path) -> None:
    target = tmp_path / "sdk"
    build(target, "old")
    for number in range(9):
        (target / f"mine{number}").touch()
    assert "and 4 more" in _refused(target, TargetExistsError, "mine0").why


def test_a_list_that_cannot_be_read_protects_the_folder(tmp_path: Path) -> None:
    target = tmp_path / "sdk"
    build(target, "old")
    (target / "manifest.json").write_text('{"schema": "edgevit-manifest/1", "files": ["README.md"]}')
    _refused(target, TargetExistsError, "manifest.json")


@pytest.mark.parametrize(
    "manifest",
    ["", "{", "[]", "null", "{}", '{"schema": 1}', '{"schema": "other-manifest/1"}', "[" * 100_000, "\xff", None],
)
def test_what_is_not_our_manifest(tmp_path: Path, manifest: str | None) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest, encoding="latin-1")
    assert not is_ours(tmp_path)


def test_a_linked_manifest_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.json").write_text(json.dumps({"schema": "edgevit-manifest/1", "files": {}}))
    (tmp_path / "manifest.json").symlink_to("elsewhere.json")
    assert not is_ours(tmp_path)


def _refused(path: Path, error: type[EdgeVitError], text: str) -> EdgeVitError:
    with pytest.raises(error) as caught:
        check_target(path)
    assert type(caught.value) is error
    assert text in str(caught.value)
    assert caught.value.help
    return caught.value
