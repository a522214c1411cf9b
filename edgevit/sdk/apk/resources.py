"""The app's manifest and resources in Android's binary form, by aapt2."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from edgevit.errors import InputError
from edgevit.sdk.apk.archive import Entry, read_entries
from edgevit.sdk.apk.gradle import MODULES, AppFacts
from edgevit.sdk.apk.process import run_tool
from edgevit.sdk.apk.toolchain import Toolchain
from edgevit.store.diskerrors import reading

__all__ = ["compile_resources"]

_ANDROID = "http://schemas.android.com/apk/res/android"
_TOOLS = "http://schemas.android.com/tools"
_NAME = f"{{{_ANDROID}}}name"
_STORED = ("resources.arsc",)
"""What Android maps into memory, since API 30 by force."""

_COMPRESSED_ALREADY = (".png", ".jpg", ".webp")


def compile_resources(
    project: Path, app: AppFacts, manifests: Sequence[bytes], tools: Toolchain, scratch: Path
) -> tuple[Entry, ...]:
    """Return the manifest, ``resources.arsc`` and the compiled files.

    Args:
        project: The generated project.
        app: What the Gradle scripts say.
        manifests: Of the runtime's AARs.
        tools: aapt2 and Android's own resources, which ``@android:`` names refer to.
        scratch: An empty folder.

    Raises:
        InputError: The manifest cannot be read.
        ConversionError: aapt2 refuses something.
    """
    source = project / MODULES[-1] / "src/main"
    manifest = scratch / "AndroidManifest.xml"
    manifest.write_bytes(_complete(source / "AndroidManifest.xml", app, manifests))
    linked = scratch / "linked.apk"
    command = [str(tools.aapt2), "link", "-I", str(tools.framework), "--manifest", str(manifest), "-o", str(linked)]
    command += ["--min-sdk-version", str(app.min_sdk), "--target-sdk-version", str(app.target_sdk)]
    command += ["--version-code", str(app.version_code), "--version-name", app.version_name]
    command += ["--no-compile-sdk-metadata", "--no-version-vectors"]
    if (source / "res").is_dir():
        compiled = scratch / "resources.zip"
        run_tool("aapt2", [str(tools.aapt2), "compile", "--dir", str(source / "res"), "-o", str(compiled)])
        command += ["-R", str(compiled), "--auto-add-overlay"]
    run_tool("aapt2", command)
    return tuple(_as_stored(entry) for entry in read_entries(linked.read_bytes()))


def _as_stored(entry: Entry) -> Entry:
    keep = entry.name in _STORED or entry.name.endswith(_COMPRESSED_ALREADY)
    return Entry(entry.name, entry.data, compressed=not keep)


def _complete(path: Path, app: AppFacts, manifests: Sequence[bytes]) -> bytes:
    """Return the manifest with what Gradle would add: the package, full class names, the libraries' needs."""
    with reading(path):
        root = _parsed(path.read_bytes(), str(path))
    root.set("package", app.application_id)
    _drop_what_is_for_tools(root)
    for element in root.iter():
        name = element.get(_NAME, "")
        if name.startswith("."):
            element.set(_NAME, app.namespace + name)
    for application in root.iter("application"):
        # As Gradle does: native libraries are stored and aligned, so that the system reads them from the APK.
        application.set(f"{{{_ANDROID}}}extractNativeLibs", "false")
        application.extend(_native_libraries(manifests))
    ElementTree.register_namespace("android", _ANDROID)
    return ElementTree.tostring(root, encoding="unicode").encode()


def _parsed(text: bytes, name: str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(text)  # noqa: S314 - nothing is loaded from outside, and expat limits expansion
    except ElementTree.ParseError as error:
        raise InputError(f"'{name}' cannot be read.", why=str(error), help="Restore it.") from error


def _drop_what_is_for_tools(root: ElementTree.Element) -> None:
    """Take out what a manifest only names so that it is not merged in from a library, and its marks."""
    for parent in list(root.iter()):
        for child in [child for child in parent if child.get(f"{{{_TOOLS}}}node") == "remove"]:
            parent.remove(child)
        for key in [key for key in parent.attrib if key.startswith(f"{{{_TOOLS}}}")]:
            del parent.attrib[key]


def _native_libraries(manifests: Sequence[bytes]) -> list[ElementTree.Element]:
    """Return which of the system's libraries the runtime wants to open, such as a GPU's; Android 12 hides others."""
    found = {
        element.get(_NAME, ""): element
        for manifest in manifests
        for element in _parsed(manifest, "AndroidManifest.xml of an AAR").iter("uses-native-library")
    }
    return [found[name] for name in sorted(found)]
