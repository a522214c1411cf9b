"""May this folder be made or replaced? Asked before any work, and again before publishing."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from edgevit.errors import OutputError, TargetExistsError
from edgevit.store.diskerrors import output_error
from edgevit.store.listing import MANIFEST_NAME, changes, is_ours

__all__ = ["check_file_target", "check_target", "resolve_target"]

_LONGEST_LIST = 5


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
    while (folder := _identity(target)) is not None:
        try:
            _refuse_contents(target)
        except OutputError:
            if _identity(target) == folder:
                raise
        else:
            break
        # Another process put its result here meanwhile: what was read is half of the old one and half of the new one.
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
        found = changes(target)
    except OSError as error:
        raise output_error(error, target) from error
    lost = sorted((*found.edited, *found.added))
    if lost:
        raise TargetExistsError(
            f"'{target}' holds files that were edited or added since edgevit made it.",
            why=_shortened(lost),
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


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file or folder from its successor of the same name, or None where there is nothing."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _mode(path: Path) -> int | None:
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return None


def _shortened(names: list[str]) -> str:
    rest = len(names) - _LONGEST_LIST
    shown = ", ".join(names[:_LONGEST_LIST])
    return f"{shown} and {rest} more." if rest > 0 else f"{shown}."
