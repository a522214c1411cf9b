from __future__ import annotations

from pathlib import Path

import pytest

from edgevit.errors import ToolMissingError
from edgevit.sdk.apk.tools import PARTS, Origin, find, require


def _put(root: Path, *files: str) -> None:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()


def test_the_users_sdk_comes_first_and_its_newest_tools(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(home / "sdk", *(f"build-tools/{version}/aapt2" for version in ("9.0.0", "36.0.0", "36.0.0-rc5", "35.0.1")))
    _put(home / "sdk", "platforms/android-9/android.jar", "platforms/android-36/android.jar")
    _put(home / "cache/edgevit/android/android", "aapt2", "android-framework.jar")
    monkeypatch.setenv("ANDROID_HOME", str(home / "sdk"))
    found = find("aapt2")
    assert found is not None
    assert found.origin is Origin.SDK
    assert [path.parent.name for path in found.paths] == ["36.0.0", "android-36"]


def test_files_that_belong_together_come_from_one_place(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One aapt2 cannot read another one's framework."""
    _put(home / "sdk", "build-tools/36.0.0/aapt2")
    _put(home / "cache/edgevit/android/android", "aapt2", "android-framework.jar")
    monkeypatch.setenv("ANDROID_SDK_ROOT", str(home / "sdk"))
    found = find("aapt2")
    assert found is not None
    assert found.origin in {Origin.CACHE, Origin.SYSTEM}
    assert all("sdk" not in path.parts for path in found.paths)


@pytest.mark.parametrize("place", ["Android/Sdk", "Library/Android/sdk"])
def test_the_usual_places_need_no_variable(home: Path, place: str) -> None:
    _put(home / place, "platform-tools/adb")
    assert require("adb").paths == (home / place / "platform-tools/adb",)


def test_a_program_in_path(home: Path) -> None:
    _put(home / "bin", "adb")
    assert require("adb").origin is Origin.PATH


def test_a_kotlin_distribution_behind_a_link_in_path(home: Path) -> None:
    libraries = [f"lib/{name}" for name in ("kotlin-compiler.jar", "kotlin-stdlib.jar", "annotations-13.0.jar")]
    _put(home / "kotlinc", "bin/kotlinc", *libraries, "lib/kotlinx-coroutines-core-jvm.jar")
    (home / "kotlinc/bin/kotlinc").chmod(0o755)
    (home / "bin").mkdir()
    (home / "bin/kotlinc").symlink_to(home / "kotlinc/bin/kotlinc")
    found = require("kotlin")
    assert found.origin is Origin.KOTLIN
    assert found.paths[0] == home / "kotlinc/lib/kotlin-compiler.jar"


def test_an_incomplete_distribution_is_passed_over(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(home / "kotlinc", "lib/kotlin-compiler.jar", "lib/kotlin-stdlib.jar")
    monkeypatch.setenv("KOTLIN_HOME", str(home / "kotlinc"))
    assert find("kotlin") is None


def test_a_variable_wins(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(home, "bin/adb", "mine/adb")
    monkeypatch.setenv("EDGEVIT_ADB", str(home / "mine/adb"))
    assert require("adb").paths == (home / "mine/adb",)


def test_a_variable_with_too_few_files_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(home, "mine/aapt2")
    monkeypatch.setenv("EDGEVIT_AAPT2", str(home / "mine/aapt2"))
    with pytest.raises(ToolMissingError) as caught:
        require("aapt2")
    assert "must name 2 existing files" in caught.value.why


def test_a_variable_that_leads_nowhere_is_not_passed_over(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(home, "bin/adb")
    monkeypatch.setenv("EDGEVIT_ADB", str(home / "gone/adb"))
    with pytest.raises(ToolMissingError) as caught:
        require("adb")
    assert "EDGEVIT_ADB is" in caught.value.why


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", sorted(set(PARTS) - {"android-api", "aapt2"}))
def test_what_is_missing_is_told_with_all_ways_to_get_it(name: str) -> None:
    with pytest.raises(ToolMissingError) as caught:
        require(name)
    for way in (*PARTS[name].ways, PARTS[name].variable):
        assert way in caught.value.help
    assert PARTS[name].purpose in caught.value.why


@pytest.mark.usefixtures("home")
def test_android_api_is_always_there() -> None:
    found = require("android-api")
    assert found.origin is Origin.EDGEVIT
    assert (found.paths[0] / "app/Activity.java").is_file()
