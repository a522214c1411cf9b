"""The verdict on a written file, with the source network and later without it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from ai_edge_litert import schema_py_generated as schema

from edgevit.errors import ArtifactCorruptError, EdgeVitError, UnsupportedError
from edgevit.store.digest import file_digest
from edgevit.types import Artifact, Head, PixelType, Precision, Verdict
from edgevit.verification.verdict import judge
from edgevit.verification.verify import verify
from tests.verification.tflite.files import SPEC, Built, build_file


def _judge(built: Built, artifact: Artifact | None = None) -> Verdict:
    return judge(
        artifact or built.artifact, spec=SPEC, head=built.head, reference=built.reference, twin=built.twin, labels=None
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build_file(tmp_path_factory.mktemp("tflite"))


@pytest.mark.parametrize("head", list(Head))
def test_half_precision_weights_pass(tmp_path: Path, head: Head) -> None:
    verdict = _judge(build_file(tmp_path, head))
    assert verdict.failures == ()
    assert verdict.passed
    assert 60 < verdict.psnr_db < 100
    assert verdict.graph_max_rel is not None
    assert verdict.graph_max_rel < 1e-5
    assert verdict.rounding_max_rel is None
    assert "LiteRT" in verdict.runtime


@pytest.mark.parametrize("pixels", list(PixelType))
def test_float32_weights_are_their_own_twin(tmp_path: Path, pixels: PixelType) -> None:
    built = build_file(tmp_path, precision=Precision.FP32, pixels=pixels)
    verdict = judge(built.artifact, spec=SPEC, head=built.head, reference=built.reference)
    assert verdict.passed
    assert verdict.psnr_db > 100
    assert verdict.graph_max_rel is not None


def test_other_weights_fail_with_figures(built: Built, tmp_path: Path) -> None:
    other = build_file(tmp_path, gain=2.01)
    verdict = _judge(built, other.artifact)
    assert not verdict.passed
    assert verdict.psnr_db < 60
    assert any("below 60 dB" in failure for failure in verdict.failures)


def test_another_graph_fails_though_its_file_passes(built: Built, tmp_path: Path) -> None:
    wrong_twin = dataclasses.replace(built, twin=build_file(tmp_path, gain=2.01).twin)
    verdict = _judge(wrong_twin)
    assert not verdict.passed
    assert [failure for failure in verdict.failures if "float32 graph differs" in failure]


@pytest.mark.parametrize("head", list(Head))
def test_a_file_verifies_without_its_weights(tmp_path: Path, head: Head) -> None:
    built = build_file(tmp_path, head)
    verdict = verify(built.artifact.path)
    assert verdict.failures == ()
    assert verdict.passed
    assert verdict.artifact_sha256 == built.artifact.sha256 == file_digest(built.artifact.path)
    assert len(verdict.inputs) == 4 * (4 if head is Head.FEATURES else 1)
    assert 60 < verdict.psnr_db < 100
    assert verify(built.artifact.path, runtime="litert").psnr_db == verdict.psnr_db


def test_golden_outputs_of_another_network_fail(built: Built, tmp_path: Path) -> None:
    """The golden outputs of the file are replaced by those of a network with another gain, byte for byte."""
    other = build_file(tmp_path, gain=2.01)
    ours, theirs = (_golden(path) for path in (built.artifact.path, other.artifact.path))
    path = tmp_path / "mixed.tflite"
    path.write_bytes(built.artifact.path.read_bytes().replace(ours, theirs))
    verdict = verify(path)
    assert not verdict.passed
    assert verdict.psnr_db < 60


def _golden(path: Path) -> bytes:
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes())
    (entry,) = [entry for entry in model.metadata if entry.name == b"com.edgevit.golden"]
    return bytes(model.buffers[entry.buffer].data)


def test_files_of_others_are_refused_by_name(built: Built, tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(built.artifact.path.read_bytes().replace(b"com.edgevit.golden", b"com.edgevit.g0lden"))
    with pytest.raises(UnsupportedError, match="no reference outputs"):
        verify(path)
    path.write_bytes(built.artifact.path.read_bytes().replace(b"com.edgevit.model", b"com.edgevit.m0del"))
    with pytest.raises(UnsupportedError, match="which model"):
        verify(path)


@pytest.mark.parametrize("runtime", ["coreml", "evaluator"])
def test_core_mls_runtimes_do_not_run_it(built: Built, runtime: str) -> None:
    with pytest.raises(UnsupportedError, match="does not run"):
        verify(built.artifact.path, runtime=runtime)


@pytest.mark.parametrize("content", [b"", b"TFL3", b"\x00" * 100, b"\x1c\x00\x00\x00TFL3" + b"\xff" * 64])
def test_foreign_bytes_are_one_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(content)
    with pytest.raises(ArtifactCorruptError):
        verify(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_one_error(built: Built, tmp_path: Path, share: float) -> None:
    path = tmp_path / "model.tflite"
    content = built.artifact.path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(EdgeVitError):
        verify(path)


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    with pytest.raises(UnsupportedError, match="neither"):
        verify(path)
