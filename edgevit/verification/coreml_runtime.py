"""Core ML itself as the runtime, through coremltools, on macOS only."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgevit.errors import ToolMissingError, UnsupportedError
from edgevit.images.preprocess import normalize
from edgevit.types import Head, Preprocessing
from edgevit.verification.evaluator import Observer
from edgevit.verification.outputs import Outputs
from edgevit.verification.package import Package

if TYPE_CHECKING:
    from coremltools.models import MLModel

__all__ = ["CoreMLPackage"]


class CoreMLPackage:
    """A package that Core ML runs, on the compute units that it chooses.

    Classifiers are compared by the logarithm of their probabilities, since Core ML does not show the softmax's input;
    in fp16 small probabilities are coarse, so the figures are lower than the evaluator's.
    """

    runtime = "Core ML"

    def __init__(self, package: Package, head: Head, preprocessing: Preprocessing) -> None:
        """Load the package.

        Raises:
            UnsupportedError: This is no Mac.
            ToolMissingError: coremltools is not installed.
        """
        if platform.system() != "Darwin":
            raise UnsupportedError(
                "Core ML runs on macOS only.", help="Leave out --runtime, which takes edgevit's own evaluator."
            )
        self._package, self._head, self._preprocessing = package, head, preprocessing
        self._model = _load(package)
        self.labels: tuple[str, ...] = ()

    def run(self, pixels: NDArray[np.uint8], observer: Observer | None = None) -> Outputs:  # noqa: ARG002
        """Return the outputs on pixels (H, W, 3); Core ML shows no operations, so the observer is not called."""
        feature = self._package.inputs[0]
        image = Image.fromarray(pixels) if feature.kind == "image" else normalize(pixels, self._preprocessing)
        results: Mapping[str, object] = self._model.predict({feature.name: image})
        if self._head is not Head.PROBABILITIES:
            names = [output.name for output in self._package.outputs]
            return Outputs({name: np.asarray(results[name], np.float64) for name in names})
        table = next(value for value in results.values() if isinstance(value, dict))
        label = next((value for value in results.values() if isinstance(value, str)), None)
        return _classified(table, label)


def _classified(table: Mapping[str, float], label: str | None) -> Outputs:
    probabilities = np.array(list(table.values()), np.float64)
    return Outputs({"probabilities": np.log(np.maximum(probabilities, 1e-8))}, probabilities, label)


def _load(package: Package) -> MLModel:
    try:
        import coremltools
    except ImportError as error:
        raise ToolMissingError(
            "coremltools is needed to run Core ML.", help="Install it with: pip install 'edgevit[ios]'."
        ) from error
    return coremltools.models.MLModel(str(package.path))
