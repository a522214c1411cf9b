"""What the Gradle scripts of a generated project say about its app, read without Gradle.

The scripts are edgevit's own constant files, so that each value stands on a line of its own, once.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from edgevit.errors import InputError
from edgevit.store.diskerrors import reading

__all__ = ["MODULES", "AppFacts", "read_app", "read_litert"]

MODULES = ("core", "edgevit", "bench")
"""Folders of the modules; the last one is the app."""

_OLDEST = 24
"""API level. Android 7 is the first that reads APK Signature Scheme v2; older ones would want a JAR signature too."""

_TEXTS = {"namespace": r'namespace = "([\w.]+)"', "application_id": r'applicationId = "([\w.]+)"'}
_NUMBERS = {
    "min_sdk": r"minSdk = (\d+)",
    "target_sdk": r"targetSdk = (\d+)",
    "version_code": r"versionCode = (\d+)",
}
_VERSION_NAME = r'versionName = "([^"$\\]+)"'


@dataclass(frozen=True, slots=True)
class AppFacts:
    """What ends up in the manifest, and which runtime the app wants.

    Attributes:
        namespace: Package of the code; class names in the manifest that begin with a dot are relative to it.
        application_id: Name of the app on the phone.
        min_sdk: Oldest API level.
        litert: Version of LiteRT.
    """

    namespace: str
    application_id: str
    min_sdk: int
    target_sdk: int
    version_code: int
    version_name: str
    litert: str


def read_app(project: Path) -> AppFacts:
    """Return the facts of the project's app.

    Raises:
        InputError: It is no project that edgevit generated, its scripts were rewritten, or the app is for phones that
            do not read the signature.
    """
    script = project / MODULES[-1] / "build.gradle.kts"
    catalogue = project / "gradle" / "libs.versions.toml"
    with reading(project):
        text = script.read_text(encoding="utf-8")
        versions = catalogue.read_text(encoding="utf-8")
    numbers = {name: int(_one(pattern, text, script)) for name, pattern in _NUMBERS.items()}
    if numbers["min_sdk"] < _OLDEST:
        raise InputError(
            f"'{script}' asks for phones that cannot read the APK's signature.",
            why=f"minSdk is {numbers['min_sdk']}; APK Signature Scheme v2 came with API {_OLDEST}.",
            help=f"Set minSdk to {_OLDEST}, or build the APK with Gradle: gradle :bench:assembleRelease",
        )
    return AppFacts(
        **{name: _one(pattern, text, script) for name, pattern in _TEXTS.items()},
        min_sdk=numbers["min_sdk"],
        target_sdk=numbers["target_sdk"],
        version_code=numbers["version_code"],
        version_name=_one(_VERSION_NAME, text, script),
        litert=read_litert(versions, str(catalogue)),
    )


def _one(pattern: str, text: str, script: Path) -> str:
    found: list[str] = re.findall(rf"^\s*{pattern}\s*$", text, re.MULTILINE)
    if len(found) != 1:
        raise InputError(
            f"'{script}' cannot be read without Gradle.",
            why=f"It has {len(found)} lines that match: {pattern}",
            help="Build the APK of a changed project with Gradle: gradle :bench:assembleRelease",
        )
    return found[0]


def read_litert(catalogue: str, name: str) -> str:
    """Return the version of LiteRT in the text of a version catalogue.

    Args:
        catalogue: Content of ``libs.versions.toml``.
        name: For the message.

    Raises:
        InputError: There is none.
    """
    try:
        return str(tomllib.loads(catalogue)["versions"]["litert"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InputError(f"'{name}' names no version of LiteRT.", why=f"{error}", help="Restore it.") from error
