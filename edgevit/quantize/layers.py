"""Which modules of a network hold weights, and running a network on pixels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from edgevit.errors import InputError
from edgevit.images.preprocess import centre, normalize
from edgevit.types import AdaptedModel

__all__ = ["Pixels", "network_inputs", "weighted_layers"]

Pixels = NDArray[np.uint8]
"""Images (N, H, W, 3), RGB, at the network's input size."""

_LAYERS = (nn.Conv2d, nn.Linear)
_PREPARE = {"centred_pixels": centre, "normalized": normalize}


def weighted_layers(module: nn.Module) -> dict[str, nn.Conv2d | nn.Linear]:
    """Return the convolutions and linear layers of a network by name, in the order of ``named_modules``."""
    return {name: layer for name, layer in module.named_modules() if isinstance(layer, _LAYERS)}


def network_inputs(adapted: AdaptedModel, images: Pixels) -> Iterator[Tensor]:
    """Yield what the network reads, float32 (1, 3, H, W), for each image: adapted networks take one at a time.

    Raises:
        InputError: There are no images, or they are not uint8 (N, H, W, 3) at the network's input size.
    """
    expected = (*adapted.spec.input_size, 3)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != expected or not len(images):
        raise InputError(
            "The calibration images do not fit the network.",
            why=f"They are {images.dtype} {images.shape}; uint8 (N, {', '.join(map(str, expected))}) is wanted.",
            help="Take them from edgevit.datasets.calibration_images at the network's input size.",
        )
    prepare = _PREPARE[adapted.input_kind]
    for pixels in images:
        yield torch.from_numpy(prepare(pixels, adapted.spec.preprocessing))
