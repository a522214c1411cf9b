"""Time per operator: all of them, in the runtime's process, and refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgevit.errors import ArtifactCorruptError, InputError, UnsupportedError
from edgevit.profiling.profile import profile
from edgevit.types import Head, Precision
from tests.cli.conftest import Run, edgevit  # noqa: F401 - the fixture
from tests.verification.tflite.files import Built, build_file


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build_file(tmp_path_factory.mktemp("tflite"), Head.FEATURES, Precision.FP32)


def test_every_operator_is_timed_inside_of_xnnpack_too(built: Built) -> None:
    result = profile(built.artifact.path, runs=5)
    names = [operator.name for operator in result.operators]
    assert sum("Convolution" in name or "Fully Connected" in name for name in names) == built.artifact.ops["CONV_2D"]
    assert sum("GELU" in name for name in names) == built.artifact.ops["GELU"]
    assert sum(operator.in_xnnpack for operator in result.operators) >= len(names) - 1
    assert sum(operator.share for operator in result.operators) == pytest.approx(1.0)
    total = sum(operator.milliseconds for operator in result.operators)
    assert 0 < total < 1.5 * result.milliseconds
    assert (result.threads, result.runs) == (1, 5)


def test_files_that_cannot_be_profiled(tmp_path: Path, built: Built) -> None:
    path = tmp_path / "model.tflite"
    with pytest.raises(InputError):
        profile(path)
    path.write_bytes(b"TFL3" * 100)
    with pytest.raises(ArtifactCorruptError):
        profile(path)
    with pytest.raises(ArtifactCorruptError, match="cannot run"):
        profile(built.artifact.path, timeout=0.01)


def test_another_release_of_the_runtime_is_not_trusted(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgevit.profiling.profile.version", lambda _: "2.4.0")
    with pytest.raises(UnsupportedError, match=r"2\.4\.0"):
        profile(built.artifact.path)


def test_the_command(edgevit: Run, built: Built) -> None:  # noqa: F811 - the fixture
    result = edgevit("profile", built.artifact.path, "--runs", 2, "--json")
    assert result.status == 0
    assert result.data["schema"] == "edgevit-profile/1"
    assert {"name", "in_xnnpack", "milliseconds", "share"} == set(result.data["operators"][0])
    people = edgevit("profile", built.artifact.path, "--runs", 2).out
    assert "XNNPACK" in people
    assert "GELU" in people
    assert edgevit("profile", built.artifact.path, "--threads", 0).status == 2
