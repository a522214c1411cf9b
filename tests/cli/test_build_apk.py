from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from edgevit.types import BuildReport, BuildSpec, EventSink
from tests.cli.conftest import Run
from tests.cli.test_build import _report
from tests.sdk.apk.conftest import home
from tests.sdk.apk.test_assemble import Tools, litert, project, tools
from tests.sdk.apk.test_keys import make_key_file

__all__ = ["home", "litert", "project", "tools"]  # fixtures


@pytest.fixture
def builds(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[BuildSpec]:
    """Let every build make the sample project; the list has what was asked."""
    asked: list[BuildSpec] = []

    def build(spec: BuildSpec, *, on_event: EventSink) -> BuildReport:
        asked.append(spec)
        report = _report(spec, trained=True)
        del on_event
        part = dataclasses.replace(report.platforms[-1], sdk=project)
        return dataclasses.replace(report, platforms=(*report.platforms[:-1], part))

    monkeypatch.setattr("edgevit.pipeline.build", build)
    return asked


@pytest.mark.usefixtures("tools", "builds")
def test_the_app_is_beside_the_project(edgevit: Run, project: Path, litert: Path) -> None:
    result = edgevit("build", "fastvit_t8", "--android", "--apk", "--aar", litert)
    assert result.status == 0, result.err
    assert project.with_name("project.apk").is_file()
    assert re.search(r"runtime +litert\.aar\nnative code +arm64-v8a ", result.out)
    assert f"Next: edgevit probe {project}.apk" in result.out
    data = edgevit("build", "fastvit_t8", "--ios", "--android", "--apk", "--aar", litert, "--json").data
    assert data["apk"]["path"] == f"{project}.apk"
    assert list(data["apk"]["abi_bytes"]) == ["arm64-v8a"]


@pytest.mark.usefixtures("tools", "builds")
def test_without_a_runtime_the_warning_cannot_be_missed(edgevit: Run) -> None:
    result = edgevit("build", "fastvit_t8", "--android", "--apk", "--apk-without-runtime")
    assert result.status == 0, result.err
    assert "WARNING: The APK has no runtime" in result.out


@pytest.mark.usefixtures("builds")
def test_without_the_option_there_is_no_app(edgevit: Run) -> None:
    assert edgevit("build", "fastvit_t8", "--android", "--json").data["apk"] is None


@pytest.mark.usefixtures("tools")
def test_the_users_own_key(
    edgevit: Run, builds: list[BuildSpec], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["build", "fastvit_t8", "--android", "--apk", "--apk-without-runtime", "--json"]
    own = make_key_file(tmp_path / "key.pem", "RSA", password=b"secret")
    assert edgevit(*arguments, "--keystore", own).status == 3
    assert not builds, "a wrong password is told before the build"
    monkeypatch.setenv("EDGEVIT_KEYSTORE_PASSWORD", "secret")
    signed, debug = (edgevit(*arguments, *extra).data["apk"]["signer_sha256"] for extra in (("--keystore", own), ()))
    assert signed != debug


@pytest.mark.usefixtures("home")
def test_a_missing_runtime_is_told_before_the_build(edgevit: Run, builds: list[BuildSpec]) -> None:
    result = edgevit("build", "fastvit_t8", "--android", "--apk")
    assert result.status == 10
    assert "--aar" in result.err
    assert not builds


def test_a_missing_tool_is_told_before_the_build(
    edgevit: Run, builds: list[BuildSpec], tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGEVIT_JAVA", str(tools.folder / "gone"))
    assert edgevit("build", "fastvit_t8", "--android", "--apk", "--apk-without-runtime").status == 10
    assert not builds


@pytest.mark.parametrize(
    "options",
    [
        ["--ios", "--apk"],
        ["--android", "--aar", "x.aar"],
        ["--android", "--keystore", "x.pem"],
        ["--android", "--apk-without-runtime"],
        ["--android", "--apk", "--aar", "x.aar", "--apk-without-runtime"],
    ],
)
def test_contradictions(edgevit: Run, builds: list[BuildSpec], options: list[str]) -> None:
    assert edgevit("build", "fastvit_t8", *options).status == 2
    assert not builds
