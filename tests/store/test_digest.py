from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from edgevit.errors import InputError, UnsafeInputError
from edgevit.store.digest import file_digest, tree_digest, tree_files, tree_size

_NAMES = ("b.txt", "a/z", "a.txt", "a/b c/ü.bin", "Z", "a-b")


def _tree(folder: Path, order: list[str]) -> Path:
    for name in order:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode() * 3)
    return folder


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    assert file_digest(tmp_path / "f") == hashlib.sha256(b"abc").hexdigest()


def test_a_tree_by_its_definition(tmp_path: Path) -> None:
    lines = [f"{hashlib.sha256(n.encode() * 3).hexdigest()}  {n}\n" for n in sorted(_NAMES, key=str.encode)]
    expected = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert tree_digest(_tree(tmp_path, list(_NAMES))) == expected


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs GNU coreutils")
def test_a_tree_by_the_command_in_the_documentation(tmp_path: Path) -> None:
    command = r"find -type f -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum"
    _tree(tmp_path, list(_NAMES))
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.split()[0] == tree_digest(tmp_path)


def test_order_modes_times_and_empty_folders_do_not_count(tmp_path: Path) -> None:
    names = list(_NAMES)
    one = _tree(tmp_path / "one", names)
    names.reverse()
    other = _tree(tmp_path / "other", names)
    (other / "empty").mkdir()
    (other / "Z").chmod(0o700)
    os.utime(other / "Z", (0, 0))
    assert tree_digest(one) == tree_digest(other)


@pytest.mark.parametrize("change", ["bytes", "name", "added", "removed", "moved between files"])
def test_every_change_counts(tmp_path: Path, change: str) -> None:
    before = tree_digest(_tree(tmp_path, list(_NAMES)))
    match change:
        case "bytes":
            (tmp_path / "Z").write_bytes(b"ZZz")
        case "name":
            (tmp_path / "Z").rename(tmp_path / "Y")
        case "added":
            (tmp_path / "new").touch()
        case "removed":
            (tmp_path / "Z").unlink()
        case _:
            (tmp_path / "Z").write_bytes(b"a-ba-ba-b")
            (tmp_path / "a-b").write_bytes(b"ZZZ")
    assert tree_digest(tmp_path) != before


def test_sizes_and_names(tmp_path: Path) -> None:
    _tree(tmp_path, list(_NAMES))
    assert [name for name, _ in tree_files(tmp_path)] == sorted(_NAMES, key=str.encode)
    assert tree_size(tmp_path) == sum(len(name.encode()) * 3 for name in _NAMES)


def test_links_and_special_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "link").symlink_to("/etc/passwd")
    (tmp_path / "two").mkdir()
    os.mkfifo(tmp_path / "two" / "pipe")
    for folder, name in (("one", "link"), ("two", "pipe")):
        with pytest.raises(UnsafeInputError, match=name):
            tree_digest(tmp_path / folder)


@pytest.mark.parametrize("name", [b"line\nbreak", b"back\\slash", b"not-utf8-\xff"])
def test_names_without_a_portable_spelling_are_refused(tmp_path: Path, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).touch()
    with pytest.raises(UnsafeInputError, match="portable spelling"):
        tree_digest(tmp_path)


def test_what_is_missing_or_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(InputError, match="cannot be read"):
            tree_digest(path)
    with pytest.raises(InputError, match="No such file"):
        file_digest(tmp_path / "missing")
