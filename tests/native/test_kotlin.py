"""The Android project on Linux: compiled unchanged, tested, run with the real LiteRT, Gradle scripts type checked."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgevit import BuildSpec, build
from edgevit.images.photos import Photo, photos
from edgevit.sdk.android import ANDROID_DATA_FOLDER, write_android_project
from edgevit.sdk.apk.bytecode import compile_sources
from edgevit.sdk.apk.toolchain import toolchain
from edgevit.types import Artifact, Head, ModelSpec, PixelType
from edgevit.verification.litert import run_tflite
from tests.native.gradle_scripts import SCRIPTS, wrapped_scripts
from tests.native.kotlin_api import LIBRARIES, api_file, api_text
from tests.native.kotlin_mistakes import GRADLE_LIBRARY_MISTAKES, GRADLE_MISTAKES, KOTLIN_MISTAKES, KotlinMistake
from tests.native.kotlin_toolchain import (
    HERE,
    MODULES,
    TEMPLATE,
    CannotBuildRootError,
    KotlinRoot,
    Result,
    check,
    compile_module,
    compile_support,
    kotlin_root,
    module_sources,
)
from tests.sdk.android_sample import android_sample
from tests.sdk.sample import PHOTOS
from tests.support.schema import violations

pytestmark = [pytest.mark.native, pytest.mark.xdist_group("kotlin")]

_SCHEMAS = Path(__file__).parents[2] / "edgevit/schemas"


@pytest.fixture(scope="session")
def kotlin() -> KotlinRoot:
    """Return the Kotlin root, built where it is missing (a minute, 110 MB)."""
    try:
        return kotlin_root()
    except CannotBuildRootError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def built(kotlin: KotlinRoot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the classes of every module, and of what stands in for Android and LiteRT."""
    folder = tmp_path_factory.mktemp("kotlin")
    compile_support(kotlin, folder)
    for module in MODULES:
        check(compile_module(kotlin, TEMPLATE, module, folder, folder / module))
    return folder


def test_the_modules_compile_unchanged_and_without_a_warning(built: Path) -> None:
    for module in MODULES:
        assert list((built / module).rglob("*.class")), module


def _passed(text: str) -> int:
    ran = re.search(r"OK \((\d+) tests?\)", text)
    assert ran is not None, text[-6000:]
    return int(ran[1])


def _test_classes(sources: Sequence[Path]) -> list[str]:
    packages = {source: re.search(r"^package (\S+)", source.read_text(encoding="utf-8"), re.M) for source in sources}
    return [f"{found[1]}.{source.stem}" for source, found in packages.items() if found and source.stem.endswith("Test")]


def test_the_core_passes_its_tests(kotlin: KotlinRoot, built: Path) -> None:
    folder = TEMPLATE / "core/src/test"
    sources, out = sorted(folder.rglob("*.kt")), built / "core-test"
    flags = ("-Werror", "-module-name", "core", f"-Xfriend-paths={built / 'core'}")
    check(kotlin.kotlinc(sources, out, [built / "core", *kotlin.jars("junit")], *flags))
    text = check(kotlin.junit(_test_classes(sources), [built / "core", out, folder / "resources"]))
    assert _passed(text) >= 69


@pytest.fixture(scope="session")
def host(kotlin: KotlinRoot, built: Path) -> Path:
    """Return the compiled tests that run the library and the app on this machine."""
    out = built / "host"
    classpath = [*_host_classes(built), *kotlin.jars("android", "coroutines", "junit")]
    friends = "-Xfriend-paths=" + ",".join(str(built / name) for name in (*MODULES, "litert"))
    flags = ("-nowarn", "-module-name", "host", friends)
    check(kotlin.kotlinc(sorted((HERE / "host").glob("*.kt")), out, classpath, *flags))
    return out


def _host_classes(built: Path) -> list[Path]:
    return [built / name for name in ("fakes", *MODULES, "litert")]


@dataclass(frozen=True)
class _Generated:
    """A project, and the photographs and the input that belong to its model."""

    project: Path
    artifact: Artifact
    photos: Sequence[Photo]
    spec: ModelSpec
    input_type: PixelType
    batch: int = 1

    def expected(self) -> dict[str, dict[str, list[float]]]:
        """Return what Python's LiteRT computes: photograph -> output -> values."""
        pixels = [photo.pixels(self.spec.input_size, self.spec.preprocessing) for photo in self.photos]
        inputs = [{"image": np.stack([image] * self.batch).astype(self.input_type.value)} for image in pixels]
        runs = run_tflite(self.artifact.path, inputs)
        return {
            photo.name: {name: values[0].ravel().tolist() for name, values in outputs.items()}
            for photo, outputs in zip(self.photos, runs, strict=True)
        }

    def run(self, kotlin: KotlinRoot, built: Path, host: Path, classes: Sequence[str]) -> tuple[int, dict[str, Any]]:
        """Return how many tests passed, and the report of the app."""
        folder = self.project.parent
        (folder / "expected.json").write_text(json.dumps(self.expected()))
        properties = {
            "java.library.path": built,
            "edgevit.assets": (self.project / ANDROID_DATA_FOLDER).parent,
            "edgevit.expected": folder / "expected.json",
            "edgevit.report": folder / "report.json",
        }
        flags = [f"-D{name}={value}" for name, value in properties.items()]
        passed = _passed(check(kotlin.junit(classes, [*_host_classes(built), host], *flags)))
        return passed, json.loads((folder / "report.json").read_bytes())


def _check_report(report: dict[str, Any], artifact: Artifact) -> None:
    schema = json.loads((_SCHEMAS / "edgevit-report-1.schema.json").read_bytes())
    assert violations(report, schema) == []
    assert report["subject"]["sha256"] == artifact.sha256
    assert report["self_test"]
    assert all(photo["same_pixels"] and photo["same_answer"] for photo in report["self_test"])


@pytest.mark.parametrize(
    ("input_type", "batch"),
    [(PixelType.UINT8, 1), (PixelType.FLOAT32, 1), (PixelType.UINT8, 3), (PixelType.FLOAT32, 2)],
)
def test_the_library_and_the_app_run_on_the_real_runtime(
    kotlin: KotlinRoot, built: Path, host: Path, tmp_path: Path, input_type: PixelType, batch: int
) -> None:
    content = android_sample(tmp_path, input_type, batch)
    project = tmp_path / "project"
    project.mkdir()
    generated = _Generated(project, write_android_project(project, content), PHOTOS, content.spec, input_type, batch)
    passed, report = generated.run(kotlin, built, host, _test_classes(sorted((HERE / "host").glob("*.kt"))))
    assert passed >= 38
    _check_report(report, generated.artifact)
    assert report["subject"].get("batch", 1) == batch


@pytest.fixture(scope="session")
def apk_code(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what the APK's dex is made of: compiled in one call, against declarations of Android's API.

    The sources are the same for every model, so they are compiled once; only the assets differ.
    """
    folder = tmp_path_factory.mktemp("apk")
    for name in ("fakes", "litert", "libedgevit_host.so"):
        (folder / name).symlink_to(built / name)
    runtime = shutil.make_archive(str(folder / "runtime"), "zip", built / "litert")
    compile_sources(TEMPLATE, toolchain(), [Path(runtime)], folder / "app.jar")
    shutil.unpack_archive(folder / "app.jar", folder / "core", "zip")
    return folder


@pytest.mark.parametrize(
    ("model", "head", "input_type"),
    [
        ("fastvit_t8", Head.PROBABILITIES, PixelType.UINT8),
        ("efficientvit_m0", Head.LOGITS, PixelType.FLOAT32),
        ("sepvit_lite", Head.FEATURES, PixelType.UINT8),
        ("nextvit_small", Head.EMBEDDING, PixelType.FLOAT32),
    ],
)
def test_the_bytecode_of_the_apk_runs_a_variant_of_each_family(
    kotlin: KotlinRoot, apk_code: Path, host: Path, tmp_path: Path, model: str, head: Head, input_type: PixelType
) -> None:
    target = tmp_path / "project"
    spec = BuildSpec(model, out=target, ios=False, android=True, weights="random", head=head, input_type=input_type)
    report = build(spec)
    generated = _Generated(target, report.artifact, photos(), report.spec, input_type)
    passed, measured = generated.run(kotlin, apk_code, host, ["dev.edgevit.host.FamilyTest"])
    assert passed == 3
    _check_report(measured, report.artifact)


@pytest.mark.parametrize("module", LIBRARIES)
def test_the_public_interface_is_the_one_that_was_written_down(built: Path, module: str) -> None:
    text = api_text(built / module, module_sources(TEMPLATE, module))
    assert text == api_file(TEMPLATE, module).read_text(encoding="utf-8"), "meant? python -m tests.native.kotlin_api"


def test_the_microbenchmark_compiles(kotlin: KotlinRoot, built: Path, tmp_path: Path) -> None:
    """Against stand-ins for the few members of androidx that it uses."""
    sources = sorted((TEMPLATE / "microbenchmark").rglob("*.kt"))
    assert sources
    classpath = [built / "core", built / "edgevit", built / "overlay", *kotlin.jars("android", "coroutines", "junit")]
    stand_ins = sorted((HERE / "androidx").rglob("*.kt"))
    check(kotlin.kotlinc([*sources, *stand_ins], tmp_path / "out", classpath, "-Werror", "-no-jdk"))


def _plant(mistakes: Sequence[KotlinMistake], tmp_path: Path) -> Path:
    """Return a copy of the project with the mistakes in it."""
    copy = tmp_path / "project"
    shutil.copytree(TEMPLATE, copy, ignore=shutil.ignore_patterns("build", ".gradle"))
    for mistake in mistakes:
        file = copy / mistake.file
        text = file.read_text(encoding="utf-8")
        assert text.count(mistake.old) == 1, f"{mistake.file} has changed: adapt the mistake"
        file.write_text(text.replace(mistake.old, mistake.new), encoding="utf-8")
    return copy


def _assert_caught(mistakes: Sequence[KotlinMistake], done: Result, name: str) -> None:
    """Check that the compiler says the right thing about each file; ``name`` formats a path as it names it."""
    assert done.returncode != 0
    lines = (done.stdout + done.stderr).splitlines()
    for mistake in mistakes:
        shown = name.format(path=mistake.file, flat=mistake.file.replace("/", "_"))
        about = [line for line in lines if shown in line and ": error:" in line]
        assert any(mistake.says in line for line in about), (mistake.file, about or lines[-20:])


@pytest.mark.parametrize("module", MODULES)
def test_planted_mistakes_are_refused(kotlin: KotlinRoot, built: Path, tmp_path: Path, module: str) -> None:
    mistakes = KOTLIN_MISTAKES[module]
    project = _plant(mistakes, tmp_path)
    done = compile_module(kotlin, project, module, built, tmp_path / "out")
    _assert_caught(mistakes, done, "project/{path}")


@pytest.fixture(scope="session")
def gradle_dsl(kotlin: KotlinRoot, built: Path) -> Path:
    """Return the compiled stub of Gradle's script language."""
    out = built / "gradle"
    check(kotlin.kotlinc(sorted((HERE / "gradle").glob("*.kt")), out, [], "-nowarn"))
    return out


def _compile_scripts(kotlin: KotlinRoot, dsl: Path, project: Path, folder: Path) -> Result:
    return kotlin.kotlinc(wrapped_scripts(project, folder / "scripts"), folder / "out", [dsl], "-nowarn")


def test_gradle_scripts_type_check(kotlin: KotlinRoot, gradle_dsl: Path, tmp_path: Path) -> None:
    check(_compile_scripts(kotlin, gradle_dsl, TEMPLATE, tmp_path))
    scripts = {path.relative_to(TEMPLATE).as_posix() for path in TEMPLATE.rglob("*.gradle.kts")}
    assert scripts == set(SCRIPTS)


@pytest.mark.parametrize("mistakes", [GRADLE_MISTAKES, GRADLE_LIBRARY_MISTAKES], ids=["types", "kinds"])
def test_planted_mistakes_in_gradle_scripts_are_refused(
    kotlin: KotlinRoot, gradle_dsl: Path, tmp_path: Path, mistakes: Sequence[KotlinMistake]
) -> None:
    done = _compile_scripts(kotlin, gradle_dsl, _plant(mistakes, tmp_path), tmp_path)
    _assert_caught(mistakes, done, "scripts/{flat}.kt")


def _declared(folder: Path) -> Iterator[tuple[str, str, int | None]]:
    """Yield class, member and number of parameters (None for fields) of what the overlay declares for Android."""
    method = re.compile(r"public (?:static )?(?:final )?[\w.\[\]]+ (\w+)\((.*?)\)")
    field = re.compile(r"public static final \w+ (\w+) =")
    for file in folder.rglob("*.java"):
        package, outer = ".".join(file.relative_to(folder).parts[:-1]), file.stem
        inner = outer
        for line in file.read_text(encoding="utf-8").splitlines():
            if nested := re.search(r"(?:static class|enum) (\w+)", line):
                inner = f"{outer}.{nested[1]}"
            elif found := method.search(line):
                yield f"{package}.{outer}", found[1], len([p for p in found[2].split(",") if p])
            elif found := field.search(line):
                yield f"{package}.{inner}", found[1], None
            elif constants := re.fullmatch(r"\s+((?:[A-Z][A-Z0-9_]*, )*[A-Z][A-Z0-9_]*)", line):
                yield from ((f"{package}.{inner}", name, None) for name in constants[1].split(", "))


@cache
def _stub(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _members(stubs: Path, name: str) -> dict[str, set[int]]:
    """Return the members of a class in the type stubs of API 36: name -> possible numbers of parameters."""
    package, *classes = re.split(r"\.(?=[A-Z])", name)
    body = _stub(stubs.joinpath(*package.split(".")[1:]) / "__init__.pyi").body
    for wanted in classes:
        body = next(node for node in body if isinstance(node, ast.ClassDef) and node.name == wanted).body
    members: dict[str, set[int]] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
            members.setdefault(node.name, set()).add(len(node.args.posonlyargs) + len(node.args.args) - (not static))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            members.setdefault(node.target.id, set())
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            members.setdefault(node.targets[0].id, set())
    return members


def test_declarations_of_newer_android_members_are_androids(kotlin: KotlinRoot) -> None:
    declared = list(_declared(HERE / "overlay"))
    assert len(declared) >= 20
    for owner, member, parameters in declared:
        members = _members(kotlin.path / "android-stubs", owner)
        assert member in members, f"{owner}.{member}"
        assert parameters is None or parameters in members[member], f"{owner}.{member}"


_NEWER = {"HARDWARE": "O", "currentThermalStatus": "Q", "getThermalHeadroom": "R"}
"""Member that Android 6 does not have -> name of the version that has it."""


def test_newer_members_are_used_behind_a_check_of_the_version() -> None:
    uses = 0
    for source in (source for module in MODULES for source in module_sources(TEMPLATE, module)):
        lines = source.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            for member, version in _NEWER.items():
                if re.search(rf"\.{member}\b", line):
                    uses += 1
                    near = "\n".join(lines[max(0, number - 3) : number + 1])
                    assert re.search(rf"SDK_INT (>=|<) Build\.VERSION_CODES\.{version}\b", near), (
                        f"{source.name}:{number}"
                    )
    assert uses == len(_NEWER)
