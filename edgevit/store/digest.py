"""SHA-256 of files and of folder trees."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from edgevit.errors import UnsafeInputError
from edgevit.store.diskerrors import reading

__all__ = ["file_digest", "tree_digest", "tree_files", "tree_size"]


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as 64 hexadecimal digits.

    Raises:
        InputError: The file is missing or cannot be read.
    """
    with reading(path), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def tree_digest(path: Path) -> str:
    r"""Return the SHA-256 of a folder: names and bytes of its files, nothing else.

    It is the digest of the text that ``sha256sum`` prints for the files in the byte order of their relative POSIX
    names. Modes, times and empty folders do not count. Anyone can check it inside the folder::

        find -type f -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum

    Raises:
        InputError: The folder is missing, is no folder or cannot be read.
        UnsafeInputError: It holds a symbolic link, a special file, or a name with control characters or backslashes.
    """
    total = hashlib.sha256()
    for name, file in tree_files(path):
        total.update(f"{file_digest(file)}  {name}\n".encode())
    return total.hexdigest()


def tree_size(path: Path) -> int:
    """Return the sum of the sizes of a folder's files, in bytes.

    Raises:
        InputError: The folder is missing, is no folder or cannot be read.
        UnsafeInputError: As in :func:`tree_digest`.
    """
    return sum(file.stat().st_size for _, file in tree_files(path))


def tree_files(path: Path) -> list[tuple[str, Path]]:
    """Return (relative POSIX name, path) of every file below a folder, sorted by the name's bytes.

    Raises:
        InputError: The folder is missing, is no folder or cannot be read.
        UnsafeInputError: As in :func:`tree_digest`.
    """
    with reading(path):
        return sorted(_walk(path, ""), key=lambda item: item[0].encode())


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = prefix + _checked(entry.name, folder)
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), f"{name}/")
            elif entry.is_file(follow_symlinks=False):
                yield name, Path(entry.path)
            else:
                raise UnsafeInputError(
                    f"'{name}' in '{folder}' is neither a file nor a folder.",
                    why="A digest covers bytes; a link or a special file can change what it stands for.",
                    help="Replace it by the file itself.",
                )


def _checked(name: str, folder: Path) -> str:
    """Return ``name`` if it can stand on a line of a digest list and be encoded as UTF-8."""
    if "\\" in name or not name.isprintable():
        raise UnsafeInputError(
            f"A file in '{folder}' has the name {name!r}.",
            why="Names with backslashes, control characters or bytes outside UTF-8 have no portable spelling.",
            help="Rename it.",
        )
    return name
