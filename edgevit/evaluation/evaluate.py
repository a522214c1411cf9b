"""Top-1 and top-5 accuracy on a folder of labelled images."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgevit import __version__
from edgevit.datasets.folder import pick
from edgevit.datasets.labelled import LabelledImage, labelled_images
from edgevit.errors import UnknownModelError, UsageError
from edgevit.evaluation.classifier import Classifier, Target, open_classifier
from edgevit.evaluation.figures import ClassAccuracy, Confusion, summary, wilson
from edgevit.evaluation.ranking import KEPT, Store, pieces, rank_all
from edgevit.labels.file import load_labels, read_labels
from edgevit.models.registry import get_spec
from edgevit.store.digest import file_digest
from edgevit.types import Event, EventSink, Size

__all__ = ["Evaluation", "evaluate"]

_STAGE = "evaluate"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured.

    Attributes:
        model: Name and file.
        runtime: What computed.
        sha256: Of the file, or of the weights.
        data: Name of the image folder, and how much of it was taken.
        data_sha256: Digest of the images' bytes and labels.
        images: How many were classified.
        top1: Share whose first guess is right, 0..1.
        top1_interval: Wilson's 95 % interval of ``top1``: what chance in the choice of images alone explains.
        top5: Share whose first five guesses hold the right class; None with five classes or fewer.
        classes: Of each class with images, in the order of the model's outputs.
        confusions: The most frequent mistakes, at most ten.
        seconds: What it took now.
        known: Images whose result was known from an earlier run.
    """

    model: str
    runtime: str
    sha256: str
    data: str
    data_sha256: str
    images: int
    top1: float
    top1_interval: tuple[float, float]
    top5: float | None
    classes: tuple[ClassAccuracy, ...]
    confusions: tuple[Confusion, ...]
    seconds: float
    known: int


def evaluate(
    model: Path | str,
    data: Path | str,
    *,
    weights: str | Path = "auto",
    num_classes: int | None = None,
    input_size: int | Size | None = None,
    labels: Path | None = None,
    limit: int | None = None,
    jobs: int = 1,
    seed: int = 0,
    on_event: EventSink | None = None,
) -> Evaluation:
    """Return the accuracy of a file or network on labelled images, preprocessed as in the app.

    What was computed is kept in the user's cache, so an interrupted run goes on where it was.

    Args:
        model: An ``.mlpackage``, a ``.tflite`` file, an SDK folder, a weight file of
            :func:`edgevit.weights.save_training`, or a registry name.
        data: Folder with one folder of images for each class.
        weights: Of a registry name, as in :func:`edgevit.load_model`.
        num_classes: Of a registry name; None takes 1000, or what the weight file says.
        input_size: Of a registry name; None takes the native size, or what the weight file says.
        labels: Label file, for models that carry no labels; None takes ImageNet-1k's for 1000 classes, otherwise
            class folders are named by index.
        limit: At most this many images, an equal share of each class; None takes all.
        jobs: Processes. With more than one, a script needs the usual ``if __name__ == "__main__"``.
        seed: Of random weights.
        on_event: Receives progress, stage ``evaluate``.

    Raises:
        UsageError: ``model`` is neither a file nor a registry name, or ``jobs`` or ``limit`` is below 1.
        InputError: The model is damaged, the weights cannot be had, or the folder has no usable images or labels.
        UnsupportedError: The model does not classify, or edgevit did not write the file.
    """
    _check(jobs=jobs, limit=limit)
    target = _target(model, str(weights), num_classes, input_size, seed)
    return _measured(_Request(target, Path(data), labels, limit, jobs), on_event if on_event is not None else _ignore)


@dataclass(frozen=True, slots=True)
class _Request:
    """What to measure on which images; see :func:`evaluate`."""

    target: Target
    data: Path
    labels: Path | None
    limit: int | None
    jobs: int


def _measured(request: _Request, emit: EventSink) -> Evaluation:
    started = time.monotonic()
    emit(Event(_STAGE, "start", f"Opening {request.target.path or request.target.model}"))
    classifier = open_classifier(request.target)
    names = _names(classifier, request.labels)
    everything = labelled_images(request.data, names)
    chosen = _chosen(everything, request.limit)
    digests = {image.path: file_digest(image.path) for image in chosen}
    rankings, known = rank_all(
        request.target,
        classifier,
        pieces([image.path for image in chosen], classifier.size),
        store=Store(classifier, __version__, digests),
        jobs=request.jobs,
        on_done=_Progress(emit, len(chosen), classifier.title).add,
    )
    figures = summary(np.array([image.label for image in chosen]), np.array(rankings), names)
    seconds = time.monotonic() - started
    emit(Event(_STAGE, "end", f"Classified {len(chosen)} images", seconds=seconds))
    return Evaluation(
        model=classifier.title,
        runtime=classifier.runtime,
        sha256=classifier.digest,
        data=_data_text(request.data, len(chosen), len(everything)),
        data_sha256=_data_digest(chosen, digests),
        images=len(chosen),
        top1=figures.top1,
        top1_interval=wilson(round(figures.top1 * len(chosen)), len(chosen)),
        top5=figures.top5 if len(names) > KEPT else None,
        classes=figures.classes,
        confusions=figures.confusions,
        seconds=seconds,
        known=known,
    )


class _Progress:
    """Counts finished images and tells about them."""

    def __init__(self, emit: EventSink, total: int, title: str) -> None:
        self._emit, self._total, self._title = emit, total, title
        self._done = 0

    def add(self, images: int) -> None:
        """Tell that more images are done."""
        self._done += images
        message = f"{self._title}: {self._done} of {self._total} images"
        self._emit(Event(_STAGE, "progress", message, self._done / self._total))


def _check(*, jobs: int, limit: int | None) -> None:
    if jobs < 1:
        raise UsageError(f"The number of processes must be at least 1, not {jobs}.")
    if limit is not None and limit < 1:
        raise UsageError(f"The number of images must be at least 1, not {limit}.")


def _ignore(_: Event) -> None:
    return


def _target(
    model: Path | str, weights: str, num_classes: int | None, input_size: int | Size | None, seed: int
) -> Target:
    """Return what the caller means: a file where there is one, otherwise a registry name."""
    path = Path(model)
    if path.exists():
        return Target(path, num_classes=num_classes, input_size=input_size)
    try:
        name = get_spec(str(model)).name
    except UnknownModelError as error:
        raise UsageError(f"'{model}' is neither a file nor a model.", why=error.why, help=error.help) from error
    return Target(None, name, weights, num_classes, input_size, seed)


def _names(classifier: Classifier, labels: Path | None) -> tuple[str, ...]:
    """Return the labels that the user gave, or the model's own, or such as its number of classes allows."""
    if labels is None and classifier.labels:
        return classifier.labels
    black = np.zeros((1, *classifier.size, 3), np.uint8)
    classes = classifier.scores(black).shape[1]
    if labels is None:
        return load_labels(None, classes)
    names = read_labels(labels)
    return names if len(names) == classes else load_labels(labels, classes)


def _chosen(images: Sequence[LabelledImage], limit: int | None) -> list[LabelledImage]:
    if limit is None:
        return list(images)
    kept = set(pick([image.path for image in images], limit, seed=0))
    return [image for image in images if image.path in kept]


def _data_text(folder: Path, chosen: int, there: int) -> str:
    share = f"{chosen} of {there} images" if chosen < there else f"{chosen} images"
    return f"{folder.resolve().name}, {share}"


def _data_digest(images: Sequence[LabelledImage], digests: Mapping[Path, str]) -> str:
    lines = (f"{digests[image.path]}  {image.label}\n" for image in images)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
