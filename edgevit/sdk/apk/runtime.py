"""LiteRT for Android: the AARs that Google publishes, found where the user's build tools keep them.

An AAR is a zip file with ``classes.jar`` and ``jni/<abi>/*.so``. Nothing is fetched here: there is no release of LiteRT
in a package index that edgevit asks. A digest that lies beside the file, as Maven repositories serve it and as
``sha256sum FILE > FILE.sha256`` writes it, pins the file: another one is refused.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgevit.errors import ArtifactCorruptError, DigestMismatchError, ToolMissingError
from edgevit.sdk.apk.archive import Entry, read_entries
from edgevit.sdk.apk.elf import check_pages
from edgevit.store.diskerrors import reading

__all__ = ["GROUP", "Runtime", "find_runtime", "read_runtime"]

GROUP = "com.google.ai.edge.litert"
"""Maven group of LiteRT."""

_ARTIFACTS = {"litert": True, "litert-gpu": False}
"""Artifact -> whether the app cannot do without it; the other one adds GPUs."""

_DIGESTS = {"sha256": hashlib.sha256, "sha1": hashlib.sha1}
"""Suffix of a file beside an AAR -> the digest that it holds, as Maven repositories name them."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What AARs bring into an APK.

    Attributes:
        classes: The bytes of their ``classes.jar``.
        manifests: Their ``AndroidManifest.xml``.
        libraries: Native libraries at their place in the APK, stored.
        sources: Name and sha256 of each AAR.
    """

    classes: tuple[bytes, ...]
    manifests: tuple[bytes, ...]
    libraries: tuple[Entry, ...]
    sources: tuple[tuple[str, str], ...]

    @property
    def abi_bytes(self) -> dict[str, int]:
        """Processor family -> size of its libraries, which an app gets one family of."""
        sizes: dict[str, int] = {}
        for entry in sorted(self.libraries, key=lambda entry: entry.name):
            abi = entry.name.split("/")[1]
            sizes[abi] = sizes.get(abi, 0) + len(entry.data)
        return sizes


def find_runtime(version: str) -> tuple[Path, ...]:
    """Return the AARs of a LiteRT release in the local Gradle or Maven cache.

    Raises:
        ToolMissingError: The one that the app cannot do without is not there.
        DigestMismatchError: A file in Gradle's cache is not the one that Gradle downloaded.
    """
    found = {artifact: next(_cached(artifact, version), None) for artifact in _ARTIFACTS}
    missing = [artifact for artifact, needed in _ARTIFACTS.items() if needed and found[artifact] is None]
    if missing:
        path = f"{GROUP.replace('.', '/')}/litert/{version}/litert-{version}.aar"
        raise ToolMissingError(
            f"The runtime that the app needs, {GROUP}:litert:{version}, is not on this machine.",
            why="It is in Google's Maven repository only, and neither Gradle's nor Maven's local cache has it.",
            help=f"Download {path} from maven.google.com and pass it with --aar.\n"
            "Or build any Android app that uses it, so that Gradle's cache has it.\n"
            "Or pass --apk-without-runtime for an APK that installs but cannot run the model.",
        )
    return tuple(path for path in found.values() if path is not None)


def read_runtime(paths: Sequence[Path]) -> Runtime:
    """Return what AARs bring into an APK.

    Raises:
        InputError: One cannot be read.
        DigestMismatchError: One is not the file that the digest beside it was made of.
        ArtifactCorruptError: One is no AAR, or a 64-bit library in it does not load on phones with 16 KB pages.
    """
    classes: list[bytes] = []
    manifests: list[bytes] = []
    libraries: list[Entry] = []
    sources: list[tuple[str, str]] = []
    for path in paths:
        with reading(path):
            data = path.read_bytes()
            _check_digest_beside(path, data)
        sources.append((path.name, hashlib.sha256(data).hexdigest()))
        files = {entry.name: entry.data for entry in read_entries(data)}
        try:
            classes.append(files["classes.jar"])
            manifests.append(files["AndroidManifest.xml"])
        except KeyError as error:
            raise ArtifactCorruptError(f"'{path}' is no AAR: it has no {error}.", help="Fetch it again.") from error
        libraries += _libraries(files, path)
    return Runtime(tuple(classes), tuple(manifests), tuple(libraries), tuple(sources))


def _check_digest_beside(path: Path, data: bytes) -> None:
    for name, digest_of in _DIGESTS.items():
        record = path.with_name(f"{path.name}.{name}")
        if not record.is_file():
            continue
        wanted = record.read_text(encoding="utf-8", errors="replace").strip().partition(" ")[0].lower()
        found = digest_of(data, usedforsecurity=False).hexdigest()
        if found != wanted:
            raise DigestMismatchError(
                f"'{path}' is not the file that it should be.",
                why=f"Its {name} is {found}, '{record.name}' says {wanted or 'nothing'}.",
                help="Fetch both again; where the new file is meant, write its digest anew.",
            )


def _libraries(files: dict[str, bytes], path: Path) -> Iterator[Entry]:
    for name, data in sorted(files.items()):
        parts = name.split("/")
        if len(parts) == 3 and parts[0] == "jni" and name.endswith(".so"):
            check_pages(data, f"{parts[2]} ({parts[1]}) in '{path.name}'")
            yield Entry(f"lib/{parts[1]}/{parts[2]}", data, compressed=False)


def _cached(artifact: str, version: str) -> Iterator[Path]:
    file = f"{artifact}-{version}.aar"
    gradle = Path(os.environ.get("GRADLE_USER_HOME") or Path.home() / ".gradle")
    for path in sorted((gradle / "caches/modules-2/files-2.1" / GROUP / artifact / version).glob(f"*/{file}")):
        _check_gradle_name(path)
        yield path
    maven = Path.home() / ".m2/repository" / GROUP.replace(".", "/") / artifact / version / file
    if maven.is_file():
        yield maven


def _check_gradle_name(path: Path) -> None:
    """Compare a file of Gradle's cache with the SHA-1 that its folder is named by, without leading zeros."""
    with reading(path), path.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()
    if digest.lstrip("0") != path.parent.name.lstrip("0"):
        raise DigestMismatchError(
            f"'{path}' is not what Gradle downloaded.",
            why=f"Its SHA-1 is {digest}.",
            help="Delete the folder and let Gradle fetch it again.",
        )
