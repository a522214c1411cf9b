from __future__ import annotations

import datetime
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from edgevit.errors import InputError, ToolMissingError
from edgevit.sdk.apk.keys import debug_key, load_key

_PLAIN = serialization.NoEncryption()
_Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def _new(kind: str) -> _Key:
    match kind:
        case "RSA":
            return rsa.generate_private_key(65537, 2048)
        case "P-256":
            return ec.generate_private_key(ec.SECP256R1())
        case "P-384":
            return ec.generate_private_key(ec.SECP384R1())
        case _:
            return ed25519.Ed25519PrivateKey.generate()


def _certificate(key: _Key) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test")])
    begin = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), serial_number=1)
    builder = builder.not_valid_before(begin).not_valid_after(begin + datetime.timedelta(days=36500))
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def make_key_file(path: Path, kind: str, *, other_certificate: bool = False, password: bytes | None = None) -> Path:
    """Write a PEM file with a new key and a certificate."""
    key = _new(kind)
    certificate = _certificate(_new(kind) if other_certificate else key)
    protection = serialization.BestAvailableEncryption(password) if password else _PLAIN
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def test_the_debug_key_is_made_once_and_only_for_its_user(tmp_path: Path) -> None:
    first = debug_key(tmp_path / "new" / "cache")
    (file,) = (tmp_path / "new" / "cache").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert debug_key(tmp_path / "new" / "cache").certificate_der == first.certificate_der


def test_the_debug_certificate_is_recognised_as_one(tmp_path: Path) -> None:
    certificate = x509.load_der_x509_certificate(debug_key(tmp_path).certificate_der)
    assert certificate.subject.rfc4514_string() == "CN=Android Debug,O=Android,C=US"
    assert certificate.not_valid_after_utc > datetime.datetime(2050, 1, 1, tzinfo=datetime.UTC)


def test_processes_that_start_together_agree_on_the_debug_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(lambda _: debug_key(tmp_path), range(4)))
    assert len({key.certificate_der for key in keys}) == 1


def test_the_cache_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    debug_key()
    assert (tmp_path / "edgevit" / "android" / "debug-key.pem").is_file()


def test_without_the_package_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(ToolMissingError) as caught:
        debug_key(tmp_path)
    assert "pip install 'edgevit[apk]'" in caught.value.help
    assert not list(tmp_path.iterdir())


def test_a_protected_pem_file(tmp_path: Path) -> None:
    path = make_key_file(tmp_path / "key.pem", "RSA", password=b"secret")
    assert load_key(path, "secret").algorithm == 0x0103
    for wrong in (None, "guess"):
        with pytest.raises(InputError) as caught:
            load_key(path, wrong)
        assert "EDGEVIT_KEYSTORE_PASSWORD" in caught.value.help


def test_a_pkcs12_keystore(tmp_path: Path) -> None:
    key = _new("P-256")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    protection = serialization.BestAvailableEncryption(b"android")
    data = pkcs12.serialize_key_and_certificates(b"upload", key, _certificate(key), None, protection)
    (tmp_path / "upload.keystore").write_bytes(data)
    assert load_key(tmp_path / "upload.keystore", "android").algorithm == 0x0201
    with pytest.raises(InputError):
        load_key(tmp_path / "upload.keystore", "guess")


def test_the_old_keystore_format_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "old.jks").write_bytes(bytes.fromhex("feedfeed00000002"))
    with pytest.raises(InputError) as caught:
        load_key(tmp_path / "old.jks", "android")
    assert "keytool -importkeystore" in caught.value.help


@pytest.mark.parametrize(("kind", "says"), [("P-384", "neither an RSA nor a P-256"), ("Ed25519", "neither an RSA")])
def test_keys_that_no_phone_takes(tmp_path: Path, kind: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        load_key(make_key_file(tmp_path / "key.pem", kind))


def test_a_certificate_of_another_key(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="belongs to another key"):
        load_key(make_key_file(tmp_path / "key.pem", "P-256", other_certificate=True))


@pytest.mark.parametrize("text", ["", "-----BEGIN NOTHING-----", "nonsense"])
def test_a_file_without_a_key(tmp_path: Path, text: str) -> None:
    (tmp_path / "key.pem").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="holds no key"):
        load_key(tmp_path / "key.pem")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_key(tmp_path / "missing.pem")
