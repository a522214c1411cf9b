"""Compiled code, kept from one build to the next: the sources are the same for every model.

The key is a digest of everything that the bytes depend on; a damaged file is compiled anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from edgevit.errors import ArtifactCorruptError
from edgevit.sdk.apk.archive import Entry, read_entries, write_archive
from edgevit.sdk.apk.bytecode import kotlin_sources
from edgevit.sdk.apk.cache import cache_folder
from edgevit.sdk.apk.toolchain import Toolchain
from edgevit.store.digest import file_digest, tree_digest
from edgevit.store.diskerrors import writing
from edgevit.store.publish import write_file_atomically

__all__ = ["cached", "code_key"]

_VERSION = "1"
"""Changes when the same inputs are compiled in another way."""


def code_key(project: Path, tools: Toolchain, runtime: tuple[bytes, ...], min_sdk: int) -> str:
    """Return the digest of what the dex files of a project depend on.

    Args:
        project: The generated project.
        tools: The compilers and what they compile against.
        runtime: ``classes.jar`` of each AAR; none means declarations of ours.
        min_sdk: Oldest API level.
    """
    parts = [_VERSION, str(min_sdk), str(tools.java.resolve())]
    parts += [f"{file.relative_to(project).as_posix()} {file_digest(file)}" for file in kotlin_sources(project)]
    parts += [_digest(path) for path in (*tools.kotlin, tools.d8, *tools.android, Path(__file__).parent / "api")]
    parts += [hashlib.sha256(classes).hexdigest() for classes in runtime]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def cached(key: str, compile_it: Callable[[], tuple[Entry, ...]]) -> tuple[Entry, ...]:
    """Return what was compiled under this key before, or compile it and keep it."""
    path = cache_folder() / "dex" / f"{key}.zip"
    try:
        if path.is_file():
            return tuple(read_entries(path.read_bytes()))
    except ArtifactCorruptError:
        pass
    entries = compile_it()
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_file_atomically(path, write_archive(entries))
    return entries


def _digest(path: Path) -> str:
    return tree_digest(path) if path.is_dir() else file_digest(path)
