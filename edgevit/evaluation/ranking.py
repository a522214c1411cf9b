"""The likeliest classes of many images, computed in pieces, in parallel processes, and kept between runs."""

from __future__ import annotations

import functools
import hashlib
import json
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TypeAlias

import numpy as np

from edgevit.datasets.decoding import decode
from edgevit.errors import OutputError
from edgevit.evaluation.classifier import Classifier, Target, open_classifier
from edgevit.store.publish import write_file_atomically
from edgevit.store.user_cache import user_cache

__all__ = ["KEPT", "Piece", "Ranking", "Store", "pieces", "rank_all"]

KEPT = 5
"""Classes that are kept of each image, the likeliest first."""

Ranking: TypeAlias = list[list[int]]
"""For each image the indices of its likeliest classes."""

_PIECE_BYTES = 128 * 2**20
_PIECE_IMAGES = (50, 500)
"""Bytes of float32 input that a piece may take, and how many images at least and at most: what an interruption
loses, against what starting a runtime costs."""

_LAYOUT = "1"
"""Of the stored pieces; another one makes the old pieces be computed again."""

Piece: TypeAlias = tuple[Path, ...]
"""Images that are computed together."""


def pieces(files: Sequence[Path], size: tuple[int, int]) -> list[Piece]:
    """Return the files in pieces of equal length but for the last."""
    fewest, most = _PIECE_IMAGES
    length = min(max(_PIECE_BYTES // (12 * size[0] * size[1]), fewest), most)
    return [tuple(files[start : start + length]) for start in range(0, len(files), length)]


class Store:
    """Rankings of earlier runs, in the user's cache, under what they depend on: the model's and the images' bytes."""

    def __init__(self, classifier: Classifier, version: str, digests: Mapping[Path, str]) -> None:
        """Open the part of the store that belongs to one model.

        Args:
            classifier: Its digest, runtime and preprocessing count.
            version: edgevit's.
            digests: SHA-256 of each image file.
        """
        self._digests = digests
        about = (_LAYOUT, version, classifier.digest, classifier.runtime, classifier.size, classifier.preprocessing)
        self._folder = user_cache("evaluations") / hashlib.sha256(repr(about).encode()).hexdigest()[:32]

    def read(self, piece: Piece) -> Ranking | None:
        """Return the ranking of a piece, or None where there is none (or a damaged one)."""
        try:
            ranking = json.loads(self._path(piece).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return ranking if _is_ranking(ranking, len(piece)) else None

    def write(self, piece: Piece, ranking: Ranking) -> None:
        """Keep a ranking; a cache that cannot be written is no reason to stop."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_file_atomically(self._path(piece), json.dumps(ranking, separators=(",", ":")).encode())
        except (OSError, OutputError):
            return

    def _path(self, piece: Piece) -> Path:
        name = hashlib.sha256("".join(self._digests[file] for file in piece).encode()).hexdigest()
        return self._folder / f"{name}.json"


def rank_all(
    target: Target,
    classifier: Classifier,
    wanted: Sequence[Piece],
    *,
    store: Store,
    jobs: int,
    on_done: Callable[[int], None],
) -> tuple[Ranking, int]:
    """Return the ranking of all images in order, and how many were known from earlier runs.

    Args:
        target: What other processes open.
        classifier: The same, opened here.
        wanted: The pieces.
        store: Of earlier and for later runs.
        jobs: Processes; 1 computes in this one.
        on_done: Called with the number of images of each finished piece.

    Raises:
        BadImageError: Some images cannot be decoded.
    """
    found: dict[int, Ranking] = {}
    for place, piece in enumerate(wanted):
        ranking = store.read(piece)
        if ranking is not None:
            found[place] = ranking
            on_done(len(piece))
    known = sum(len(wanted[place]) for place in found)
    missing = {place: piece for place, piece in enumerate(wanted) if place not in found}
    for place, ranking in _computed(target, classifier, missing, jobs):
        store.write(wanted[place], ranking)
        found[place] = ranking
        on_done(len(wanted[place]))
    return [row for place in range(len(wanted)) for row in found[place]], known


def _computed(
    target: Target, classifier: Classifier, missing: dict[int, Piece], jobs: int
) -> Iterator[tuple[int, Ranking]]:
    """Yield the rankings of pieces as they become ready."""
    if min(jobs, len(missing)) <= 1:
        for place, piece in missing.items():
            yield place, _rank(classifier, piece)
        return
    with _pool(min(jobs, len(missing))) as executor:
        futures: dict[Future[Ranking], int] = {
            executor.submit(_rank_apart, target, piece): place for place, piece in missing.items()
        }
        for future in as_completed(futures):
            yield futures[future], future.result()


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Give processes of their own, which end early when the body fails; torch does not survive a fork."""
    executor = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_leave_interrupts_alone)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def _leave_interrupts_alone() -> None:
    """Let the parent decide what an interrupt from the keyboard means, which reaches all processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _rank_apart(target: Target, piece: Piece) -> Ranking:
    return _rank(_opened(target), piece)


_opened = functools.cache(open_classifier)
"""Each process opens the model once."""


def _rank(classifier: Classifier, piece: Piece) -> Ranking:
    scores = classifier.scores(decode(piece, classifier.size, classifier.preprocessing))
    # Stable, so that equal scores rank in the order of classes, as an arg max does.
    best: Ranking = np.argsort(-scores, axis=1, kind="stable")[:, :KEPT].tolist()
    return best


def _is_ranking(value: object, count: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) == count
        and all(isinstance(row, list) and row and all(isinstance(index, int) for index in row) for row in value)
    )
