"""The project's unchanged Kotlin sources as Android's bytecode: Kotlin's compiler, then D8."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edgevit.sdk.apk.archive import Entry
from edgevit.sdk.apk.gradle import MODULES
from edgevit.sdk.apk.process import run_tool
from edgevit.sdk.apk.toolchain import Toolchain

__all__ = ["compile_sources", "kotlin_sources", "to_dex"]

_HEAP = "-Xmx1500m"
_QUICK_START = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""A compiler that runs for seconds ends before Java's optimizer has paid off."""

_JVM_TARGET = "11"
"""As in the Gradle scripts."""


def kotlin_sources(project: Path) -> list[Path]:
    """Return the main sources of all modules, in a fixed order."""
    return [file for module in MODULES for file in sorted((project / module / "src/main/kotlin").rglob("*.kt"))]


def compile_sources(project: Path, tools: Toolchain, runtime: Sequence[Path], out: Path) -> None:
    """Compile the main sources of all modules into a jar.

    Args:
        project: The generated project.
        tools: The compilers.
        runtime: ``classes.jar`` of each runtime AAR, or a folder of declarations of the same members.
        out: The jar to write.

    Raises:
        ConversionError: The compiler refuses the sources.
    """
    outside = [*tools.android, *runtime]
    # Java sources on the command line are read for what they declare; only Kotlin is compiled.
    declared = [file for folder in outside if folder.is_dir() for file in sorted(folder.rglob("*.java"))]
    class_path = [*(jar for jar in outside if not jar.is_dir()), *tools.kotlin[1:]]
    # An API jar brings Android's java.*; the declarations leave that to the Java that runs the compiler.
    arguments = ["-no-jdk"] if any(not path.is_dir() for path in tools.android) else []
    arguments += ["-no-stdlib", "-no-reflect", "-nowarn", "-jvm-target", _JVM_TARGET]
    arguments += ["-module-name", "edgevit-bench", "-cp", _joined(class_path), "-d", str(out)]
    command = [str(tools.java), _HEAP, *_QUICK_START, "-cp", str(tools.kotlin[0].parent / "*")]
    command += [
        "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler",
        *arguments,
        *map(str, [*kotlin_sources(project), *declared]),
    ]
    run_tool("The Kotlin compiler", command)


def to_dex(classes: Sequence[Path], tools: Toolchain, min_sdk: int, scratch: Path) -> tuple[Entry, ...]:
    """Return ``classes.dex`` (and ``classes2.dex`` ..., should one not hold all methods).

    Args:
        classes: Jars of the app's own code and of its runtime.
        tools: The compilers.
        min_sdk: Oldest API level; what it lacks of Java is rewritten.
        scratch: An empty folder.

    Raises:
        ConversionError: D8 refuses a class.
    """
    command = [str(tools.java), _HEAP, *_QUICK_START, "-cp", str(tools.d8), "com.android.tools.r8.D8", "--release"]
    command += ["--min-api", str(min_sdk), "--output", str(scratch)]
    command += [word for jar in tools.android if not jar.is_dir() for word in ("--lib", str(jar))]
    run_tool("D8", [*command, *map(str, [*classes, *_libraries(tools)])])
    return tuple(Entry(file.name, file.read_bytes()) for file in sorted(scratch.glob("*.dex"), key=_dex_number))


def _dex_number(file: Path) -> int:
    return int(file.stem.removeprefix("classes") or 1)


def _libraries(tools: Toolchain) -> Sequence[Path]:
    """Return what travels in the app besides its own classes: the standard library and coroutines."""
    return tools.kotlin[1:3]


def _joined(paths: Sequence[Path]) -> str:
    return ":".join(map(str, paths))
