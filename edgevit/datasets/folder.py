"""Which images a folder holds, and a fair part of them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, zip_longest
from pathlib import Path

import numpy as np

from edgevit.errors import BadDataError, UsageError

__all__ = ["image_files", "pick"]

_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"})
_OTHER_IMAGES = frozenset({".heic", ".heif", ".avif", ".tif", ".tiff", ".dng", ".jp2", ".jxl", ".ppm", ".npy", ".gz"})
"""What people have in such folders and edgevit does not decode: worth naming when nothing else is there."""

_HELP = "Give a folder of PNG, JPEG, WebP, BMP or GIF files, flat or with one folder for each class."


def image_files(folder: Path) -> tuple[Path, ...]:
    """Return the image files below ``folder`` at any depth, in the order of their names, wherever it lies.

    Files count by their suffix; hidden files and folders do not count, and links to folders are not followed.

    Raises:
        BadDataError: There is no such folder, it cannot be read, or no image is in it.
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise BadDataError(f"The image folder '{folder}' {what}.", help=_HELP)
    files = _visible_files(folder)
    images = [file for file in files if file.suffix.lower() in _SUFFIXES]
    if not images:
        raise BadDataError(f"There is no image in '{folder}'.", why=_what_else(files), help=_HELP)
    return tuple(sorted(images, key=lambda file: file.relative_to(folder).as_posix()))


def pick(files: Sequence[Path], count: int, seed: int) -> tuple[Path, ...]:
    """Return ``count`` of the files, or all where there are fewer, in the order in which they were given.

    They are drawn in turns from the folders that the files lie in, so that few images still show all classes.

    Args:
        files: In a fixed order.
        count: At least 1.
        seed: Equal arguments give equal files.

    Raises:
        UsageError: ``count`` is below 1.
    """
    if count < 1:
        raise UsageError(f"The number of images must be at least 1, not {count}.")
    if count >= len(files):
        return tuple(files)
    generator = np.random.default_rng(seed)
    folders: dict[Path, list[int]] = defaultdict(list)
    for place, file in enumerate(files):
        folders[file.parent].append(place)
    shuffled = [[places[i] for i in generator.permutation(len(places))] for places in folders.values()]
    order = [shuffled[i] for i in generator.permutation(len(shuffled))]
    in_turns = (place for place in chain.from_iterable(zip_longest(*order)) if place is not None)
    chosen = {place for place, _ in zip(in_turns, range(count), strict=False)}
    return tuple(files[place] for place in sorted(chosen))


def _visible_files(folder: Path) -> list[Path]:
    found = []
    for place, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if not name.startswith(".")]
    return found


def _refuse(error: OSError) -> None:
    raise BadDataError(
        f"'{error.filename}' cannot be read.", why=f"The system says: {error.strerror}.", help="Check its permissions."
    ) from error


def _what_else(files: Sequence[Path]) -> str:
    suffixes = sorted({file.suffix.lower() for file in files} & _OTHER_IMAGES)
    if suffixes:
        return f"It holds {', '.join(suffixes)} files, which edgevit does not decode."
    return f"It holds {len(files)} other files." if files else "It is empty."
