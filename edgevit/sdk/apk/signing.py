"""APK Signature Schemes v2 and v3, written from their public description (source.android.com/docs/security/features).

Both put a block between a zip file's entries and its central directory. Every byte of the file outside the block is
covered by a digest of 1 MiB chunks, so that a phone refuses the file if any of them changes.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Sequence

from edgevit.errors import ArtifactCorruptError
from edgevit.sdk.apk.keys import SigningKey

__all__ = ["sign"]

_CHUNK = 1 << 20
_V2, _V3 = 0x7109871A, 0xF05368C0
_STRIPPING_PROTECTION = 0xBEEFF00D
"""Attribute of v2 that names the newer scheme, so that nobody can take its block out unnoticed."""

_V3_SINCE = 28
_ANY_LATER = 0x7FFFFFFF
"""API levels that check v3 rather than v2: 28 (Android 9) and later."""

_BLOCK_MAGIC = b"APK Sig Block 42"
_END_MAGIC = b"PK\x05\x06"
_END_SIZE = 22


def sign(apk: bytes, key: SigningKey) -> bytes:
    """Return an unsigned APK with a v2 and a v3 signature; the same bytes each time, if the key is an RSA one.

    Args:
        apk: A zip file without a comment, as :func:`~edgevit.sdk.apk.archive.write_archive` makes it.
        key: Whose signature it gets.

    Raises:
        ArtifactCorruptError: ``apk`` is no such zip file, or is signed already.
    """
    directory, end = _sections(apk)
    digest = _content_digest([memoryview(apk)[:directory], memoryview(apk)[directory:end], memoryview(apk)[end:]])
    block = _block({_V2: _v2(digest, key), _V3: _v3(digest, key)})
    tail = bytearray(apk[end:])
    struct.pack_into("<I", tail, 16, directory + len(block))
    return b"".join((apk[:directory], block, apk[directory:end], tail))


def _sections(apk: bytes) -> tuple[int, int]:
    """Return where the central directory and the end record begin."""
    end = len(apk) - _END_SIZE
    if end < 0 or apk[end : end + 4] != _END_MAGIC:
        raise ArtifactCorruptError("The APK to sign does not end like a zip file.", help="Build it again.")
    size, directory = struct.unpack_from("<II", apk, end + 12)
    if directory + size != end or apk[max(0, directory - 16) : directory] == _BLOCK_MAGIC:
        raise ArtifactCorruptError(
            "The APK cannot be signed.",
            why="It is signed already, or has bytes between its parts.",
            help="Sign a fresh one.",
        )
    return directory, end


def _content_digest(sections: Sequence[memoryview]) -> bytes:
    """Return the digest of digests; the end record counts as if there were no block, as it stands before signing."""
    leaves = [_leaf(chunk) for section in sections for chunk in _chunks(section)]
    return hashlib.sha256(b"\x5a" + _u32(len(leaves)) + b"".join(leaves)).digest()


def _chunks(section: memoryview) -> Iterator[memoryview]:
    return (section[start : start + _CHUNK] for start in range(0, len(section), _CHUNK))


def _leaf(chunk: memoryview) -> bytes:
    digest = hashlib.sha256(b"\xa5" + _u32(len(chunk)))
    digest.update(chunk)
    return digest.digest()


def _v2(digest: bytes, key: SigningKey) -> bytes:
    attribute = _prefixed(_u32(_STRIPPING_PROTECTION), _u32(3))
    signed = _prefixed(_signed_data(digest, key), _prefixed(attribute))
    return _prefixed(_prefixed(signed, _signatures(signed[4:], key), _prefixed(key.public_key_der)))


def _v3(digest: bytes, key: SigningKey) -> bytes:
    levels = _u32(_V3_SINCE) + _u32(_ANY_LATER)
    signed = _prefixed(_signed_data(digest, key), levels, _prefixed())
    return _prefixed(_prefixed(signed, levels, _signatures(signed[4:], key), _prefixed(key.public_key_der)))


def _signed_data(digest: bytes, key: SigningKey) -> bytes:
    """Return what both schemes begin with: digests, then certificates."""
    digests = _prefixed(_prefixed(_u32(key.algorithm), _prefixed(digest)))
    return digests + _prefixed(_prefixed(key.certificate_der))


def _signatures(signed: bytes, key: SigningKey) -> bytes:
    return _prefixed(_prefixed(_u32(key.algorithm), _prefixed(key.sign(signed))))


def _block(values: dict[int, bytes]) -> bytes:
    pairs = b"".join(struct.pack("<QI", 4 + len(value), name) + value for name, value in values.items())
    size = struct.pack("<Q", len(pairs) + 8 + len(_BLOCK_MAGIC))
    return size + pairs + size + _BLOCK_MAGIC


def _prefixed(*parts: bytes) -> bytes:
    body = b"".join(parts)
    return _u32(len(body)) + body


def _u32(value: int) -> bytes:
    return struct.pack("<I", value)
