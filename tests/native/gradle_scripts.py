"""Type-check Gradle scripts without Gradle: each one becomes the body of a function whose receiver is a stub."""

from __future__ import annotations

import tomllib
from pathlib import Path

SCRIPTS = {
    "settings.gradle.kts": "SettingsScript",
    "build.gradle.kts": "RootScript",
    "core/build.gradle.kts": "JvmScript",
    "edgevit/build.gradle.kts": "LibraryScript",
    "bench/build.gradle.kts": "ApplicationScript",
    "microbenchmark/build.gradle.kts": "LibraryScript",
}
"""Path in the project -> interface of ``kotlin/gradle/GradleDsl.kt`` that Gradle's script object is like."""


def wrapped_scripts(project: Path, folder: Path) -> list[Path]:
    """Write one Kotlin file for each script, whose line numbers are the script's, and one for the version catalogue."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for path, receiver in SCRIPTS.items():
        file = folder / f"{path.replace('/', '_')}.kt"
        file.write_text(_wrapped((project / path).read_text(encoding="utf-8"), receiver), encoding="utf-8")
        files.append(file)
    catalogue = folder / "catalogue.kt"
    catalogue.write_text(_catalogue(project / "gradle/libs.versions.toml"), encoding="utf-8")
    return [*files, catalogue]


def _wrapped(script: str, receiver: str) -> str:
    """Return a file with the script's imports, and its other lines in a function."""
    lines = script.splitlines()
    imports = [line for line in lines if line.startswith("import ")]
    body = ["" if line.startswith("import ") else line for line in lines]
    header = "; ".join(["package scripts", "import gradle.*", *imports])
    return f"{header}; private fun {receiver}.script() {{ " + "\n".join(body) + "\n}\n"


def _catalogue(path: Path) -> str:
    """Return the object ``libs`` as Gradle generates it: one accessor for each entry, dashes becoming dots.

    Raises:
        KeyError: An entry refers to a version that is not there.
    """
    catalogue = tomllib.loads(path.read_text(encoding="utf-8"))
    for entry in (*catalogue["libraries"].values(), *catalogue["plugins"].values()):
        catalogue["versions"][entry["version"]["ref"]]
    tree = _tree(dict.fromkeys(catalogue["libraries"], "Library"))
    tree["plugins"] = _tree(dict.fromkeys(catalogue["plugins"], "PluginAlias"))
    return f"package scripts; import gradle.*\n{_object('libs', tree)}\n"


def _tree(entries: dict[str, str]) -> dict[str, object]:
    tree: dict[str, object] = {}
    for name, kind in entries.items():
        *groups, last = name.split("-")
        place = tree
        for group in groups:
            inner = place.setdefault(group, {})
            if not isinstance(inner, dict):  # an accessor that is an entry and a group of entries at once
                place[group] = inner = {"": inner}
            place = inner
        inner = place.get(last)
        if isinstance(inner, dict):
            inner[""] = kind
        else:
            place[last] = kind
    return tree


def _object(name: str, tree: dict[str, object]) -> str:
    members = []
    for key, value in tree.items():
        if isinstance(value, dict):
            members.append(_object(key, value))
        elif key:
            members.append(f"val {key} = {value}()")
    base = f" : {tree['']}()" if "" in tree else ""
    return f"object {name}{base} {{ " + "; ".join(members) + " }"
