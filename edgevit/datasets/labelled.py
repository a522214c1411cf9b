"""Labelled images: one folder for each class, folder names matched to the model's labels."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgevit.datasets.folder import image_files
from edgevit.errors import BadDataError, listed
from edgevit.labels.imagenet import wordnet_ids

__all__ = ["LabelledImage", "labelled_images"]

_HELP = (
    "Name each folder after a label of the model (case, spaces, '-' and '_' do not matter), after its index, or, for "
    "ImageNet-1k, after its WordNet id."
)


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """A file and the index of its class among the model's."""

    path: Path
    label: int


def labelled_images(folder: Path, labels: Sequence[str]) -> tuple[LabelledImage, ...]:
    """Return all images below ``folder`` with their classes, in the order of their paths.

    Each folder directly below ``folder`` is a class. All folder names are read in one way: as labels, as
    indices (``0``, ``007``), or as WordNet ids of ImageNet-1k. Not every class has to have a folder.

    Args:
        folder: The data set.
        labels: The model's labels, in the order of its outputs.

    Raises:
        BadDataError: There is no such folder or no image, an image lies in no class folder, or names belong to no
            class or to one class twice; all are listed.
    """
    files = image_files(folder)
    loose = [file.name for file in files if file.parent == folder]
    if loose:
        raise BadDataError(
            f"{len(loose)} images in '{folder}' have no label.",
            why=f"They lie in no class folder: {listed(loose, limit=5, separator=', ')}.",
            help=f"Move each into a folder of its class. {_HELP}",
        )
    indices = _class_indices(sorted({_class_name(file, folder) for file in files}), labels, folder)
    return tuple(LabelledImage(file, indices[_class_name(file, folder)]) for file in files)


def _class_name(file: Path, folder: Path) -> str:
    return file.relative_to(folder).parts[0]


def _class_indices(names: Sequence[str], labels: Sequence[str], folder: Path) -> dict[str, int]:
    """Return the class of each folder, by the reading that knows most of the names."""
    readings = (_by_label(names, labels), _by_index(names, len(labels)), _by_wordnet_id(names, len(labels)))
    best = max(readings, key=len)
    unknown = [name for name in names if name not in best]
    if unknown:
        raise _unknown(unknown, labels, folder)
    twice = [f"'{name}' is class {label}" for name, label in best.items() if [*best.values()].count(label) > 1]
    if twice:
        raise BadDataError(f"Several folders in '{folder}' are the same class.", why=listed(twice), help=_HELP)
    return best


def _by_label(names: Sequence[str], labels: Sequence[str]) -> dict[str, int]:
    known = {_plain(label): index for index, label in reversed(list(enumerate(labels)))}
    return {name: known[_plain(name)] for name in names if _plain(name) in known}


def _by_index(names: Sequence[str], classes: int) -> dict[str, int]:
    return {name: int(name) for name in names if re.fullmatch(r"\d{1,6}", name, re.ASCII) and int(name) < classes}


def _by_wordnet_id(names: Sequence[str], classes: int) -> dict[str, int]:
    known = {wnid: index for index, wnid in enumerate(wordnet_ids())} if classes == 1000 else {}
    return {name: known[name] for name in names if name in known}


def _plain(name: str) -> str:
    """Return a name without what file systems and people change in it."""
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", name).casefold()).strip()


def _unknown(names: Sequence[str], labels: Sequence[str], folder: Path) -> BadDataError:
    plain = {_plain(label): label for label in labels}
    lines = []
    for name in names:
        close = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=0.75)
        lines.append(f"'{name}'" + (f" (did you mean '{plain[close[0]]}'?)" if close else ""))
    return BadDataError(
        f"Folders in '{folder}' are no class of the model: {len(names)}.",
        why=f"{listed(lines)}\nThe model has {len(labels)} classes: {listed(labels, limit=12, separator=', ')}.",
        help=_HELP,
    )
