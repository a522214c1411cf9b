"""The public interface of the Android libraries as text, so that a change of it is seen and meant.

``python -m tests.native.kotlin_api`` writes ``api/<module>.api`` of the template anew; then refresh the template.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.native.kotlin_toolchain import MODULES, TEMPLATE, check, compile_module, compile_support, kotlin_root
from tests.native.kotlin_toolchain import module_sources as sources_of

LIBRARIES = MODULES[:2]
"""Modules that apps are compiled against."""

_CLASS = re.compile(r"(?P<indent> *)(?P<words>(?:[a-z]+ )*)(?:class|interface|object)(?: (?P<name>\w+))?\b")
_FUNCTION = re.compile(r"^public (?:\w+ )*(?:fun|val) ", re.MULTILINE)
_HIDDEN = re.compile(r"^ *(?:private |internal )?const val (\w+)", re.MULTILINE)
_MADE = re.compile(r"^Compiled from| \w+\$[\w$]+\(|DefaultConstructorMarker")
"""A dollar ends the name of what is internal, before the module's name, and is in the compiler's own names."""


def api_file(project: Path, module: str) -> Path:
    """Return where the text of a module is in a project."""
    return project / module / "api" / f"{module}.api"


def api_text(classes: Path, sources: Iterable[Path]) -> str:
    """Return the public classes with their public members, as ``javap`` shows them.

    Args:
        classes: What the sources were compiled to.
        sources: Kotlin files; they know what is internal, which bytecode calls public.
    """
    texts = {source: source.read_text(encoding="utf-8") for source in sources}
    names = sorted({name for source, text in texts.items() for name in _public_classes(text, source)})
    shown = subprocess.run(
        ["javap", "-public", "-cp", str(classes), *names], capture_output=True, text=True, check=True
    ).stdout
    hidden = {name for text in texts.values() for name in _HIDDEN.findall(text)}
    return "".join(f"{line}\n" for line in shown.splitlines() if not _is_hidden(line, hidden))


def _is_hidden(line: str, constants: set[str]) -> bool:
    """Return whether a line is about something that Kotlin hides: made by its compiler, internal, or private."""
    if _MADE.search(line):
        return True
    constant = re.fullmatch(r" +public static final \S+ (\w+);", line)
    return constant is not None and constant[1] in constants


def _public_classes(text: str, source: Path) -> Iterator[str]:
    """Yield binary names of the classes in a file that are public, and so are those around them."""
    package = re.search(r"^package (\S+)", text, re.MULTILINE)
    prefix = f"{package[1]}." if package else ""
    around: list[tuple[str, bool]] = []
    for line in text.splitlines():
        found = _CLASS.match(line)
        if found is None:
            continue
        del around[len(found["indent"]) // 4 :]
        around.append((found["name"] or "Companion", "public" in found["words"].split()))
        if all(is_public for _, is_public in around):
            yield prefix + "$".join(name for name, _ in around)
    if _FUNCTION.search(text):
        yield f"{prefix}{source.stem}Kt"


def _refresh() -> None:
    root = kotlin_root()
    with tempfile.TemporaryDirectory() as scratch:
        built = Path(scratch)
        compile_support(root, built)
        for module in LIBRARIES:
            check(compile_module(root, TEMPLATE, module, built, built / module))
            file = api_file(TEMPLATE, module)
            file.parent.mkdir(exist_ok=True)
            file.write_text(api_text(built / module, sources_of(TEMPLATE, module)), encoding="utf-8")


if __name__ == "__main__":
    _refresh()
