"""Written files as classifiers: Core ML packages in edgevit's evaluator, TFLite files in LiteRT."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from edgevit.evaluation.classifier import Pixels, Scores, check_head
from edgevit.store.digest import file_digest, tree_digest
from edgevit.threads import one_thread
from edgevit.types import Preprocessing, Size
from edgevit.verification.evaluator import Evaluator, Rounding
from edgevit.verification.outputs import Outputs
from edgevit.verification.package import read_package
from edgevit.verification.record import Described, ModelRecord
from edgevit.verification.recorded import required_record
from edgevit.verification.subject import EvaluatedPackage
from edgevit.verification.tflite.model import read_tflite
from edgevit.verification.tflite.subject import TFLiteFile

__all__ = ["PackageClassifier", "TFLiteClassifier"]


class _Recorded:
    """What a file that edgevit wrote says about itself."""

    def __init__(self, path: Path, described: Described) -> None:
        self._path = path
        self._record: ModelRecord = required_record(described)
        check_head(self._record.head, path.name)

    @property
    def title(self) -> str:
        """Return the model's name and the file's."""
        return f"{self._record.name} ({self._path.name})"

    @property
    def size(self) -> Size:
        """Return height and width of its images."""
        return self._record.input_size

    @property
    def preprocessing(self) -> Preprocessing:
        """Return how photographs become its images."""
        return self._record.preprocessing


class PackageClassifier(_Recorded):
    """A Core ML package, every result that the program declares as fp16 rounded to half."""

    def __init__(self, path: Path) -> None:
        """Read the package.

        Raises:
            ArtifactCorruptError: It is damaged.
            UnsupportedError: edgevit did not write it, or it does not classify.
        """
        package = read_package(path)
        super().__init__(path, package)
        evaluator = Evaluator(package, rounding=Rounding.HALF)
        self._subject = EvaluatedPackage(evaluator, self._record.head, self._record.preprocessing)

    @property
    def runtime(self) -> str:
        """Return what computes."""
        return self._subject.runtime

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the folder."""
        return tree_digest(self._path)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels in the package."""
        return self._subject.labels

    def scores(self, images: Pixels) -> Scores:
        """Return what the package returns for images (N, H, W, 3)."""
        with one_thread():
            return np.stack([_scores(outputs) for outputs in self._subject.run_batch(images)])


class TFLiteClassifier(_Recorded):
    """A TFLite file, run by LiteRT in a child process for each batch of images."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            ArtifactCorruptError: It is damaged.
            UnsupportedError: edgevit did not write it, or it does not classify.
        """
        super().__init__(path, read_tflite(path))
        self._file = TFLiteFile(path, self._record.head)

    @property
    def runtime(self) -> str:
        """Return what computes."""
        return self._file.runtime

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the file."""
        return file_digest(self._path)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels in the file."""
        return self._file.labels

    def scores(self, images: Pixels) -> Scores:
        """Return what the file returns for images (N, H, W, 3)."""
        named: Mapping[str, Pixels] = {str(place): pixels for place, pixels in enumerate(images)}
        return np.stack([_scores(outputs) for outputs in self._file.run(named).values()])


def _scores(outputs: Outputs) -> Scores:
    """Return the probabilities, which is what an app ranks, or the logits where the file returns those."""
    if outputs.probabilities is not None:
        return outputs.probabilities
    (logits,) = outputs.values.values()
    return logits.ravel()
