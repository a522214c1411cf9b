"""Whose signature an APK gets: the user's own key, or a debug key that is made on first use and never leaves the cache.

The keys and certificates themselves are the business of the package ``cryptography``, which is imported on use.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from edgevit.errors import InputError, ToolMissingError
from edgevit.sdk.apk.cache import cache_folder
from edgevit.store.diskerrors import reading, writing
from edgevit.store.lock import lock

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.x509 import Certificate

__all__ = ["SigningKey", "debug_key", "load_key"]

_RSA_PKCS1_SHA256 = 0x0103
_ECDSA_SHA256 = 0x0201
"""Signature algorithm identifiers of the APK Signature Schemes."""

_DEBUG_BITS = 2048
_DEBUG_YEARS = 30
_DEBUG_NAME = (("COUNTRY_NAME", "US"), ("ORGANIZATION_NAME", "Android"), ("COMMON_NAME", "Android Debug"))
"""The name that Android's tools give debug certificates; stores refuse them by it."""

_PASSWORD_HELP = "Set EDGEVIT_KEYSTORE_PASSWORD to the password of the key."  # noqa: S105 - a sentence


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its certificate.

    Attributes:
        algorithm: Identifier in the APK Signature Schemes.
        certificate_der: X.509 certificate; Android identifies an app's owner by it.
        public_key_der: SubjectPublicKeyInfo of the certificate.
        sign: Returns the signature of a message. RSA's PKCS #1 v1.5 always gives the same; ECDSA does not.
    """

    algorithm: int
    certificate_der: bytes
    public_key_der: bytes
    sign: Callable[[bytes], bytes]


def debug_key(folder: Path | None = None) -> SigningKey:
    """Return the debug key of this user, made the first time: RSA 2048, in a PEM file that only the user can read.

    Args:
        folder: Where it is kept; None takes edgevit's cache.

    Raises:
        ToolMissingError: The package ``cryptography`` is not installed.
        InputError: The file is there but holds no key.
        DiskError, OutputError: The file cannot be written.
    """
    _cryptography()
    path = (folder or cache_folder()) / "debug-key.pem"
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with lock(path), writing(path):
            if not path.exists():
                _write_private(path, _new_debug_key())
    return load_key(path)


def load_key(path: Path, password: str | None = None) -> SigningKey:
    """Return the key of a PEM file (key and certificate) or of a PKCS #12 keystore.

    Args:
        path: The file. Keystores made by Java 9 and later, thus by Android Studio, are PKCS #12.
        password: Of the key, where it has one.

    Raises:
        ToolMissingError: The package ``cryptography`` is not installed.
        InputError: It cannot be read, the password is wrong, or there is no RSA or P-256 key with a certificate.
    """
    _cryptography()
    with reading(path):
        data = path.read_bytes()
    secret = password.encode() if password else None
    parse = _parse_pem if b"-----BEGIN" in data else _parse_pkcs12
    try:
        private, certificate = parse(data, secret)
    except (ValueError, TypeError) as error:
        raise InputError(
            f"'{path}' holds no key that can be used to sign.", why=f"{error}", help=f"{_FORMATS} {_PASSWORD_HELP}"
        ) from error
    return _signing_key(private, certificate, path)


_FORMATS = (
    "It must be a PEM file with a private key and its certificate, or a PKCS #12 keystore; turn an old one (JKS) into "
    "that with 'keytool -importkeystore -deststoretype pkcs12'."
)


def _cryptography() -> ModuleType:
    try:
        import cryptography
    except ImportError as error:
        raise ToolMissingError(
            "Signing an APK needs the package 'cryptography'.", why=str(error), help="pip install 'edgevit[apk]'"
        ) from error
    return cryptography


def _parse_pem(data: bytes, secret: bytes | None) -> tuple[PrivateKeyTypes, Certificate]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(data, secret), x509.load_pem_x509_certificate(data)


def _parse_pkcs12(data: bytes, secret: bytes | None) -> tuple[PrivateKeyTypes, Certificate]:
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

    private, certificate, _ = load_key_and_certificates(data, secret)
    if private is None or certificate is None:
        raise ValueError("The keystore has no private key with a certificate.")
    return private, certificate


def _signing_key(private: PrivateKeyTypes, certificate: Certificate, path: Path) -> SigningKey:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != public:
        raise InputError(f"The certificate in '{path}' belongs to another key.", help=_FORMATS)
    match private:
        case rsa.RSAPrivateKey():
            algorithm, sign = _RSA_PKCS1_SHA256, _rsa_signer(private)
        case ec.EllipticCurvePrivateKey() if private.curve.name == "secp256r1":
            algorithm, sign = _ECDSA_SHA256, _ecdsa_signer(private)
        case _:
            raise InputError(f"The key in '{path}' is neither an RSA nor a P-256 one.", help=_FORMATS)
    return SigningKey(algorithm, certificate.public_bytes(Encoding.DER), public, sign)


def _rsa_signer(private: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    return lambda message: private.sign(message, PKCS1v15(), SHA256())


def _ecdsa_signer(private: ec.EllipticCurvePrivateKey) -> Callable[[bytes], bytes]:
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256

    return lambda message: private.sign(message, ECDSA(SHA256()))


def _new_debug_key() -> bytes:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private = generate_private_key(public_exponent=65537, key_size=_DEBUG_BITS)
    certificate = _self_signed(private).public_bytes(Encoding.PEM)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate


def _self_signed(private: rsa.RSAPrivateKey) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import NameOID

    name = x509.Name([x509.NameAttribute(getattr(NameOID, kind), value) for kind, value in _DEBUG_NAME])
    begin = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    builder = x509.CertificateBuilder(name, name, private.public_key(), serial_number=1)
    builder = builder.not_valid_before(begin).not_valid_after(begin + datetime.timedelta(days=365 * _DEBUG_YEARS))
    return builder.sign(private, SHA256())


def _write_private(path: Path, data: bytes) -> None:
    """Write a file that others cannot read at any moment."""
    temporary = path.with_name(f".{path.name}.tmp-{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
    temporary.replace(path)
