"""One network and its images, for :mod:`benchmarks.quantization`: what is asked, and what all of its rows share."""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quantization_cases import Case
from edgevit import __version__
from edgevit.quantize.schemes import get_scheme, list_schemes
from edgevit.store.digest import file_digest

__all__ = ["Inputs", "Task", "case_digest", "prepare", "read_inputs"]

_LAYOUT = 1
"""Of rows and inputs; others are measured again."""

_HELD_OUT, _PHOTOGRAPHS = 20, 4
"""Without labelled images: that many variations of the built-in photographs, after the photographs themselves."""

Pixels = NDArray[np.uint8]
Answers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Task:
    """What to measure, all text and numbers so that it can go to another process.

    Attributes:
        model: Name of a variant.
        weights: As :func:`edgevit.load_model` takes them.
        folder: Where inputs and files are put.
        data: Folder of labelled images, a folder for each class; empty takes variations of the built-in photographs.
        calib: The same of other images: calibration and searches see these only; may be empty without ``data``.
        limit: At most this many images of ``data``, an equal share of each class.
        calibration: Images that ranges and codes are chosen with.
        searched: Images that a search measures its budget on.
        max_drop: The budget, in points.
        peer_python: Python that has the peers.
    """

    model: str
    weights: str
    folder: str
    data: str = ""
    calib: str = ""
    limit: int = 0
    calibration: int = 64
    searched: int = 1000
    max_drop: float = 0.5
    peer_python: str = ""

    @property
    def digest(self) -> str:
        """Return the SHA-256 of everything that figures depend on: weights, images by name and size, and options."""
        elsewhere = ("folder", "peer_python", "weights", "data", "calib")
        options = {name: value for name, value in asdict(self).items() if name not in elsewhere}
        weights = file_digest(Path(self.weights)) if Path(self.weights).is_file() else self.weights
        about = (_LAYOUT, __version__, options, weights, _listing(self.data), _listing(self.calib))
        return hashlib.sha256(repr(about).encode()).hexdigest()

    @property
    def home(self) -> Path:
        """Return the folder of this network's inputs and files."""
        return Path(self.folder) / f"{self.model}-{self.digest[:12]}"

    def path(self, case: Case) -> Path:
        """Return where the file of a case lies."""
        return self.home / f"{re.sub(r'[^A-Za-z0-9]+', '_', case.name)}.{case.form}"


def case_digest(task: Task, case: Case) -> str:
    """Return the SHA-256 of a task, a case, and its scheme as it is defined today."""
    known = {scheme.name for scheme in list_schemes()}
    scheme = get_scheme(case.label) if case.label in known else None
    return hashlib.sha256(repr((task.digest, case, scheme)).encode()).hexdigest()


@functools.cache
def _listing(folder: str) -> str:
    """Return the SHA-256 of the names and sizes of a folder's files."""
    if not folder:
        return ""
    files = sorted((str(path.relative_to(folder)), path.stat().st_size) for path in Path(folder).rglob("*.*"))
    return hashlib.sha256(repr(files).encode()).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """Images as the network gets them, uint8 (N, H, W, 3), and what it answers.

    Attributes:
        images: What files are measured on.
        labels: Their classes; empty where they have none.
        source: Centred logits (N, classes) of the network as trained, in float32, on ``images``.
        calibration: What ranges and codes are chosen with.
        searched: What searches measure their budget on.
        searched_labels: Their classes; empty where they have none.
    """

    images: Pixels
    labels: NDArray[np.int64]
    source: Answers
    calibration: Pixels
    searched: Pixels
    searched_labels: NDArray[np.int64]


def prepare(task: Task) -> Inputs:
    """Decode the images, run the network in PyTorch, and keep both in the task's folder."""
    from edgevit.datasets.calibration import calibration_images
    from edgevit.evaluation.classifier import Target
    from edgevit.evaluation.network import NetworkClassifier
    from edgevit.weights import load_model

    loaded = load_model(task.model, task.weights)
    images, labels = _labelled(task, task.data, task.limit, loaded.labels)
    searched, searched_labels = _labelled(task, task.calib if task.data else "", task.searched, loaded.labels)
    calib = Path(task.calib) if task.calib else None
    logits = NetworkClassifier(Target(None, task.model, task.weights)).scores(images)
    inputs = Inputs(
        images=images,
        labels=labels,
        source=logits - logits.mean(axis=1, keepdims=True),
        calibration=calibration_images(calib, task.calibration, 0, loaded.spec).images,
        searched=searched,
        searched_labels=searched_labels,
    )
    task.home.mkdir(parents=True, exist_ok=True)
    unfinished = _kept(task).with_stem("unfinished")
    np.savez(unfinished, allow_pickle=False, **{name: getattr(inputs, name) for name in Inputs.__annotations__})
    unfinished.replace(_kept(task))
    return inputs


def has_inputs(task: Task) -> bool:
    """Return whether :func:`prepare` has done its work."""
    return _kept(task).exists()


def read_inputs(task: Task) -> Inputs:
    """Return what :func:`prepare` kept."""
    with np.load(_kept(task), allow_pickle=False) as arrays:
        return Inputs(**arrays)


def _kept(task: Task) -> Path:
    return task.home / "inputs.npz"


def _labelled(task: Task, folder: str, count: int, names: tuple[str, ...]) -> tuple[Pixels, NDArray[np.int64]]:
    """Return images and their classes; without a folder, variations of the photographs."""
    from edgevit.datasets.calibration import calibration_images
    from edgevit.datasets.evaluation_set import evaluation_images
    from edgevit.weights import load_model

    spec = load_model(task.model, task.weights).spec
    if not folder:
        varied = calibration_images(None, _PHOTOGRAPHS + _HELD_OUT, 1, spec).images[_PHOTOGRAPHS:]
        return varied, np.zeros(0, np.int64)
    found = evaluation_images(Path(folder), names, count, 0, spec)
    return found.images, np.array(found.labels, np.int64)
