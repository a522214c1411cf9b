from __future__ import annotations

import json
import string
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgevit.errors import BadLabelsError
from edgevit.labels import load_labels

NAMES = ("red fox", "crème brûlée", "雪豹")


def _write(folder: Path, content: str | bytes, name: str = "labels.txt") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(NAMES).encode(),
        "\r\n".join(NAMES).encode() + b"\r\n\r\n",
        b"\xef\xbb\xbf" + "\n".join(NAMES).encode() + b"\n",
        "  red fox \n\tcrème brûlée\n雪豹".encode(),
        unicodedata.normalize("NFD", "\n".join(NAMES)).encode(),
    ],
    ids=["plain", "crlf", "bom", "spaces", "decomposed"],
)
def test_text_files_give_trimmed_composed_names(tmp_path: Path, content: bytes) -> None:
    assert load_labels(_write(tmp_path, content), 3) == NAMES


@pytest.mark.parametrize("value", [list(NAMES), {"2": NAMES[2], "0": NAMES[0], "1": NAMES[1]}], ids=["list", "object"])
def test_json_files_give_names_in_index_order(tmp_path: Path, value: object) -> None:
    assert load_labels(_write(tmp_path, json.dumps(value), "labels.json"), 3) == NAMES


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("l.txt", "a\nb\n", "has 2 labels, but the model has 3 classes"),
        ("l.txt", "a\nb\na\n", "'a' on line 1 and again on line 3"),
        ("l.txt", "a\ne\u0301\n\u00e9\n", "'\u00e9' on line 2 and again on line 3"),
        ("l.txt", "a\n\nc\n", "line 2 is empty"),
        ("l.txt", "a\nb\x1bc\nd\n", "line 2 holds a control character (U+001B)"),
        ("l.txt", "a\nb\u202ec\nd\n", "line 2 holds a text-direction control (U+202E)"),
        ("l.txt", "a\nb\u2028c\nd\n", "line 2 holds a line separator (U+2028)"),
        ("l.txt", "a\nb\ufeffc\nd\n", "line 2 holds a byte-order mark"),
        ("l.txt", "a\nb\uffff\nd\n", "line 2 holds a code point that is no character"),
        ("l.txt", "a\n" + "x" * 257 + "\nd\n", "line 2 has 257 characters"),
        ("l.txt", b"a\n\xff\nc\n", "is not UTF-8 text"),
        ("l.txt", "a\nb\nc\n".encode("utf-16"), "is not UTF-8 text"),
        ("l.json", '["a", "b", "a"]', "'a' on index 0 and again on index 2"),
        ("l.json", '["a", "b", "\\ud800"]', "index 2 holds half of a surrogate pair"),
        ("l.json", '["a", "b", 3]', "must hold a list of names"),
        ("l.json", '"abc"', "must hold a list of names"),
        ("l.json", '["a", "b"', "is not valid JSON"),
        ("l.json", "[" * 100_000, "is not valid JSON"),
        ("l.json", '{"0": "a", "1": "b", "1": "c"}', "index '1', 2 times"),
        ("l.json", '{"0": "a", "1": "b", "3": "c"}', "'2', '3'"),
    ],
)
def test_unfit_files_are_refused_and_say_where(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    with pytest.raises(BadLabelsError) as caught:
        load_labels(_write(tmp_path, content, name), 3)
    assert message in str(caught.value)
    assert caught.value.help


def test_many_problems_are_counted_not_all_shown(tmp_path: Path) -> None:
    with pytest.raises(BadLabelsError) as caught:
        load_labels(_write(tmp_path, "same\n" * 1000), 1000)
    assert "... and 979 more" in caught.value.why
    assert len(caught.value.why.splitlines()) == 21


def test_missing_files_folders_and_link_loops_are_refused(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path in (tmp_path / "none.txt", tmp_path, loop):
        with pytest.raises(BadLabelsError):
            load_labels(path, 3)


_HOSTILE = st.text(alphabet=st.one_of(st.characters(), st.sampled_from(string.printable)), max_size=300)


@settings(max_examples=150)
@given(st.lists(_HOSTILE, max_size=5))
def test_hostile_names_are_refused_or_safe(tmp_path: Path, names: list[str]) -> None:
    path = _write(tmp_path, json.dumps(names), "hostile.json")
    try:
        labels = load_labels(path, len(names))
    except BadLabelsError:
        return
    assert len(set(labels)) == len(names)
    for label in labels:
        assert label.isascii() or unicodedata.is_normalized("NFC", label)
        assert "\n".join(["", label, ""]).splitlines() == ["", label]
        assert label.encode()
        assert label == label.strip()
