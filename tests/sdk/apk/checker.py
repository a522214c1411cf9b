"""An independent reader of signed APKs, written from Android's description of how a phone verifies one."""

from __future__ import annotations

import hashlib
import struct

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

SCHEMES = {2: 0x7109871A, 3: 0xF05368C0}


class RefusedError(Exception):
    """A phone would not install this."""


def verify(apk: bytes, scheme: int) -> x509.Certificate:
    """Return whose signature the APK has, as a phone that checks this scheme sees it."""
    start, directory, end = _layout(apk)
    blocks = _pairs(apk[start:directory])
    (signer,) = _items(_items(blocks[SCHEMES[scheme]])[0])
    signed, rest = _take(signer)
    if scheme == 3:
        rest = rest[8:]
    signatures, rest = _take(rest)
    public_key, _ = _take(rest)
    digests, more = _take(signed)
    certificates, _ = _take(more)
    certificate = x509.load_der_x509_certificate(_items(certificates)[0])
    _check_signature(certificate, _items(signatures)[0], signed)
    algorithm, value = _algorithm(_items(digests)[0])
    tail = apk[end : end + 16] + struct.pack("<I", start) + apk[end + 20 :]
    if value != _digest([apk[:start], apk[directory:end], tail]) or not public_key or algorithm not in {0x103, 0x201}:
        raise RefusedError("digest")
    return certificate


def _layout(apk: bytes) -> tuple[int, int, int]:
    end = apk.rfind(b"PK\x05\x06")
    if end < 0:
        raise RefusedError("no zip file")
    size, directory = struct.unpack_from("<II", apk, end + 12)
    if directory + size != end or apk[directory - 16 : directory] != b"APK Sig Block 42":
        raise RefusedError("no signature")
    length = struct.unpack_from("<Q", apk, directory - 24)[0]
    start = directory - length - 8
    if start < 0 or struct.unpack_from("<Q", apk, start)[0] != length:
        raise RefusedError("sizes")
    return start, directory, end


def _pairs(block: bytes) -> dict[int, bytes]:
    found, at = {}, 8
    while at < len(block) - 24:
        length, name = struct.unpack_from("<QI", block, at)
        found[name] = block[at + 12 : at + 8 + length]
        at += 8 + length
    return found


def _take(data: bytes) -> tuple[bytes, bytes]:
    if len(data) < 4 or (length := struct.unpack_from("<I", data)[0]) > len(data) - 4:
        raise RefusedError("length")
    return data[4 : 4 + length], data[4 + length :]


def _items(data: bytes) -> list[bytes]:
    items = []
    while data:
        item, data = _take(data)
        items.append(item)
    return items


def _algorithm(item: bytes) -> tuple[int, bytes]:
    return struct.unpack_from("<I", item)[0], _take(item[4:])[0]


def _check_signature(certificate: x509.Certificate, item: bytes, message: bytes) -> None:
    algorithm, signature = _algorithm(item)
    public = certificate.public_key()
    match public:
        case rsa.RSAPublicKey() if algorithm == 0x103:
            public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        case ec.EllipticCurvePublicKey() if algorithm == 0x201:
            public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        case _:
            raise RefusedError("algorithm")


def _digest(sections: list[bytes]) -> bytes:
    chunks = [section[at : at + 2**20] for section in sections for at in range(0, len(section), 2**20)]
    leaves = [hashlib.sha256(b"\xa5" + struct.pack("<I", len(chunk)) + chunk).digest() for chunk in chunks]
    return hashlib.sha256(b"\x5a" + struct.pack("<I", len(leaves)) + b"".join(leaves)).digest()
