from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from edgevit.cli import health
from edgevit.cli.health import REQUIREMENTS, State, allows, hub_cache
from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[2]


def _states(edgevit: Run) -> dict[str, str]:
    return {check["name"]: check["state"] for check in edgevit("doctor", "--json").data["checks"]}


def test_the_table_is_that_of_the_distribution() -> None:
    lines = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    split = [re.fullmatch(r"([\w-]+)(.*)", line) for line in lines]
    assert {match[1]: match[2] for match in split if match} == REQUIREMENTS


def test_this_machine(edgevit: Run) -> None:
    result = edgevit("doctor")
    assert result.status == 0
    assert "Ready to build" in result.out
    states = _states(edgevit)
    assert set(REQUIREMENTS) <= states.keys()
    assert states["coremltools libmilstoragepython"] == "ok"


def test_a_missing_package_fails_and_says_how_to_get_it(edgevit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "coremltools":
            raise PackageNotFoundError(name)
        return "99"

    monkeypatch.setattr(health, "version", version)
    result = edgevit("doctor")
    assert result.status == 10
    assert "pip install 'coremltools==9.0'" in result.out
    assert "Builds will fail: coremltools." in result.out
    assert _states(edgevit)["torch"] == "warn"


def test_a_package_for_the_other_phone_may_be_missing(edgevit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name in {"flatbuffers", "ai-edge-litert"}:
            raise PackageNotFoundError(name)
        return REQUIREMENTS[name].lstrip("=>").partition(",")[0]

    monkeypatch.setattr(health, "version", version)
    assert edgevit("doctor").status == 0


def test_a_library_for_another_python(edgevit: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "coremltools").mkdir()
    (tmp_path / "coremltools" / "__init__.py").touch()
    (tmp_path / "coremltools" / "libmilstoragepython.so").write_bytes(b"not a library")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "coremltools", raising=False)  # an earlier test may have imported the real one
    result = edgevit("doctor", "--json")
    found = {check["name"]: check for check in result.data["checks"]}
    assert result.status == 10
    assert found["coremltools libmilstoragepython"]["found"] == "there, but cannot be loaded"
    assert found["coremltools libmodelpackage"]["found"] == "not in this installation"


def test_the_hub_switch_is_seen(edgevit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert _states(edgevit)["weights hub"] == "warn"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without any tool."""
    for variable in ("ANDROID_HOME", "ANDROID_SDK_ROOT", "KOTLIN_HOME", "JAVA_HOME", "GRADLE_USER_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def _android(edgevit: Run) -> dict[str, dict[str, str]]:
    return {check["name"]: check for check in edgevit("doctor", "--android", "--json").data["checks"]}


def test_android_tools_are_asked_for(edgevit: Run, bare: Path) -> None:
    assert "aapt2" not in _states(edgevit)
    found = _android(edgevit)
    assert found["java"]["state"] == "missing"
    assert "openjdk" in found["java"]["fix"]
    assert found["kotlin"]["state"] == "warn"
    assert "84 MB" in found["kotlin"]["found"]
    assert found["android-api"] == found["android-api"] | {"state": "ok", "found": "edgevit"}
    assert "--aar" in found["LiteRT for Android"]["fix"]
    assert not (bare / "cache").exists(), "doctor fetches nothing"


def test_android_tools_of_the_user_are_found(edgevit: Run, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in ("sdk/build-tools/36.0.0/aapt2", "sdk/platforms/android-36/android.jar", "bin/java"):
        (bare / file).parent.mkdir(parents=True, exist_ok=True)
        (bare / file).touch()
    monkeypatch.setenv("ANDROID_HOME", str(bare / "sdk"))
    found = _android(edgevit)
    assert found["aapt2"]["found"] == f"{bare}/sdk/build-tools/36.0.0/aapt2 (Android SDK)"
    assert found["android-api"]["found"] == f"{bare}/sdk/platforms/android-36/android.jar (Android SDK)"
    assert found["java"]["state"] == "ok"
    assert edgevit("doctor", "--android").status == 0, "tools for APKs are optional"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"HF_HUB_CACHE": "/c", "HF_HOME": "/h"}, "/c"),
        ({"HF_HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/h/hub"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/huggingface/hub"),
        ({"HOME": "/home/me"}, "/home/me/.cache/huggingface/hub"),
    ],
)
def test_the_cache_is_where_the_hub_keeps_it(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in ("HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert hub_cache() == Path(expected)


@pytest.mark.parametrize(
    ("tested", "found", "expected"),
    [
        ("==9.0", "9.0", True),
        ("==9.0", "9.0.1", True),
        ("==9.0", "9.1", False),
        ("==2.13.0", "2.13.0+cpu", True),
        (">=2.3,<2.4", "2.3.5", True),
        (">=2.3,<2.4", "2.4.0", False),
        (">=2.3,<2.4", "2.2.9", False),
        (">=8.5,<9", "10.0", False),
        (">=1,<2", "nonsense", False),
    ],
)
def test_ranges(tested: str, found: str, expected: bool) -> None:
    assert allows(tested, found) is expected


def test_states_are_stable_words() -> None:
    assert [state.value for state in State] == ["ok", "warn", "missing"]
