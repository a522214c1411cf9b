from __future__ import annotations

import random
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature

from edgevit.errors import ArtifactCorruptError
from edgevit.sdk.apk.archive import Entry, read_entries, write_archive
from edgevit.sdk.apk.keys import SigningKey, load_key
from edgevit.sdk.apk.signing import sign
from tests.sdk.apk.checker import RefusedError, verify
from tests.sdk.apk.test_keys import make_key_file

DATA = random.Random(7).randbytes(2**20 + 12345)  # noqa: S311 - a test's file; more than one chunk
UNSIGNED = write_archive([Entry("classes.dex", DATA[:5000]), Entry("assets/model.tflite", DATA, compressed=False)])


@pytest.fixture(scope="module")
def signed(key: SigningKey) -> bytes:
    return sign(UNSIGNED, key)


@pytest.mark.parametrize("scheme", [2, 3])
def test_both_schemes_verify(signed: bytes, scheme: int) -> None:
    assert "Android Debug" in verify(signed, scheme).subject.rfc4514_string()


@pytest.mark.parametrize("scheme", [2, 3])
def test_an_elliptic_curve_key_verifies(tmp_path: Path, scheme: int) -> None:
    verify(sign(UNSIGNED, load_key(make_key_file(tmp_path / "ec.pem", "P-256"))), scheme)


def test_the_files_are_untouched(signed: bytes) -> None:
    assert tuple(read_entries(signed)) == tuple(read_entries(UNSIGNED))


def test_one_key_gives_the_same_bytes(signed: bytes, key: SigningKey) -> None:
    assert sign(UNSIGNED, key) == signed


@pytest.mark.parametrize("scheme", [2, 3])
@pytest.mark.parametrize("place", ["entry", "model", "directory", "end"])
def test_one_flipped_bit_is_refused(signed: bytes, scheme: int, place: str) -> None:
    at = {"entry": 3, "model": signed.index(DATA[:64]) + 2**20, "directory": signed.rindex(b"PK\x01\x02"), "end": -12}
    changed = bytearray(signed)
    changed[at[place]] ^= 1
    with pytest.raises((RefusedError, InvalidSignature)):
        verify(bytes(changed), scheme)


def test_v2_says_that_v3_must_be_there(signed: bytes) -> None:
    """Or an attacker could take the newer block out and a phone would be content with the older."""
    assert bytes.fromhex("0df0efbe03000000") in signed


@pytest.mark.parametrize("data", [b"", UNSIGNED[:-1], UNSIGNED + b"x", UNSIGNED[:-22]])
def test_what_is_no_plain_zip_file_is_not_signed(key: SigningKey, data: bytes) -> None:
    with pytest.raises(ArtifactCorruptError, match="does not end like a zip"):
        sign(data, key)


def test_nothing_is_signed_twice(signed: bytes, key: SigningKey) -> None:
    with pytest.raises(ArtifactCorruptError, match="signed already"):
        sign(signed, key)
