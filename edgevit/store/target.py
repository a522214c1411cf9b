"""May this folder be made or replaced? Asked before any work, and again before publishing."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from edgevit.errors import OutputError, TargetExistsError
from edgevit.store.digest import file_digest
from edgevit.store.diskerrors import output_error

__all__ = [
    "MANIFEST_NAME",
    "MANIFEST_SCHEMA_PREFIX",
    "check_file_target",
    "check_target",
    "edited_files",
    "is_ours",
    "resolve_target",
]

MANIFEST_NAME = "manifest.json"
"""File in every folder that edgevit makes: the list of its files and their digests."""

MANIFEST_SCHEMA_PREFIX = "edgevit-manifest/"
"""How the manifest's ``schema`` value begins; a version follows."""

_REGENERATED = frozenset({".DS_Store", ".build", ".swiftpm", ".gradle", "DerivedData", "xcuserdata", "__pycache__"})
"""Names that tools leave in a package and make again; not the owner's work."""

_LONGEST_LIST = 5
_MANIFEST_LIMIT = 64 * 2**20


def check_target(path: Path) -> Path:
    """Return the real path of ``path`` if edgevit may make or replace that folder.

    A missing or empty folder may be used, and one that edgevit made and nobody has edited since.

    Raises:
        TargetExistsError: Something else is there, or files of the owner would be lost.
        OutputError: The parent is missing or cannot be written, the path leads nowhere, or it is the root, the home
            folder, the working folder or a folder above one of these.
    """
    target = resolve_target(path)
    _refuse_surroundings(target)
    _refuse_parent(target)
    if _mode(target) is not None:
        _refuse_contents(target)
    return target


def check_file_target(path: Path) -> Path:
    """Return the real path of ``path`` if a file can be written there; what the file holds is the caller's matter.

    Raises:
        OutputError: It is a folder, its folder is missing or cannot be written, or the path leads nowhere.
        DiskError: The file system is read-only.
    """
    target = resolve_target(path)
    _refuse_parent(target)
    if stat.S_ISDIR(_mode(target) or 0):
        raise OutputError(f"'{target}' cannot be written.", why="It is a folder.", help="Name a file.")
    return target


def resolve_target(path: Path) -> Path:
    """Return the absolute path that ``path`` stands for, links followed.

    Raises:
        OutputError: The path leads through a loop of links or through a file, or starts at a folder that is gone.
    """
    try:
        real = Path(os.path.realpath(path))
        is_link = stat.S_ISLNK(_mode(real) or 0)
    except OSError as error:
        raise output_error(error, path) from error
    if is_link:
        raise output_error(OSError(errno.ELOOP, os.strerror(errno.ELOOP)), path)
    return real


def is_ours(folder: Path) -> bool:
    """Return whether edgevit made ``folder``: it holds a regular ``manifest.json`` of edgevit's schema."""
    manifest = _read_manifest(folder)
    return manifest is not None and str(manifest.get("schema", "")).startswith(MANIFEST_SCHEMA_PREFIX)


def edited_files(folder: Path) -> list[str]:
    """Return the files of a folder made by edgevit that were changed or added since, as relative POSIX names.

    Files that tools make again (``.build`` and the like) and files that were removed do not count. A manifest whose
    list cannot be read counts as edited itself.
    """
    listed = _listed_digests(_read_manifest(folder) or {})
    if listed is None:
        return [MANIFEST_NAME]
    return sorted(
        name for name, file in _owned_files(folder) if name != MANIFEST_NAME and _differs(file, listed.get(name))
    )


def _differs(file: Path, digest: str | None) -> bool:
    return digest is None or file.is_symlink() or file_digest(file) != digest


def _refuse_contents(target: Path) -> None:
    if not stat.S_ISDIR(_mode(target) or 0):
        raise TargetExistsError(
            f"'{target}' exists and is not a folder.", help="Remove it, or choose another place with --out."
        )
    try:
        if not any(target.iterdir()):
            return
        if not is_ours(target):
            raise TargetExistsError(
                f"'{target}' exists, and edgevit did not make it.",
                why=f"It holds files, but no {MANIFEST_NAME} of edgevit.",
                help="Choose another place with --out, or move the folder away.",
            )
        edited = edited_files(target)
    except OSError as error:
        raise output_error(error, target) from error
    if edited:
        raise TargetExistsError(
            f"'{target}' holds files that were edited or added since edgevit made it.",
            why=_shortened(edited),
            help="Move the folder (or these files) away, or choose another place with --out.",
        )


def _refuse_surroundings(target: Path) -> None:
    for place, name in _surroundings():
        if place.is_relative_to(target):
            raise OutputError(
                f"'{target}' cannot be the result's folder.",
                why=f"It is the {name} or a folder above it, and the result replaces the folder as a whole.",
                help="Choose a folder of its own with --out, for example --out ./sdk.",
            )


def _surroundings() -> Iterator[tuple[Path, str]]:
    yield Path.cwd().resolve(), "working folder"
    with suppress(RuntimeError):  # a user without a home folder, as in some containers
        yield Path.home().resolve(), "home folder"


def _refuse_parent(target: Path) -> None:
    parent = target.parent
    if not parent.is_dir():
        kind = "is not a folder" if parent.exists() else "does not exist"
        raise OutputError(
            f"'{target}' cannot be made.", why=f"'{parent}' {kind}.", help=f"Make it first: mkdir -p '{parent}'"
        )
    if not os.access(parent, os.W_OK | os.X_OK):
        number = errno.EROFS if os.statvfs(parent).f_flag & os.ST_RDONLY else errno.EACCES
        raise output_error(OSError(number, os.strerror(number)), target)


def _mode(path: Path) -> int | None:
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return None


def _read_manifest(folder: Path) -> dict[str, object] | None:
    """Return the JSON object in a folder's manifest, or None where there is none to be read."""
    path = folder / MANIFEST_NAME
    mode = _mode(path)
    if mode is None or not stat.S_ISREG(mode) or path.lstat().st_size > _MANIFEST_LIMIT:
        return None
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return manifest if isinstance(manifest, dict) else None


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
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _REGENERATED]
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in (*names, *links):
            if name not in _REGENERATED:
                file = Path(parent, name)
                yield file.relative_to(folder).as_posix(), file


def _shortened(names: list[str]) -> str:
    rest = len(names) - _LONGEST_LIST
    shown = ", ".join(names[:_LONGEST_LIST])
    return f"{shown} and {rest} more." if rest > 0 else f"{shown}."
