"""A written ``.tflite`` file as a function from images to comparable outputs, computed by LiteRT."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgevit.errors import UnsupportedError
from edgevit.types import Head
from edgevit.verification.litert import Array, run_tflite
from edgevit.verification.outputs import Outputs
from edgevit.verification.tflite.labels import read_labels
from edgevit.verification.tflite.model import TFLiteModel, read_tflite

__all__ = ["TFLiteFile"]

_PROBABILITIES = "probabilities"
_IMAGE_TYPES = ("UINT8", "FLOAT32")


class TFLiteFile:
    """A file that takes one image (1, H, W, 3), RGB, 0..255, as edgevit writes them."""

    def __init__(self, path: Path, head: Head) -> None:
        """Read the file.

        Raises:
            ArtifactCorruptError: It is damaged.
            UnsupportedError: It takes something else than one image.
        """
        self.model: TFLiteModel = read_tflite(path)
        self._head = head
        inputs = list(self.model.main.inputs.items())
        self._input, image = inputs[0] if len(inputs) == 1 else ("", None)
        if image is None or image.dtype not in _IMAGE_TYPES or len(image.shape) != 4 or image.shape[-1] != 3:
            raise UnsupportedError(
                f"{path.name} does not take one colour image.",
                help="Only files that edgevit build writes can be verified against PyTorch.",
            )
        self._takes_bytes = image.dtype == "UINT8"

    @property
    def runtime(self) -> str:
        """Return what runs the file."""
        try:
            return f"LiteRT {version('ai-edge-litert')}, CPU"
        except PackageNotFoundError:
            return "LiteRT, CPU"

    @property
    def output_names(self) -> tuple[str, ...]:
        """Return the names under which outputs are compared, in the order of the network's outputs."""
        return (_PROBABILITIES,) if self._head is Head.PROBABILITIES else tuple(self.model.main.outputs)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels of a classifier in the order of its classes; empty where the file has none.

        Raises:
            ArtifactCorruptError: They are damaged.
        """
        return read_labels(self.model)

    def run(self, images: Mapping[str, NDArray[np.uint8]]) -> dict[str, Outputs]:
        """Return the outputs on each image, by the image's name.

        Raises:
            ArtifactCorruptError: The runtime refuses the file or crashes on it.
            UnsupportedError: The file takes images of another size.
        """
        runs = [{self._input: self._array(pixels)} for pixels in images.values()]
        results = run_tflite(self.model.path, runs)
        return {name: self._outputs(result) for name, result in zip(images, results, strict=True)}

    def _array(self, pixels: NDArray[np.uint8]) -> Array:
        batch = pixels[np.newaxis]
        return batch if self._takes_bytes else batch.astype(np.float32)

    def _outputs(self, result: Mapping[str, Array]) -> Outputs:
        if self._head is not Head.PROBABILITIES:
            return Outputs({name: _channels_first(result[name]) for name in self.model.main.outputs})
        if len(result) != 1:
            raise UnsupportedError(f"{self.model.path.name} returns {len(result)} outputs instead of probabilities.")
        (output,) = result.values()
        probabilities = output.ravel().astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return Outputs({_PROBABILITIES: np.log(probabilities)}, probabilities)


def _channels_first(output: Array) -> NDArray[np.float64]:
    """Return an output in PyTorch's layout: maps are (N, H, W, C) in the file."""
    values = output.astype(np.float64)
    return values.transpose(0, 3, 1, 2) if values.ndim == 4 else values
