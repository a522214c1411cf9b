"""What APKs and measuring on phones need of a machine, and whether it is there. Contacts nobody."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from edgevit.cli.health import Check, State
from edgevit.errors import EdgeVitError
from edgevit.sdk.apk.gradle import read_litert
from edgevit.sdk.apk.runtime import find_runtime
from edgevit.sdk.apk.tools import PARTS, Origin, Part, find
from edgevit.sdk.apk.wheels import WHEELS
from edgevit.sdk.template import Template

__all__ = ["check_android"]


def check_android() -> Iterator[Check]:
    """Yield one check after the other: tools, signing, the runtime."""
    yield from (_tool(part) for part in PARTS.values())
    yield _signing()
    yield _runtime()


def _tool(part: Part) -> Check:
    found = find(part.name)
    if found is not None:
        path = found.paths[0]
        place = found.origin.value if found.origin is Origin.EDGEVIT else f"{path} ({found.origin.value})"
        return Check(part.name, State.OK, place, required=False)
    if part.wheel:
        wheel = WHEELS[part.wheel]
        text = f"not here; fetched once, when it is needed: {wheel.megabytes} MB"
        return Check(part.name, State.WARNING, text, _ways(part), required=False)
    return Check(part.name, State.MISSING, f"not found; needed to {part.purpose}", _ways(part), required=False)


def _ways(part: Part) -> str:
    return "; or: ".join((*part.ways, f"set {part.variable}"))


def _signing() -> Check:
    try:
        return Check("cryptography", State.OK, version("cryptography"), required=False)
    except PackageNotFoundError:
        fix = "pip install 'edgevit[apk]'"
        return Check("cryptography", State.MISSING, "not installed; needed to sign APKs", fix, required=False)


def _runtime() -> Check:
    try:
        wanted = read_litert(Template("android").read("gradle/libs.versions.toml").decode(), "libs.versions.toml")
        paths: tuple[Path, ...] = find_runtime(wanted)
    except EdgeVitError as error:
        return Check("LiteRT for Android", State.MISSING, error.what, error.help.replace("\n", " "), required=False)
    return Check("LiteRT for Android", State.OK, ", ".join(str(path) for path in paths), required=False)
