"""Compile and run the Android sources with the tools that ``kotlin_root.sh`` fetches."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HERE = Path(__file__).with_name("kotlin")
TEMPLATE = REPOSITORY / "android_template"
MODULES = ("core", "edgevit", "bench")
"""Modules of the template, each after those that it uses."""

_BUILDER = Path(__file__).with_name("kotlin_root.sh")
_CANNOT = 77
_JAVA = ("java", "-Xmx1200m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")
_KOTLINC = "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler"

Result = subprocess.CompletedProcess[str]


class CannotBuildRootError(Exception):
    """This machine cannot have a Kotlin root; the message says why."""


@dataclass(frozen=True)
class KotlinRoot:
    """A Kotlin compiler and the libraries that the sources use.

    Attributes:
        path: What ``kotlin_root.sh`` made.
    """

    path: Path

    def jars(self, *names: str) -> list[Path]:
        """Return jars of the root, for example ``android`` or ``coroutines``."""
        return [self.path / f"{name}.jar" for name in names]

    def kotlinc(self, sources: Iterable[Path], out: Path, classpath: Sequence[Path], *flags: str) -> Result:
        """Compile Kotlin sources; warnings are errors unless a flag says otherwise."""
        always = ("-no-stdlib", "-no-reflect", "-jvm-target", "1.8", "-cp", _joined([*classpath, *self._standard()]))
        command = [*_JAVA, "-cp", f"{self.path}/compiler/*", _KOTLINC, *always, *flags, "-d", str(out)]
        return _run([*command, *map(str, sources)])

    def javac(self, folder: Path, out: Path, classpath: Sequence[Path] = ()) -> Result:
        """Compile all Java sources below a folder."""
        sources = map(str, sorted(folder.rglob("*.java")))
        return _run(["javac", "--release", "8", "-Xlint:-options", "-cp", _joined(classpath), "-d", str(out), *sources])

    def junit(self, classes: Sequence[str], classpath: Sequence[Path], *flags: str) -> Result:
        """Run test classes."""
        jars = [*classpath, *self._standard(), *self.jars("coroutines", "junit", "hamcrest", "android")]
        return _run([*_JAVA, *flags, "-cp", _joined(jars), "org.junit.runner.JUnitCore", *classes])

    def _standard(self) -> list[Path]:
        return self.jars("kotlin-stdlib", "annotations")


def module_sources(template: Path, module: str) -> list[Path]:
    """Return the Kotlin sources of a module."""
    return sorted((template / module / "src" / "main").rglob("*.kt"))


def compile_module(root: KotlinRoot, template: Path, module: str, built: Path, out: Path) -> Result:
    """Compile one module as Gradle would, but against Android 6 and the few newer members that are declared.

    Args:
        template: A project; its sources may have been edited.
        module: One of :data:`MODULES`.
        built: Folder with the stand-ins and with the modules before it, as :func:`compile_support` leaves them.
        out: Folder for the classes.
    """
    explicit = ("-Xexplicit-api=strict",) if module != "bench" else ()
    before = [built / name for name in MODULES[: MODULES.index(module)]]
    classpath = [*before, built / "overlay", *root.jars("android"), built / "litert", *root.jars("coroutines")]
    flags = ("-Werror", "-no-jdk", "-module-name", module, *explicit)
    return root.kotlinc(module_sources(template, module), out, classpath, *flags)


def compile_support(root: KotlinRoot, built: Path) -> None:
    """Compile what stands in for Android and LiteRT on the host, and the native side of the latter."""
    for name, classpath in (("overlay", []), ("litert", []), ("fakes", root.jars("android"))):
        check(root.javac(HERE / name, built / name, classpath))
    classpath = [built / "overlay", *root.jars("android"), built / "litert"]
    check(root.kotlinc(sorted((HERE / "litert").rglob("*.kt")), built / "litert", classpath, "-no-jdk", "-nowarn"))
    runtime = Path(find_spec("ai_edge_litert").submodule_search_locations[0]) / "libLiteRt.so"  # type: ignore[union-attr, index]
    java = Path(check(_run(["sh", "-c", 'readlink -f "$(command -v javac)"'])).strip()).parents[1] / "include"
    shared = ["gcc", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "-O1", "-shared", "-fPIC"]
    includes = [f"-I{java}", f"-I{java}/linux"]
    out = str(built / "libedgevit_host.so")
    source = str(HERE / "litert" / "edgevit_host.c")
    check(_run([*shared, *includes, "-o", out, source, str(runtime), f"-Wl,-rpath,{runtime.parent}"]))


def check(done: Result) -> str:
    """Return what a command printed; it must have succeeded."""
    text = done.stdout + done.stderr
    assert done.returncode == 0, text[-8000:]
    return text


def kotlin_root() -> KotlinRoot:
    """Return the root, built where it is missing.

    Raises:
        CannotBuildRootError: Not a Debian machine, no JDK, or the files cannot be fetched.
    """
    built = subprocess.run(
        [_BUILDER], capture_output=True, text=True, check=False, env=os.environ | {"PYTHON": sys.executable}
    )
    if built.returncode == _CANNOT:
        raise CannotBuildRootError(built.stderr.strip().splitlines()[-1])
    if built.returncode != 0:
        raise RuntimeError(f"kotlin_root.sh failed:\n{built.stderr[-4000:]}")
    return KotlinRoot(Path(built.stdout.strip()))


def _joined(paths: Iterable[Path]) -> str:
    return os.pathsep.join(map(str, paths))


def _run(command: Sequence[str]) -> Result:
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
