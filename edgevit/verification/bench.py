"""What every file is compared with: PyTorch's outputs on photographs and noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from edgevit.images.noise import structured_noise
from edgevit.images.photos import Photo
from edgevit.images.photos import photos as shipped_photos
from edgevit.images.preprocess import normalize
from edgevit.types import Head, ModelSpec, Preprocessing
from edgevit.verification.judgement import Judgement
from edgevit.verification.outputs import Network, Outputs, reference_outputs

__all__ = ["Bench", "Pixels"]

Pixels = NDArray[np.uint8]
"""An image (H, W, 3), RGB."""


class Bench:
    """The images, and PyTorch's outputs on them, each computed once."""

    def __init__(
        self,
        spec: ModelSpec,
        head: Head,
        output_names: Sequence[str],
        reference: Network,
        photos: Sequence[Photo] | None = None,
        *,
        prepare: Callable[[Pixels, Preprocessing], NDArray[np.float32]] = normalize,
    ) -> None:
        """Prepare the images: photographs, by default those that ship with edgevit, and structured noise.

        Args:
            spec: Input size and preprocessing.
            head: What the network returns.
            output_names: Under which outputs are compared, in the order of the network's outputs.
            reference: The source network; takes normalized input, returns probabilities for PROBABILITIES.
            photos: None takes those that ship with edgevit.
            prepare: Makes the reference's input of pixels, where it does not take normalized values.
        """
        self.spec, self.head = spec, head
        self.images = _images(spec, shipped_photos() if photos is None else photos)
        self._output_names = tuple(output_names)
        self._reference, self._prepare = reference, prepare
        self._expected: dict[str, Outputs] = {}

    def expected(self, name: str) -> Outputs:
        """Return what the source network computes on one image."""
        if name not in self._expected:
            self._expected[name] = self.run(self._reference, self._prepare(self.images[name], self.spec.preprocessing))
        return self._expected[name]

    def sensitivity(self) -> float:
        """Return how far PyTorch's own outputs move when every input value moves to a neighbouring float32.

        No fp32 computation of the network can be expected to agree much better than that.
        """
        worst = 0.0
        for name in self.few():
            values = self._prepare(self.images[name], self.spec.preprocessing)
            signs = np.random.default_rng(0).choice(np.array([-np.inf, np.inf], np.float32), values.shape)
            moved = self.run(self._reference, np.nextafter(values, signs))
            worst = max(worst, Judgement.difference(self.expected(name), moved))
        return worst

    @torch.no_grad()
    def run(self, network: Network, values: NDArray[np.float32]) -> Outputs:
        """Return what a network computes, under the file's output names."""
        return reference_outputs(network(torch.from_numpy(values)), self.head, self._output_names)

    def few(self) -> list[str]:
        """Return one photograph and the noise: exact proofs need no more, every weight takes part in each."""
        names = list(self.images)
        return [names[0], names[-1]]


def _images(spec: ModelSpec, photographs: Sequence[Photo]) -> dict[str, Pixels]:
    images = {photo.name: photo.pixels(spec.input_size, spec.preprocessing) for photo in photographs}
    return {**images, "structured noise": structured_noise(spec.input_size)}
