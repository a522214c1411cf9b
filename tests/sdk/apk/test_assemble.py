"""How an APK is put together, with tools that only pretend; ``tests/native/test_apk.py`` has the real ones."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from edgevit.errors import ConversionError, InputError, ToolMissingError, UsageError
from edgevit.sdk.apk.archive import Entry, read_entries
from edgevit.sdk.apk.assemble import build_apk
from edgevit.sdk.apk.keys import SigningKey
from edgevit.types import Event
from tests.sdk.apk.checker import verify
from tests.sdk.apk.elf import library
from tests.sdk.apk.test_runtime import aar

ANDROID = "{http://schemas.android.com/apk/res/android}"

_SCRIPT = """plugins {
    alias(libs.plugins.android.application)
}
android {
    namespace = "dev.edgevit.bench"
    compileSdk = 36
    defaultConfig {
        applicationId = "dev.edgevit.bench.app"
        minSdk = 24
        targetSdk = 36
        versionCode = 7
        versionName = "1.2.3"
    }
}
"""

_MANIFEST = """<manifest xmlns:android="http://schemas.android.com/apk/res/android"
    xmlns:tools="http://schemas.android.com/tools">
  <uses-permission android:name="android.permission.FOREGROUND_SERVICE" tools:node="remove" />
  <application android:label="@string/app_name" tools:ignore="MissingIcon">
    <activity android:name=".BenchActivity" android:exported="true" />
    <provider android:name="com.other.Provider" android:authorities="x" />
  </application>
</manifest>"""


class Tools:
    """Pretended tools, and what they were given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def calls(self) -> list[list[str]]:
        lines = (self.folder / "calls.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def call(self, word: str) -> list[str]:
        """Return the one call that has this argument."""
        (found,) = [call for call in self.calls if word in call]
        return found

    def break_on(self, argument: str) -> None:
        (self.folder / "broken").write_text(argument, encoding="utf-8")


@pytest.fixture
def tools(home: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    folder = home / "tools"
    folder.mkdir()
    script = Path(__file__).with_name("fake_tools.py")
    for name in ("java", "aapt2"):
        call = f"FAKE_TOOLS='{folder}' exec '{sys.executable}' -S -E '{script}' {name} \"$@\""
        (folder / name).write_text(f"#!/bin/sh\n{call}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    jars = [folder / f"{name}.jar" for name in ("compiler", "stdlib", "coroutines", "annotations", "d8", "framework")]
    for jar in jars:
        jar.touch()
    monkeypatch.setenv("EDGEVIT_JAVA", str(folder / "java"))
    monkeypatch.setenv("EDGEVIT_KOTLIN", ":".join(map(str, jars[:4])))
    monkeypatch.setenv("EDGEVIT_D8", str(jars[4]))
    monkeypatch.setenv("EDGEVIT_AAPT2", f"{folder / 'aapt2'}:{jars[5]}")
    return Tools(folder)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    files = {
        "gradle/libs.versions.toml": '[versions]\nlitert = "2.3.0"\n',
        "bench/build.gradle.kts": _SCRIPT,
        "bench/src/main/AndroidManifest.xml": _MANIFEST,
        "bench/src/main/res/values/strings.xml": "<resources/>",
        "bench/src/main/kotlin/Bench.kt": "",
        "bench/src/test/kotlin/BenchTest.kt": "",
        "edgevit/src/main/kotlin/Sdk.kt": "",
        "core/src/main/kotlin/deep/Core.kt": "",
        "edgevit/src/main/assets/edgevit/model.tflite": "model",
        "edgevit/src/main/assets/edgevit/labels.txt": "cat\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def litert(tmp_path: Path) -> Path:
    uses = b'<uses-native-library android:name="libOpenCL.so" android:required="false"/>'
    text = (
        b'<manifest xmlns:android="http://schemas.android.com/apk/res/android"><application>%s</application></manifest>'
    )
    return aar(tmp_path / "litert.aar", Entry("jni/arm64-v8a/libLiteRt.so", library()), manifest=text % uses)


@pytest.mark.usefixtures("tools")
def test_what_is_inside(project: Path, litert: Path, tmp_path: Path, key: SigningKey) -> None:
    apk = build_apk(project, tmp_path / "bench.apk", aars=[litert], key=key)
    data = apk.path.read_bytes()
    entries = {entry.name: entry for entry in read_entries(data)}
    assert {name: entry.compressed for name, entry in entries.items()} == {
        "AndroidManifest.xml": True,
        "resources.arsc": False,
        "res/icon.png": False,
        "classes.dex": True,
        "assets/edgevit/labels.txt": True,
        "assets/edgevit/model.tflite": False,
        "lib/arm64-v8a/libLiteRt.so": False,
    }
    assert entries["assets/edgevit/model.tflite"].data == b"model"
    for scheme in (2, 3):
        verify(data, scheme)
    assert (apk.sha256, apk.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (apk.application_id, apk.min_sdk, list(apk.abi_bytes)) == ("dev.edgevit.bench.app", 24, ["arm64-v8a"])
    assert apk.runtime == (("litert.aar", hashlib.sha256(litert.read_bytes()).hexdigest()),)
    assert apk.tools["java"] == "environment variable"


def test_the_manifest_is_completed_as_gradle_does(
    project: Path, litert: Path, tools: Tools, tmp_path: Path, key: SigningKey
) -> None:
    build_apk(project, tmp_path / "bench.apk", aars=[litert], key=key)
    root = ElementTree.parse(tools.folder / "manifest.xml").getroot()  # noqa: S314 - our own file
    assert root.get("package") == "dev.edgevit.bench.app"
    assert [element.get(f"{ANDROID}name") for element in root.iter("activity")] == ["dev.edgevit.bench.BenchActivity"]
    assert [element.get(f"{ANDROID}name") for element in root.iter("provider")] == ["com.other.Provider"]
    assert not list(root.iter("uses-permission"))
    assert "tools" not in (tools.folder / "manifest.xml").read_text(encoding="utf-8")
    (application,) = root.iter("application")
    assert application.get(f"{ANDROID}extractNativeLibs") == "false"
    (native,) = root.iter("uses-native-library")
    assert (native.get(f"{ANDROID}name"), native.get(f"{ANDROID}required")) == ("libOpenCL.so", "false")


def test_the_tools_get_what_gradle_would_give_them(
    project: Path, litert: Path, tools: Tools, tmp_path: Path, key: SigningKey
) -> None:
    build_apk(project, tmp_path / "bench.apk", aars=[litert], key=key)
    compiler = tools.call("org.jetbrains.kotlin.cli.jvm.K2JVMCompiler")
    sources = [word.removeprefix(f"{project}/") for word in compiler if word.endswith(".kt")]
    assert sources == [
        "core/src/main/kotlin/deep/Core.kt",
        "edgevit/src/main/kotlin/Sdk.kt",
        "bench/src/main/kotlin/Bench.kt",
    ]
    assert not any("api/litert" in word for word in compiler), "the AAR's own classes are compiled against"
    assert any(word.endswith("api/android/app/Activity.java") for word in compiler)
    dex = tools.call("com.android.tools.r8.D8")
    assert dex[dex.index("--min-api") + 1] == "24"
    assert [Path(word).name for word in dex[-4:]] == ["app.jar", "runtime0.jar", "stdlib.jar", "coroutines.jar"]
    link = tools.call("link")
    assert [link[link.index(f"--{name}") + 1] for name in ("version-code", "version-name", "target-sdk-version")] == [
        "7",
        "1.2.3",
        "36",
    ]


def test_without_a_runtime_declarations_stand_in_for_it(
    project: Path, tools: Tools, tmp_path: Path, key: SigningKey
) -> None:
    apk = build_apk(project, tmp_path / "bench.apk", with_runtime=False, key=key)
    assert (apk.abi_bytes, apk.runtime) == ({}, ())
    assert any(word.endswith("litert/CompiledModel.java") for word in tools.call("-module-name"))
    assert [Path(word).name for word in tools.call("--min-api")[-3:]] == ["app.jar", "stdlib.jar", "coroutines.jar"]


@pytest.mark.usefixtures("tools")
def test_equal_inputs_give_equal_bytes(project: Path, litert: Path, tmp_path: Path, key: SigningKey) -> None:
    paths = [tmp_path / "one.apk", tmp_path / "two.apk"]
    for path in paths:
        build_apk(project, path, aars=[litert], key=key)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def _compilations(tools: Tools) -> int:
    return sum("org.jetbrains.kotlin.cli.jvm.K2JVMCompiler" in call for call in tools.calls)


def test_code_is_compiled_once_for_all_models(project: Path, tools: Tools, tmp_path: Path, key: SigningKey) -> None:
    first = build_apk(project, tmp_path / "one.apk", with_runtime=False, key=key).path.read_bytes()
    (project / "edgevit/src/main/assets/edgevit/model.tflite").write_text("another model", encoding="utf-8")
    second = build_apk(project, tmp_path / "two.apk", with_runtime=False, key=key).path.read_bytes()
    assert _compilations(tools) == 1
    dex = [{entry.name: entry.data for entry in read_entries(data)}["classes.dex"] for data in (first, second)]
    assert dex[0] == dex[1]
    assert first != second
    build_apk(project, tmp_path / "two.apk", with_runtime=False, key=key, use_cache=False)
    assert _compilations(tools) == 2


def test_whatever_the_code_depends_on_has_it_compiled_again(
    project: Path, litert: Path, tools: Tools, tmp_path: Path, key: SigningKey
) -> None:
    def change(file: Path, text: str = "changed") -> None:
        file.write_text(text, encoding="utf-8")

    build_apk(project, tmp_path / "bench.apk", with_runtime=False, key=key)
    change(project / "bench/src/main/kotlin/Bench.kt")
    build_apk(project, tmp_path / "bench.apk", with_runtime=False, key=key)
    change(project / "bench/src/main/kotlin/Other.kt", "")
    build_apk(project, tmp_path / "bench.apk", with_runtime=False, key=key)
    for tool in ("compiler", "coroutines", "d8"):
        change(tools.folder / f"{tool}.jar")
        build_apk(project, tmp_path / "bench.apk", with_runtime=False, key=key)
    build_apk(project, tmp_path / "bench.apk", aars=[litert], key=key)
    change(project / "bench/build.gradle.kts", _SCRIPT.replace("minSdk = 24", "minSdk = 26"))
    build_apk(project, tmp_path / "bench.apk", with_runtime=False, key=key)
    assert _compilations(tools) == 8


def test_a_damaged_cache_is_never_used(
    project: Path, home: Path, tools: Tools, tmp_path: Path, key: SigningKey
) -> None:
    first = build_apk(project, tmp_path / "bench.apk", with_runtime=False, key=key).path.read_bytes()
    (kept,) = (home / "cache/edgevit/android/dex").iterdir()
    data = bytearray(kept.read_bytes())
    data[45] ^= 1
    kept.write_bytes(data)
    assert build_apk(project, tmp_path / "bench.apk", with_runtime=False, key=key).path.read_bytes() == first
    assert _compilations(tools) == 2


@pytest.mark.usefixtures("tools")
def test_progress_is_told(project: Path, tmp_path: Path, key: SigningKey) -> None:
    heard: list[Event] = []
    build_apk(project, tmp_path / "bench.apk", with_runtime=False, key=key, on_event=heard.append)
    assert [(event.stage, event.kind) for event in heard] == [
        ("compile", "start"),
        ("compile", "end"),
        ("apk", "start"),
        ("apk", "end"),
    ]


@pytest.mark.parametrize("argument", ["--min-api", "-module-name", "link", "compile"])
def test_a_compilers_reason_reaches_the_user_and_the_old_apk_stays(
    project: Path, tools: Tools, tmp_path: Path, key: SigningKey, argument: str
) -> None:
    (tmp_path / "bench.apk").write_bytes(b"old")
    tools.break_on(argument)
    with pytest.raises(ConversionError) as caught:
        build_apk(project, tmp_path / "bench.apk", with_runtime=False, key=key)
    assert "unresolved reference 'x'" in caught.value.why
    assert (tmp_path / "bench.apk").read_bytes() == b"old"


def test_a_tool_that_does_not_start(project: Path, tools: Tools, tmp_path: Path, key: SigningKey) -> None:
    (tools.folder / "java").write_text("#!/nowhere\n", encoding="utf-8")
    with pytest.raises(ToolMissingError, match="cannot be started"):
        build_apk(project, tmp_path / "bench.apk", with_runtime=False, key=key)


@pytest.mark.usefixtures("tools")
def test_the_runtime_is_looked_for_before_anything_is_compiled(project: Path, tmp_path: Path, tools: Tools) -> None:
    with pytest.raises(ToolMissingError, match=r"litert:2\.3\.0"):
        build_apk(project, tmp_path / "bench.apk")
    assert not (tools.folder / "calls.jsonl").exists()


@pytest.mark.usefixtures("tools")
def test_two_aars_with_the_same_library(project: Path, litert: Path, tmp_path: Path, key: SigningKey) -> None:
    with pytest.raises(UsageError, match=r"'lib/arm64-v8a/libLiteRt\.so' twice"):
        build_apk(project, tmp_path / "bench.apk", aars=[litert, litert], key=key)


@pytest.mark.usefixtures("tools")
def test_an_aar_for_nothing(project: Path, litert: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        build_apk(project, tmp_path / "bench.apk", aars=[litert], with_runtime=False)


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("bench/build.gradle.kts", "minSdk = 24", "minSdk = 23", "API 24"),
        ("bench/build.gradle.kts", "minSdk = 24", "minSdk = libs.versions.minSdk.get().toInt()", "without Gradle"),
        ("bench/build.gradle.kts", "versionCode = 7", "versionCode = 7\nversionCode = 8", "2 lines"),
        ("gradle/libs.versions.toml", "litert", "tflite", "no version of LiteRT"),
        ("gradle/libs.versions.toml", "[versions]", "[versions", "no version of LiteRT"),
        ("bench/src/main/AndroidManifest.xml", "</manifest>", "", "cannot be read"),
    ],
)
def test_a_project_that_was_rewritten(
    project: Path, tmp_path: Path, key: SigningKey, file: str, old: str, new: str, says: str
) -> None:
    path = project / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        build_apk(project, tmp_path / "bench.apk", with_runtime=False, key=key)
    assert says in str(caught.value)


@pytest.mark.usefixtures("tools")
def test_a_folder_that_is_no_project(tmp_path: Path, key: SigningKey) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        build_apk(tmp_path, tmp_path / "bench.apk", with_runtime=False, key=key)
