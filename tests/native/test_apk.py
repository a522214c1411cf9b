"""The APK that is built without an Android SDK, judged by Android's own tools."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from edgevit.sdk.apk.archive import Entry, write_archive
from edgevit.sdk.apk.assemble import Apk, build_apk
from edgevit.sdk.apk.keys import debug_key
from tests.native.android_declarations import DECLARATIONS, android_sources, api_class_path, declarations
from tests.native.apk_root import ApkRoot, apk_root
from tests.native.kotlin_toolchain import CannotBuildRootError as CannotBuildKotlinRootError
from tests.native.kotlin_toolchain import kotlin_root
from tests.native.toolchain import REPOSITORY, CannotBuildRootError
from tests.sdk.apk.elf import library

pytestmark = [pytest.mark.native, pytest.mark.xdist_group("apk")]

_MANIFEST = b"""<manifest xmlns:android="http://schemas.android.com/apk/res/android"><application>
<uses-native-library android:name="libOpenCL.so" android:required="false"/></application></manifest>"""


@pytest.fixture(scope="module")
def checkers() -> ApkRoot:
    try:
        return apk_root()
    except CannotBuildRootError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def aar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An AAR with LiteRT's interface and libraries that hold nothing."""
    folder = tmp_path_factory.mktemp("aar")
    api = DECLARATIONS.parent
    sources = [str(file) for file in sorted((api / "litert").rglob("*.java"))]
    options = ["--release", "8", "-Xlint:-options", "-sourcepath", str(api), "-implicit:none", "-d", str(folder)]
    subprocess.run(["javac", *options, *sources], check=True)
    classes = [
        Entry(file.relative_to(folder).as_posix(), file.read_bytes())
        for package in ("com", "org")
        for file in sorted((folder / package).rglob("*.class"))
    ]
    entries = [Entry("AndroidManifest.xml", _MANIFEST), Entry("classes.jar", write_archive(classes))]
    entries += [Entry(f"jni/{abi}/libLiteRt.so", library()) for abi in ("arm64-v8a", "x86_64")]
    path = folder / "litert-2.3.0.aar"
    path.write_bytes(write_archive(entries))
    return path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template, which holds a small model; a copy, so that all builds see the same files."""
    return shutil.copytree(REPOSITORY / "android_template", tmp_path_factory.mktemp("project") / "android")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, project: Path, aar: Path) -> Apk:
    folder = tmp_path_factory.mktemp("apk")
    return build_apk(project, folder / "bench.apk", aars=[aar], key=debug_key(folder / "key"), use_cache=False)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Apk:
    folder = tmp_path_factory.mktemp("bare")
    return build_apk(project, folder / "bare.apk", with_runtime=False, key=debug_key(folder), use_cache=False)


def _says(checkers: ApkRoot, built: Apk, command: str) -> str:
    done = checkers.run(command, built.path.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_apksigner_accepts_both_signatures(checkers: ApkRoot, built: Apk) -> None:
    text = _says(checkers, built, "apksigner verify --verbose --print-certs --min-sdk-version 24 bench.apk")
    assert "Verified using v2 scheme (APK Signature Scheme v2): true" in text
    assert "Verified using v3 scheme (APK Signature Scheme v3): true" in text
    assert f"certificate SHA-256 digest: {built.signer_sha256}" in text
    assert "WARNING" not in text


@pytest.mark.parametrize("name", ["classes.dex", "model.tflite", "libLiteRt.so", "resources.arsc"])
def test_apksigner_refuses_one_flipped_bit(checkers: ApkRoot, built: Apk, name: str) -> None:
    with zipfile.ZipFile(built.path) as archive:
        info = next(info for info in archive.infolist() if info.filename.endswith(name))
    data = bytearray(built.path.read_bytes())
    data[info.header_offset + 60 + len(info.filename) + len(info.extra)] ^= 1
    (built.path.parent / "changed.apk").write_bytes(data)
    done = checkers.run("apksigner verify --min-sdk-version 24 changed.apk", built.path.parent)
    assert done.returncode != 0
    assert "DOES NOT VERIFY" in done.stdout + done.stderr


def test_zipalign_finds_everything_in_its_place(checkers: ApkRoot, built: Apk) -> None:
    assert "Verification successful" in _says(checkers, built, "zipalign -c -p -v 4 bench.apk")


def test_aapt2_reads_the_app(checkers: ApkRoot, built: Apk) -> None:
    text = _says(checkers, built, "aapt2 dump badging bench.apk")
    assert "package: name='dev.edgevit.bench' versionCode='1' versionName='1.0.0'" in text
    assert "sdkVersion:'24'" in text
    assert "targetSdkVersion:'36'" in text
    assert "application-label:'EdgeVit Bench'" in text
    assert "launchable-activity: name='dev.edgevit.bench.BenchActivity'" in text
    assert "native-code: 'arm64-v8a' 'x86_64'" in text
    assert "uses-permission" not in text


def test_the_manifest_asks_for_what_the_runtime_opens(checkers: ApkRoot, built: Apk) -> None:
    text = _says(checkers, built, "aapt2 dump xmltree --file AndroidManifest.xml bench.apk")
    assert re.search(r'uses-native-library.*\n.*"libOpenCL.so"', text)
    assert re.search(r"extractNativeLibs\(0x010104ea\)=false", text)
    assert "tools" not in text


def test_the_dex_holds_all_modules_and_the_runtime_and_nothing_of_android(checkers: ApkRoot, built: Apk) -> None:
    classes = _says(checkers, built, "dexdump bench.apk | grep 'Class descriptor'")
    for name in ("dev/edgevit/core/Preprocessor", "dev/edgevit/sdk/EdgeVit", "dev/edgevit/bench/BenchActivity"):
        assert f"'L{name};'" in classes
    assert "'Lcom/google/ai/edge/litert/CompiledModel;'" in classes
    assert "'Lkotlinx/coroutines/BuildersKt;'" in classes
    assert "'Landroid/" not in classes


def test_no_call_is_left_that_phones_do_not_have(checkers: ApkRoot, built: Apk) -> None:
    code = _says(checkers, built, "dexdump -d bench.apk | grep -c 'invoke-custom\\|StringConcatFactory' || true")
    assert code.strip() == "0"


def test_without_a_runtime_only_the_runtime_is_missing(checkers: ApkRoot, built: Apk, bare: Apk) -> None:
    assert bare.abi_bytes == {}
    assert _says(checkers, bare, f"apksigner verify {bare.path.name}") == ""
    command = "dexdump {} | grep 'Class descriptor' | sed 's/.*: //' | sort -u"
    without, complete = (set(_says(checkers, apk, command.format(apk.path.name)).split()) for apk in (bare, built))
    assert without < complete
    assert all(re.match(r"'L(com/google/ai/edge/litert|org/tensorflow/lite)/", name) for name in complete - without)


def test_bytes_repeat_wherever_the_project_is(project: Path, bare: Apk, tmp_path: Path) -> None:
    moved = shutil.copytree(project, tmp_path / "elsewhere")
    again = build_apk(
        moved, tmp_path / "again.apk", with_runtime=False, key=debug_key(bare.path.parent), use_cache=False
    )
    assert again.path.read_bytes() == bare.path.read_bytes()
    assert dataclasses.replace(again, path=bare.path) == bare


def test_the_declarations_are_those_of_androids_api(tmp_path: Path) -> None:
    """That they are enough is proven by compiling; ``python -m tests.native.android_declarations`` renews them."""
    try:
        (jar,) = kotlin_root().jars("android")
    except CannotBuildKotlinRootError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    class_path = api_class_path(jar, tmp_path)
    declared = {f"android/{file.relative_to(DECLARATIONS).as_posix()}": file for file in DECLARATIONS.rglob("*.java")}
    api = declarations(android_sources(), class_path, more=declared.values())
    assert declared.keys() <= api.keys()
    for name, file in declared.items():
        invented = set(file.read_text(encoding="utf-8").splitlines()) - set(api[name].splitlines())
        assert not invented, name
