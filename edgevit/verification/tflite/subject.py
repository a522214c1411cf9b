"""A written ``.tflite`` file as a function from images to comparable outputs, computed by LiteRT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgevit.errors import UnsupportedError
from edgevit.types import Head
from edgevit.verification.litert import Array, run_tflite
from edgevit.verification.outputs import Outputs
from edgevit.verification.tflite.batches import in_order, kept_places, rotations
from edgevit.verification.tflite.labels import read_labels
from edgevit.verification.tflite.model import TFLiteModel, read_tflite

__all__ = ["TFLiteFile"]

_PROBABILITIES = "probabilities"
_IMAGE_TYPES = ("UINT8", "FLOAT32")
_SECONDS = 300.0
"""For all runs with one image each."""

Pixels = NDArray[np.uint8]


class TFLiteFile:
    """A file that takes images (batch, H, W, 3), RGB, 0..255, as edgevit writes them."""

    def __init__(self, path: Path, head: Head) -> None:
        """Read the file.

        Raises:
            ArtifactCorruptError: It is damaged.
            UnsupportedError: It takes something else than colour images.
        """
        self.model: TFLiteModel = read_tflite(path)
        self._head = head
        inputs = list(self.model.main.inputs.items())
        self._input, image = inputs[0] if len(inputs) == 1 else ("", None)
        if image is None or image.dtype not in _IMAGE_TYPES or len(image.shape) != 4 or image.shape[-1] != 3:
            raise UnsupportedError(
                f"{path.name} does not take colour images.",
                help="Only files that edgevit build writes can be verified against PyTorch.",
            )
        self._takes_bytes = image.dtype == "UINT8"
        self.batch = max(1, image.shape[0])

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

    def run(self, images: Mapping[str, Pixels]) -> dict[str, Outputs]:
        """Return the outputs on each image, by the image's name.

        Raises:
            ArtifactCorruptError: The runtime refuses the file or crashes on it.
            UnsupportedError: The file takes images of another size.
        """
        pixels = list(images.values())
        runs = self._run([[pixels[i] for i in run] for run in in_order(len(pixels), self.batch)])
        return dict(zip(images, [answer for answers in runs for answer in answers], strict=False))

    def run_places(self, images: Mapping[str, Pixels]) -> list[tuple[str, int, Outputs]]:
        """Return name, place and outputs of each image in each place of a batch, beside other images.

        Raises:
            As :meth:`run`.
        """
        names, pixels = list(images), list(images.values())
        places = rotations(len(names), self.batch)
        runs = self._run([[pixels[i] for i in run] for run in places])
        return [
            (names[image], place, answer)
            for run, answers in zip(places, runs, strict=True)
            for place, (image, answer) in enumerate(zip(run, answers, strict=True))
        ]

    def dependent_places(self, images: Mapping[str, Pixels]) -> tuple[int, ...]:
        """Return the places whose outputs change, be it in the last bit, with the images in other places.

        Raises:
            As :meth:`run`.
        """
        if self.batch == 1 or not images:
            return ()
        pixels = list(images.values())
        batch = [pixels[place % len(pixels)] for place in range(self.batch)]
        kept = list(kept_places(self.batch))
        changed = [[image if k in places else ~image for k, image in enumerate(batch)] for places in kept]
        whole, *others = self._run([batch, *changed])
        pairs = zip(kept, others, strict=True)
        return tuple(sorted({k for places, answers in pairs for k in places if not _equal(answers[k], whole[k])}))

    def _run(self, runs: Sequence[Sequence[Pixels]]) -> list[list[Outputs]]:
        """Return the outputs of each image of each run."""
        inputs = [{self._input: self._array(images)} for images in runs]
        results = run_tflite(self.model.path, inputs, timeout=_SECONDS * self.batch)
        return [[self._outputs(result, place) for place in range(self.batch)] for result in results]

    def _array(self, images: Sequence[Pixels]) -> Array:
        batch = np.stack(images)
        return batch if self._takes_bytes else batch.astype(np.float32)

    def _outputs(self, result: Mapping[str, Array], place: int) -> Outputs:
        """Return the outputs of the image in one place of the batch."""
        own = {name: values[place : place + 1] for name, values in result.items()}
        if self._head is not Head.PROBABILITIES:
            return Outputs({name: _channels_first(own[name]) for name in self.model.main.outputs})
        if len(own) != 1:
            raise UnsupportedError(f"{self.model.path.name} returns {len(own)} outputs instead of probabilities.")
        (output,) = own.values()
        probabilities = output.ravel().astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return Outputs({_PROBABILITIES: np.log(probabilities)}, probabilities)


def _equal(one: Outputs, other: Outputs) -> bool:
    return all(np.array_equal(values, other.values[name], equal_nan=True) for name, values in one.values.items())


def _channels_first(output: Array) -> NDArray[np.float64]:
    """Return an output in PyTorch's layout: maps are (N, H, W, C) in the file."""
    values = output.astype(np.float64)
    return values.transpose(0, 3, 1, 2) if values.ndim == 4 else values
