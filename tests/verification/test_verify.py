"""Verification of what lies on disk, without weights."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from edgevit.errors import (
    ArtifactCorruptError,
    DigestMismatchError,
    InputError,
    UnsafeInputError,
    UnsupportedError,
)
from edgevit.images.photos import photos
from edgevit.images.preprocess import normalize
from edgevit.store.digest import file_digest, tree_digest, tree_files
from edgevit.types import Head
from edgevit.verification.check import check_golden
from edgevit.verification.golden import make_golden
from edgevit.verification.outputs import KEPT
from edgevit.verification.record import GOLDEN_KEY
from edgevit.verification.verify import verify
from tests.verification.packages import CLASSES, SPEC, Built, build_package


def with_golden(folder: Path, head: Head = Head.PROBABILITIES) -> Built:
    """Return a package that carries the golden outputs of its own source network."""
    (folder / "first").mkdir()
    first = build_package(folder / "first", head, labels=None)
    golden = make_golden(SPEC, head, first.reference)
    return build_package(folder, head, metadata={GOLDEN_KEY: json.dumps(golden, sort_keys=True)})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return with_golden(tmp_path_factory.mktemp("verify"))


@pytest.mark.parametrize("head", list(Head))
def test_a_package_verifies_without_its_weights(head: Head, tmp_path: Path) -> None:
    built = with_golden(tmp_path, head)
    verdict = verify(built.artifact.path)
    assert verdict.failures == ()
    assert verdict.passed
    assert verdict.artifact_sha256 == built.artifact.sha256
    assert len(verdict.inputs) == 4 * (4 if head is Head.FEATURES else 1)
    assert 60 < verdict.psnr_db < 120
    assert verdict.range_report["warnings"] == []


def test_golden_outputs_are_those_of_the_network(built: Built) -> None:
    golden = make_golden(SPEC, Head.PROBABILITIES, built.reference, photos()[1:2])
    entries = golden["photos"]
    assert isinstance(entries, list)
    pixels = photos()[1].pixels(SPEC.input_size, SPEC.preprocessing)
    with torch.no_grad():
        expected = built.reference(torch.from_numpy(normalize(pixels, SPEC.preprocessing))).numpy().ravel()
    (output,) = entries[0]["outputs"]
    values = np.frombuffer(base64.b64decode(output["float32"]), "<f4")
    assert output["quantity"] == "log-probability"
    assert output["shape"] == [CLASSES]
    np.testing.assert_allclose(np.exp(values), expected, rtol=1e-6)


def test_golden_outputs_are_small_and_repeatable(tmp_path: Path) -> None:
    features = build_package(tmp_path, Head.FEATURES, labels=None)
    texts = [json.dumps(make_golden(SPEC, Head.FEATURES, features.reference), sort_keys=True) for _ in range(2)]
    assert texts[0] == texts[1]
    assert len(texts[0]) < 4 * 4 * (KEPT * 4 * 4 / 3 + 200)


def test_a_package_with_other_weights_fails(built: Built) -> None:
    def other(x: Tensor) -> Tensor:
        return (built.reference(x).log() * 1.4).softmax(-1)  # type: ignore[no-any-return]

    verdict = check_golden(built.artifact.path, make_golden(SPEC, Head.PROBABILITIES, other))
    assert not verdict.passed
    assert all(any(photo.name in failure for failure in verdict.failures) for photo in photos())


def test_a_changed_weight_fails(built: Built, tmp_path: Path) -> None:
    copy = tmp_path / "Toy.mlpackage"
    shutil.copytree(built.artifact.path, copy)
    weights = copy / "Data/com.apple.CoreML/weights/weight.bin"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 0x40  # the exponent of the last half in the file
    weights.write_bytes(bytes(data))
    assert not verify(copy).passed


def test_photographs_must_have_the_pixels_of_the_build(built: Built) -> None:
    golden = make_golden(SPEC, Head.PROBABILITIES, built.reference)
    entries = golden["photos"]
    assert isinstance(entries, list)
    entries[0]["pixels_sha256"] = "0" * 64
    entries[1]["name"] = "nobody"
    verdict = check_golden(built.artifact.path, golden)
    assert ["other pixels" in failure or "no photograph" in failure for failure in verdict.failures] == [True, True]


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "edgevit-golden/9"},
        {"head": "logits"},
        {"photos": [{"name": "chelsea"}]},
        {"photos": [{"name": "chelsea", "pixels_sha256": "", "outputs": [{"shape": [1, 12], "float32": "!"}]}]},
        {"photos": [{"name": "chelsea", "pixels_sha256": "", "outputs": [{"shape": [1, 12], "float32": "AAAA"}]}]},
        {"photos": [{"name": "chelsea", "pixels_sha256": "", "outputs": []}]},
        {"photos": 3},
    ],
)
def test_malformed_golden_outputs_are_refused(built: Built, change: dict[str, object]) -> None:
    golden = {**make_golden(SPEC, Head.PROBABILITIES, built.reference, photos()[:1]), **change}
    with pytest.raises(ArtifactCorruptError, match=r"com\.edgevit\.golden"):
        check_golden(built.artifact.path, golden)


def test_no_golden_outputs_is_no_pass(built: Built) -> None:
    golden = make_golden(SPEC, Head.PROBABILITIES, built.reference, [])
    assert not check_golden(built.artifact.path, golden).passed


def test_a_package_without_a_reference_is_unsupported_but_damage_comes_first(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    plain = build_package(tmp_path / "plain").artifact.path
    with pytest.raises(UnsupportedError, match="no reference outputs"):
        verify(plain)
    (plain / "Data/com.apple.CoreML/weights/weight.bin").write_bytes(b"\0" * 64)
    with pytest.raises(ArtifactCorruptError):
        verify(plain)


@pytest.fixture
def sdk(built: Built, tmp_path: Path) -> Path:
    """An SDK folder in miniature: a package, its settings, and the manifest."""
    folder = tmp_path / "toy-ios"
    shutil.copytree(built.artifact.path, folder / "Sources/Toy.mlpackage")
    artifact = {"file": "Toy.mlpackage", "format": "mlpackage", "sha256": tree_digest(built.artifact.path)}
    (folder / "Sources/edgevit.json").write_text(json.dumps({"artifact": artifact}))
    (folder / "README.md").write_text("read me")
    write_manifest(folder)
    return folder


def write_manifest(folder: Path, **change: object) -> None:
    files = {name: {"sha256": file_digest(path)} for name, path in tree_files(folder) if name != "manifest.json"}
    manifest = {"schema": "edgevit-manifest/1", "config": "Sources/edgevit.json", "files": files, **change}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_an_sdk_is_verified_with_all_its_files(sdk: Path) -> None:
    assert verify(sdk).passed
    assert verify(str(sdk)).passed


def test_changed_added_and_removed_files_are_named(sdk: Path) -> None:
    (sdk / "README.md").write_text("changed")
    (sdk / "extra.txt").write_text("")
    (sdk / "Sources/Toy.mlpackage/Manifest.json").unlink()
    with pytest.raises(DigestMismatchError) as caught:
        verify(sdk)
    assert "README.md was changed" in caught.value.why
    assert "extra.txt was added" in caught.value.why
    assert "Manifest.json is missing" in caught.value.why


def test_the_package_must_be_the_one_that_the_settings_name(sdk: Path) -> None:
    settings = json.loads((sdk / "Sources/edgevit.json").read_text())
    settings["artifact"]["sha256"] = "0" * 64
    (sdk / "Sources/edgevit.json").write_text(json.dumps(settings))
    write_manifest(sdk)
    with pytest.raises(DigestMismatchError, match="not as edgevit built it"):
        verify(sdk)


def test_an_sdk_cannot_lead_out_of_itself(sdk: Path) -> None:
    write_manifest(sdk, config="../elsewhere.json")
    with pytest.raises(UnsafeInputError):
        verify(sdk)


@pytest.mark.parametrize("change", [{"schema": "other/1"}, {"files": None}, {"config": "none.json"}])
def test_malformed_manifests_are_refused(sdk: Path, change: dict[str, object]) -> None:
    write_manifest(sdk, **change)
    with pytest.raises(ArtifactCorruptError):
        verify(sdk)


def test_what_is_no_package_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        verify(tmp_path / "nothing")
    (tmp_path / "notes.txt").write_bytes(b"x")
    with pytest.raises(UnsupportedError):
        verify(tmp_path / "notes.txt")
    with pytest.raises(UnsupportedError, match="runtime"):
        verify(tmp_path, runtime="gpu")


def test_core_ml_itself_runs_on_macs_only(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    with pytest.raises(UnsupportedError, match="macOS"):
        verify(built.artifact.path, runtime="coreml")
