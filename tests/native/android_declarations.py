"""Declarations, in Java, of what the Android sources use of Android's API: the app then compiles without an SDK.

``python -m tests.native.android_declarations ANDROID.jar`` writes them anew into ``edgevit/sdk/apk/api/android``, from
the API jar of the Kotlin root and the newer members beside the tests. Only names, types and constants are taken.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DECLARATIONS = REPOSITORY / "edgevit/sdk/apk/api/android"
OVERLAY = Path(__file__).parent / "kotlin" / "overlay"

_NOTE = "/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */"
_HEADER = re.compile(
    r"(?P<words>(?:public |protected |abstract |final |static )*)(?P<kind>class|interface) "
    r"(?P<name>[\w.$]+)(?P<rest>.*) \{"
)
_MEMBER = re.compile(
    r"(?P<words>(?:public |protected |abstract |final |static |native |synchronized |default |transient |volatile )*)"
    r"(?P<variables><.*?> )?(?:(?P<type>[\w.$<>?,\[\] ]+?) )?(?P<name>[\w.$]+)"
    r"(?:\((?P<parameters>.*)\)(?: throws .*)?|(?: = (?P<value>.*))?);"
)
_TYPE = re.compile(r"android\.[\w.$]+")


@dataclass
class _Class:
    """One class as ``javap`` shows it."""

    name: str
    kind: str
    words: str
    rest: str
    members: list[re.Match[str]] = field(default_factory=list)

    @property
    def is_enum(self) -> bool:
        return "java.lang.Enum<" in self.rest


def declarations(sources: Iterable[Path], class_path: str, more: Iterable[Path] = ()) -> dict[str, str]:
    """Return relative path -> Java source of every class that the Kotlin sources use, directly or not.

    Args:
        sources: Kotlin files; what they import and name decides what is declared.
        class_path: Where ``javap`` finds Android's API.
        more: Files whose words count as well.
    """
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    words = {word for file in more for word in re.findall(r"\w+", file.read_text(encoding="utf-8"))}
    words |= set(re.findall(r"\w+", re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)))
    used = _closure(set(re.findall(r"^import (android\.[\w.]+)", text, re.MULTILINE)), words, class_path)
    tops = sorted({name.partition("$")[0] for name in used})
    return {f"{top.replace('.', '/')}.java": "\n".join(_file(top, used, words)) + "\n" for top in tops}


def _closure(imported: set[str], words: set[str], class_path: str) -> dict[str, _Class]:
    """Return the imported classes, their supertypes, nested classes that are named, and types of members."""
    found: dict[str, _Class] = {}
    wanted = {name for name in imported if name.rpartition(".")[2][0].isupper()}
    while wanted:
        shown = list(_shown(sorted(wanted), class_path))
        found.update({item.name: item for item in shown})
        wanted = {name for item in shown for name in _mentioned(item, words)} - found.keys()
        wanted |= {name.rpartition("$")[0] for name in found if "$" in name} - found.keys()
    return found


def _mentioned(item: _Class, words: set[str]) -> Iterator[str]:
    yield from _TYPE.findall(item.rest)
    for member in _kept(item, words):
        yield from _TYPE.findall(f"{member['type']} {member['parameters']}")
    for member in item.members:
        for name in _TYPE.findall(f"{member['type']} {member['parameters']}"):
            if name.startswith(f"{item.name}$") and name.rpartition("$")[2] in words:
                yield name
    yield from (f"{item.name}${name}" for name in _NESTED.get(item.name, ()))


_NESTED = {
    "android.app.ActivityManager": ("MemoryInfo",),
    "android.os.Build": ("VERSION", "VERSION_CODES"),
    "android.view.View": ("MeasureSpec",),
    "android.view.WindowManager": ("LayoutParams",),
    "android.widget.LinearLayout": ("LayoutParams",),
}
"""Nested classes that no member's type tells of."""


def _shown(names: list[str], class_path: str) -> Iterator[_Class]:
    command = ["javap", "-protected", "-constants", "-cp", class_path, *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    current: _Class | None = None
    for line in done.stdout.splitlines():
        header = _HEADER.fullmatch(line)
        if header:
            current = _Class(header["name"], header["kind"], header["words"], header["rest"])
            yield current
        elif current is not None and (member := _MEMBER.fullmatch(line.strip())):
            current.members.append(member)


def _kept(item: _Class, words: set[str]) -> Iterator[re.Match[str]]:
    """Yield constructors, and members whose name, or name as a property, is a word of the sources."""
    abstract = [member for member in item.members if "abstract" in member["words"]]
    for member in item.members:
        is_method = member["parameters"] is not None
        is_constructor = is_method and member["type"] is None
        # A lambda stands for the one method of such an interface, whose name is not written then.
        is_lambda = item.name.endswith(_LAMBDAS) and abstract == [member]
        if is_constructor or is_lambda or words & _names(member["name"], is_method):
            yield member


_LAMBDAS = ("$OnClickListener",)
"""Interfaces that the sources implement by a lambda."""


def _names(name: str, is_method: bool) -> set[str]:
    """Return what Kotlin may call a member: ``setEnabled`` is also ``enabled`` and ``isEnabled``."""
    match = re.fullmatch(r"(?:get|set|is)([A-Z])(.*)", name) if is_method else None
    return {name, *((match[1].lower() + match[2], f"is{match[1]}{match[2]}") if match else ())}


def _file(top: str, used: dict[str, _Class], words: set[str]) -> Iterator[str]:
    yield f"package {top.rpartition('.')[0]};"
    yield ""
    yield _NOTE
    yield from _class(used[top], used, words, "")


def _class(item: _Class, used: dict[str, _Class], words: set[str], indent: str) -> Iterator[str]:
    name = re.split(r"[.$]", item.name)[-1]
    static = "static " if indent else ""
    if item.is_enum:
        constants = [
            member["name"] for member in item.members if member["type"] == item.name and member["value"] is None
        ]
        plain = [constant for constant in constants if constant not in {"valueOf", "values"}]
        yield f"{indent}public {static}enum {name} {{ {', '.join(plain)} }}"
        return
    words_kept = " ".join(word for word in item.words.split() if word in {"public", "protected", "abstract", "final"})
    if item.kind == "interface":
        words_kept = words_kept.replace("abstract", "").strip()
    header = f"{words_kept} {static}{item.kind} {name}{_type(item.rest)} {{".replace("  ", " ")
    inner = [used[nested] for nested in sorted(used) if nested.rpartition("$")[0] == item.name]
    body = [f"{indent}  {_member(member, name, item.kind)}" for member in _kept(item, words)]
    nested = [line for child in inner for line in ("", *_class(child, used, words, indent + "  "))]
    yield f"{indent}{header}"
    yield from [*body, *nested][not body and bool(nested) :]
    yield f"{indent}}}"


def _member(member: re.Match[str], owner: str, kind: str) -> str:
    words = [word for word in member["words"].split() if word in {"public", "protected", "abstract", "final", "static"}]
    if member["parameters"] is None:
        value = member["value"]
        if value is None:
            words = [word for word in words if word != "final"]  # or the compiler would take it for a constant
        return f"{' '.join(words)} {_type(member['type'])} {member['name']}{f' = {value}' if value else ''};"
    parameters = ", ".join(f"{_type(kind)} a{n}" for n, kind in enumerate(_split(member["parameters"])))
    if member["type"] is None:
        return f"{' '.join(words)} {owner}({parameters}) {{}}"
    if kind == "class" and "abstract" not in words:
        words.append("native")
    result = f"{member['variables'] or ''}{_type(member['type'])}"
    return f"{' '.join(words)} {result} {member['name']}({parameters});"


def _split(parameters: str) -> list[str]:
    return [part.strip() for part in re.split(r",(?![^<]*>)", parameters) if part.strip()]


def _type(text: str) -> str:
    return text.replace("$", ".").replace("java.lang.", "")


def android_sources() -> list[Path]:
    """Return the Kotlin sources that use Android's API."""
    template = REPOSITORY / "android_template"
    return sorted(file for module in ("edgevit", "bench") for file in (template / module / "src/main").rglob("*.kt"))


def api_class_path(api_jar: Path, scratch: Path) -> str:
    """Return the class path of the API jar with the newer members ahead, compiled into ``scratch``."""
    newer = sorted(map(str, OVERLAY.rglob("*.java")))
    subprocess.run(["javac", "--release", "8", "-Xlint:-options", "-d", str(scratch), *newer], check=True)
    return f"{scratch}:{api_jar}"


def _refresh(api_jar: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        files = declarations(android_sources(), api_class_path(api_jar, Path(scratch)))
    shutil.rmtree(DECLARATIONS, ignore_errors=True)
    for name, text in files.items():
        target = DECLARATIONS / name.removeprefix("android/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _refresh(Path(sys.argv[1]))
