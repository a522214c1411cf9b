from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevit.errors import ArtifactCorruptError, UsageError
from edgevit.sdk.apk.archive import Entry, read_entries, write_archive

ENTRIES = (
    Entry("AndroidManifest.xml", b"manifest" * 40),
    Entry("assets/edgevit/model.tflite", b"m" * 1001, compressed=False),
    Entry("lib/arm64-v8a/libx.so", b"\x7fELF" + b"x" * 5000, compressed=False),
    Entry("resources.arsc", b"r", compressed=False),
)


def _starts(archive: bytes) -> dict[str, int]:
    """Where the data of each entry begins, by the local headers."""
    with zipfile.ZipFile(io.BytesIO(archive)) as reader:
        return {
            info.filename: info.header_offset
            + 30
            + int.from_bytes(archive[info.header_offset + 26 : info.header_offset + 28], "little")
            + int.from_bytes(archive[info.header_offset + 28 : info.header_offset + 30], "little")
            for info in reader.infolist()
        }


def test_what_is_written_is_read_back() -> None:
    assert tuple(read_entries(write_archive(ENTRIES))) == ENTRIES


def test_equal_entries_give_equal_bytes() -> None:
    assert write_archive(ENTRIES) == write_archive(ENTRIES)


@given(st.lists(st.integers(0, 70_000), min_size=1, max_size=6))
def test_stored_data_is_aligned_whatever_came_before(sizes: list[int]) -> None:
    entries = [Entry(f"assets/{'n' * (index % 5)}{index}.tflite", bytes(n), False) for index, n in enumerate(sizes)]
    entries += [Entry("lib/arm64-v8a/libx.so", b"x", False), Entry("lib/x86_64/libx.so", b"x", False)]
    for name, start in _starts(write_archive(entries)).items():
        assert start % (16384 if name.endswith(".so") else 4) == 0


def test_names_beyond_ascii_are_aligned_too() -> None:
    archive = write_archive([Entry("assets/größe.txt", b"x", compressed=False)])
    assert archive.index("größe.txt".encode()) > 0
    assert all(start % 4 == 0 for start in _starts(archive).values())


def test_only_what_may_shrink_is_compressed() -> None:
    with zipfile.ZipFile(io.BytesIO(write_archive(ENTRIES))) as reader:
        kinds = {info.filename: info.compress_type for info in reader.infolist()}
    assert [name for name, kind in kinds.items() if kind == zipfile.ZIP_DEFLATED] == ["AndroidManifest.xml"]


def test_the_same_name_twice_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'a' twice"):
        write_archive([Entry("a", b"1"), Entry("a", b"2")])


@pytest.mark.parametrize("data", [b"", b"no zip", write_archive(ENTRIES)[:-30]])
def test_a_damaged_file(data: bytes) -> None:
    with pytest.raises(ArtifactCorruptError):
        tuple(read_entries(data))


def test_a_wrong_checksum() -> None:
    archive = bytearray(write_archive(ENTRIES))
    archive[archive.index(b"m" * 1001) + 500] ^= 1
    with pytest.raises(ArtifactCorruptError, match="damaged"):
        tuple(read_entries(bytes(archive)))
