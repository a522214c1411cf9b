"""Class labels from a file: one name a line, a JSON list, or a JSON object of index to name."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from edgevit.errors import BadLabelsError, listed
from edgevit.labels.imagenet import imagenet1k
from edgevit.labels.rules import normalize, objection

__all__ = ["checked_labels", "load_labels", "read_labels"]

_MAX_BYTES = 32 * 2**20
_HELP = (
    "Give one name a line in a UTF-8 text file, or a .json file with a list of names or an object "
    '{"0": "first class", "1": ...}.'
)


def load_labels(path: Path | None, num_classes: int) -> tuple[str, ...]:
    """Return the names of all classes, in the order of the logits.

    Names are trimmed and put into Unicode normalization form C. A name is 1 to 256 characters long, without control
    characters, line separators, surrogates or text-direction controls, and no two are equal.

    Args:
        path: Text file with one name a line (a byte-order mark and CRLF are fine), or a ``.json`` file with a list
            of names or an object that maps each index to its name. None takes ImageNet-1k's names when there are
            1000 classes, otherwise ``class 0``, ``class 1``, ...: an app must show something, and these
            names claim nothing.
        num_classes: How many there must be.

    Raises:
        BadLabelsError: The file is unreadable, the count differs, or names are unfit or repeated; all are listed.
    """
    if path is None:
        return imagenet1k() if num_classes == 1000 else tuple(f"class {index}" for index in range(num_classes))
    names = read_labels(path)
    if len(names) != num_classes:
        raise BadLabelsError(f"'{path}' has {len(names)} labels, but the model has {num_classes} classes.", help=_HELP)
    return names


def read_labels(path: Path) -> tuple[str, ...]:
    """Return the names in a file, however many they are, checked as :func:`load_labels` says.

    Raises:
        BadLabelsError: The file is unreadable or empty, or names are unfit or repeated; all are listed.
    """
    text = _read(path)
    place, names = _from_json(text, path) if path.suffix.lower() == ".json" else ("line", _from_lines(text))
    if not names:
        raise BadLabelsError(f"'{path}' holds no labels.", help=_HELP)
    return _normalized(names, str(path), place, first=1 if place == "line" else 0)


def checked_labels(names: Sequence[str], source: str) -> tuple[str, ...]:
    """Return names from elsewhere than a label file, checked as :func:`load_labels` says; none at all is fine.

    Args:
        names: In the order of the logits.
        source: Where they are from, for the error.

    Raises:
        BadLabelsError: Names are unfit or repeated; all are listed.
    """
    return _normalized(names, source, "index", first=0)


def _read(path: Path) -> str:
    try:
        if not path.is_file():
            kind = "is not a file" if path.exists() else "does not exist"
            raise BadLabelsError(f"The label file '{path}' {kind}.", help=_HELP)
        if path.stat().st_size > _MAX_BYTES:
            raise BadLabelsError(f"The label file '{path}' is larger than 32 MiB.", help=_HELP)
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadLabelsError(f"The label file '{path}' cannot be read.", why=str(error.strerror), help=_HELP) from error
    except UnicodeDecodeError as error:
        why = f"Byte {error.start} is not valid UTF-8."
        raise BadLabelsError(f"The label file '{path}' is not UTF-8 text.", why=why, help=_HELP) from error


def _from_lines(text: str) -> list[str]:
    """Split at LF and CRLF only; other separators stay in the name, where the rules refuse them."""
    lines = text.replace("\r\n", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _from_json(text: str, path: Path) -> tuple[str, list[str]]:
    try:
        value = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        raise BadLabelsError(f"'{path}' is not valid JSON.", why=str(error), help=_HELP) from error
    values = _in_index_order(value, path) if isinstance(value, _Pairs) else value
    names = [name for name in values if isinstance(name, str)] if isinstance(values, list) else None
    if names is None or len(names) != len(values):
        raise BadLabelsError(f"'{path}' must hold a list of names, or an object of index to name.", help=_HELP)
    return "index", names


class _Pairs(tuple[tuple[str, object], ...]):
    """A JSON object with its repetitions, which a dict would drop in silence."""

    __slots__ = ()


def _in_index_order(pairs: _Pairs, path: Path) -> list[object]:
    names = dict(pairs)
    if len(names) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        repeated = listed([f"index {key!r}, {count} times" for key, count in counts.items() if count > 1])
        raise BadLabelsError(f"'{path}' names an index more than once.", why=repeated, help=_HELP)
    wrong = set(names) ^ {str(index) for index in range(len(names))}
    if wrong:
        why = f"These are missing or do not belong: {listed([repr(key) for key in sorted(wrong)], separator=', ')}."
        raise BadLabelsError(f"The indices in '{path}' must be 0 to {len(names) - 1}.", why=why, help=_HELP)
    return [names[str(index)] for index in range(len(names))]


def _normalized(given: Sequence[str], source: str, place: str, first: int) -> tuple[str, ...]:
    """Return the names as they are shown, or raise one error with every unfit and every repeated one."""
    names = [normalize(name) for name in given]
    problems = []
    seen: dict[str, int] = {}
    for number, name in enumerate(names, start=first):
        trouble = objection(name)
        if trouble:
            problems.append(f"{place} {number} {trouble}")
        elif name in seen:
            problems.append(f"'{name}' on {place} {seen[name]} and again on {place} {number}")
        else:
            seen[name] = number
    if problems:
        raise BadLabelsError(f"'{source}' has labels that cannot be used.", why=listed(problems), help=_HELP)
    return tuple(names)
