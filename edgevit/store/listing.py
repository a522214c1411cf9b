"""The list of files in a folder that edgevit made, and what its owner has done to them since."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from edgevit.store.digest import file_digest

__all__ = ["MANIFEST_NAME", "MANIFEST_SCHEMA_PREFIX", "Changes", "changes", "is_ours", "read_manifest"]

MANIFEST_NAME = "manifest.json"
"""File in every folder that edgevit makes: its files and their digests."""

MANIFEST_SCHEMA_PREFIX = "edgevit-manifest/"
"""How the manifest's ``schema`` value begins; a version follows."""

_REGENERATED = frozenset(
    {
        *(".DS_Store", ".build", ".swiftpm", "DerivedData", "xcuserdata", "IDEWorkspaceChecks.plist", "__pycache__"),
        *(".gradle", ".idea", ".kotlin", "build", "local.properties", "gradlew", "gradlew.bat", "gradle-wrapper.jar"),
    }
)
"""Names that tools leave in a package and make again; not the owner's work."""

_MANIFEST_LIMIT = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Changes:
    """Files as relative POSIX names, sorted: with other bytes than listed, not listed, and listed but gone."""

    edited: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def is_ours(folder: Path) -> bool:
    """Return whether edgevit made ``folder``: it holds a regular ``manifest.json`` of edgevit's schema."""
    manifest = read_manifest(folder)
    return manifest is not None and str(manifest.get("schema", "")).startswith(MANIFEST_SCHEMA_PREFIX)


def read_manifest(folder: Path) -> dict[str, object] | None:
    """Return the JSON object in a folder's manifest, or None where there is none that can be read."""
    path = folder / MANIFEST_NAME
    try:
        state = path.lstat()
        if not stat.S_ISREG(state.st_mode) or state.st_size > _MANIFEST_LIMIT:
            return None
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return manifest if isinstance(manifest, dict) else None


def changes(folder: Path) -> Changes:
    """Return what differs from the manifest's list; what tools make again (``.build`` and the like) does not count.

    A manifest whose list cannot be read counts as edited itself.

    Raises:
        InputError: A file cannot be read.
        OSError: A folder cannot be read.
    """
    listed = _listed_digests(read_manifest(folder) or {})
    if listed is None:
        return Changes(edited=(MANIFEST_NAME,))
    present = {name: file for name, file in _owned_files(folder) if name != MANIFEST_NAME}
    edited = (name for name in present.keys() & listed.keys() if _differs(present[name], listed[name]))
    return Changes(
        edited=tuple(sorted(edited)),
        added=tuple(sorted(present.keys() - listed.keys())),
        missing=tuple(sorted(listed.keys() - present.keys())),
    )


def _differs(file: Path, digest: str) -> bool:
    return not stat.S_ISREG(file.lstat().st_mode) or file_digest(file) != digest


def _listed_digests(manifest: Mapping[str, object]) -> dict[str, str] | None:
    """Return the manifest's digests by name, or None if its list does not have the form that edgevit writes."""
    files = manifest.get("files")
    if not isinstance(files, dict):
        return None
    entries = {str(name): entry.get("sha256") if isinstance(entry, dict) else entry for name, entry in files.items()}
    digests = {name: entry for name, entry in entries.items() if isinstance(entry, str)}
    return digests if len(digests) == len(entries) else None


def _owned_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield every file and link below ``folder`` that no tool makes again."""
    for parent, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if name not in _REGENERATED]
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in (*names, *links):
            if name not in _REGENERATED:
                file = Path(parent, name)
                yield file.relative_to(folder).as_posix(), file


def _raise(error: OSError) -> None:
    """Stop at a folder that cannot be read: its files must not pass for missing ones."""
    raise error
