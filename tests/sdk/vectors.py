"""Golden vectors that Python writes and the Swift (and later Kotlin) cores read: preprocessing and ranking."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from edgevit.images.preprocess import to_pixels
from edgevit.types import Preprocessing, Size

_ORIENTATION_TAG = 0x0112


@dataclass(frozen=True)
class _Case:
    """One image through the preprocessing: its size, the model's input size, the crop, the Exif orientation."""

    name: str
    image: Size
    target: Size
    crop_pct: float = 0.875
    orientation: int = 1


_CASES = (
    _Case("shrink a landscape", (43, 61), (24, 24)),
    _Case("shrink a portrait", (83, 43), (24, 24), 0.95),
    _Case("enlarge", (7, 9), (24, 24), 0.9),
    _Case("same size, no crop", (24, 24), (24, 24), 1.0),
    _Case("crop alone", (27, 30), (24, 24), 0.875),
    _Case("odd margins round to even", (33, 50), (23, 23), 0.9),
    _Case("wide target", (64, 90), (20, 36)),
    _Case("tall target", (64, 90), (36, 20), 0.8),
    _Case("one pixel", (1, 1), (8, 8), 1.0),
    _Case("a line", (1, 40), (8, 8)),
    _Case("a column", (40, 1), (8, 8), 1.0),
    _Case("large factor", (90, 131), (8, 8), 0.95),
    _Case("as the sample model, turned", (50, 70), (32, 32), 0.875, 6),
    *(_Case(f"orientation {tag}", (30, 44), (20, 20), 0.9, tag) for tag in range(2, 9)),
)


def preprocessing_vectors() -> Mapping[str, object]:
    """Return the images (seeded, with sharp edges that overshoot) and the pixels that Python makes of them."""
    return {"schema": "edgevit-vectors/1", "cases": [_vector(case, index) for index, case in enumerate(_CASES)]}


def ranking_vectors() -> Mapping[str, object]:
    """Return logits with their float64 softmax and the order of the most probable classes."""
    generator = torch.Generator().manual_seed(0)
    logits = [
        torch.randn(17, generator=generator),
        1000 * torch.randn(9, generator=generator),
        torch.tensor([3.0, 3.0, -1.0, 3.0]),
        torch.tensor([-65504.0, 65504.0, 0.0]),
        torch.zeros(1),
    ]
    return {"schema": "edgevit-vectors/1", "cases": [_ranking(row) for row in logits]}


def _ranking(logits: torch.Tensor) -> Mapping[str, object]:
    probabilities = logits.double().softmax(0)
    order = torch.sort(probabilities, descending=True, stable=True).indices
    return {"logits": logits.tolist(), "probabilities": probabilities.tolist(), "order": order.tolist()}


def _vector(case: _Case, seed: int) -> Mapping[str, object]:
    stored = _image(case.image, seed)
    image = Image.fromarray(stored)
    image.getexif()[_ORIENTATION_TAG] = case.orientation
    expected = to_pixels(image, case.target, Preprocessing(crop_pct=case.crop_pct))
    return {
        "name": case.name,
        "width": case.image[1],
        "height": case.image[0],
        "orientation": case.orientation,
        "pixels": _base64(stored),
        "target_width": case.target[1],
        "target_height": case.target[0],
        "crop_pct": case.crop_pct,
        "expected": _base64(expected),
    }


def _image(size: Size, seed: int) -> NDArray[np.uint8]:
    """Return noise over blocks of black and white, so that rounding and clipping both happen."""
    random = np.random.default_rng(seed)
    noise = random.integers(0, 256, (*size, 3), dtype=np.uint8)
    blocks = (np.indices(size) // 5).sum(0) % 3
    return np.where((blocks == 0)[..., None], 0, np.where((blocks == 1)[..., None], 255, noise)).astype(np.uint8)


def _base64(values: NDArray[np.uint8]) -> str:
    return base64.b64encode(values.tobytes()).decode()
