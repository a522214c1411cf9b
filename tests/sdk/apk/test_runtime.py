from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from edgevit.errors import ArtifactCorruptError, DigestMismatchError, InputError, ToolMissingError
from edgevit.sdk.apk.archive import Entry, write_archive
from edgevit.sdk.apk.runtime import find_runtime, read_runtime
from tests.sdk.apk.elf import library

MANIFEST = b"<manifest/>"


def aar(path: Path, *extra: Entry, classes: bytes = b"classes", manifest: bytes = MANIFEST) -> Path:
    """Write an AAR."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_archive([Entry("AndroidManifest.xml", manifest), Entry("classes.jar", classes), *extra]))
    return path


def _gradle(home: Path, artifact: str, *, sha1: str | None = None) -> Path:
    base = home / f".gradle/caches/modules-2/files-2.1/com.google.ai.edge.litert/{artifact}/2.3.0"
    made = aar(base / "x" / f"{artifact}-2.3.0.aar", classes=artifact.encode())
    name = sha1 or hashlib.sha1(made.read_bytes(), usedforsecurity=False).hexdigest().lstrip("0")
    return made.parent.rename(base / name) / made.name


def test_libraries_come_at_their_place_stored(tmp_path: Path) -> None:
    path = aar(tmp_path / "a.aar", Entry("jni/x86_64/libA.so", library()), Entry("jni/arm64-v8a/libA.so", library()))
    runtime = read_runtime([path])
    assert [entry.name for entry in runtime.libraries] == ["lib/arm64-v8a/libA.so", "lib/x86_64/libA.so"]
    assert not any(entry.compressed for entry in runtime.libraries)
    assert runtime.abi_bytes == {abi: len(library()) for abi in ("arm64-v8a", "x86_64")}
    assert runtime.sources == (("a.aar", hashlib.sha256(path.read_bytes()).hexdigest()),)
    assert (runtime.classes, runtime.manifests) == ((b"classes",), (MANIFEST,))


def test_what_is_no_library_stays_out(tmp_path: Path) -> None:
    extra = [Entry(name, b"x") for name in ("jni/arm64-v8a/readme.txt", "jni/arm64-v8a/deep/libA.so", "assets/libA.so")]
    assert read_runtime([aar(tmp_path / "a.aar", *extra)]).libraries == ()


@pytest.mark.parametrize("alignment", [4096, 8192])
def test_a_library_for_small_pages_is_refused(tmp_path: Path, alignment: int) -> None:
    path = aar(tmp_path / "a.aar", Entry("jni/arm64-v8a/libA.so", library(alignment)))
    with pytest.raises(ArtifactCorruptError, match="16 KB") as caught:
        read_runtime([path])
    assert str(alignment) in caught.value.why


def test_phones_with_32_bits_have_small_pages(tmp_path: Path) -> None:
    path = aar(tmp_path / "a.aar", Entry("jni/armeabi-v7a/libA.so", library(bits=32)))
    assert read_runtime([path]).abi_bytes.keys() == {"armeabi-v7a"}


@pytest.mark.parametrize("digest", ["sha256", "sha1"])
def test_a_digest_beside_the_file_pins_it(tmp_path: Path, digest: str) -> None:
    path = aar(tmp_path / "a.aar")
    record = path.with_name(f"a.aar.{digest}")
    right = hashlib.new(digest, path.read_bytes()).hexdigest()
    record.write_text(f"{right.upper()}  a.aar\n", encoding="utf-8")
    assert read_runtime([path]).sources
    for wrong in (right[:-1] + ("0" if right[-1] != "0" else "1"), ""):
        record.write_text(wrong, encoding="utf-8")
        with pytest.raises(DigestMismatchError, match=r"not the file") as caught:
            read_runtime([path])
        assert right in caught.value.why


@pytest.mark.parametrize("data", [b"", b"MZ\x90", library()[:100]])
def test_a_damaged_library_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ArtifactCorruptError):
        read_runtime([aar(tmp_path / "a.aar", Entry("jni/arm64-v8a/libA.so", data))])


def test_files_that_are_no_aar(tmp_path: Path) -> None:
    (tmp_path / "a.aar").write_bytes(write_archive([Entry("classes.jar", b"")]))
    with pytest.raises(ArtifactCorruptError, match=r"AndroidManifest\.xml"):
        read_runtime([tmp_path / "a.aar"])
    (tmp_path / "a.aar").write_bytes(b"no zip")
    with pytest.raises(ArtifactCorruptError):
        read_runtime([tmp_path / "a.aar"])
    with pytest.raises(InputError, match="cannot be read"):
        read_runtime([tmp_path / "missing.aar"])


def test_gradles_cache_is_used_with_its_own_digests(home: Path) -> None:
    one, other = _gradle(home, "litert"), _gradle(home, "litert-gpu")
    assert find_runtime("2.3.0") == (one, other)


def test_the_gpu_library_is_optional(home: Path) -> None:
    one = _gradle(home, "litert")
    assert find_runtime("2.3.0") == (one,)


def test_a_changed_file_in_gradles_cache_is_refused(home: Path) -> None:
    _gradle(home, "litert", sha1="ab" * 20)
    with pytest.raises(DigestMismatchError, match="not what Gradle downloaded"):
        find_runtime("2.3.0")


def test_mavens_cache_comes_second(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADLE_USER_HOME", str(home / "elsewhere"))
    path = aar(home / ".m2/repository/com/google/ai/edge/litert/litert/2.3.0/litert-2.3.0.aar")
    assert find_runtime("2.3.0") == (path,)


@pytest.mark.usefixtures("home")
def test_no_runtime_is_told_with_three_ways_out() -> None:
    with pytest.raises(ToolMissingError) as caught:
        find_runtime("2.3.0")
    assert "com.google.ai.edge.litert:litert:2.3.0" in caught.value.what
    for way in ("--aar", "Gradle's cache", "--apk-without-runtime"):
        assert way in caught.value.help
