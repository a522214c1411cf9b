"""Golden outputs: what PyTorch computed on the shipped photographs, in a form that travels with the artifact.

With them a package can be verified later without its weights, and an app can test itself on the device. Values are
float32, base64-encoded little-endian; of large outputs (feature maps) evenly spread elements are kept. Classifiers
have log-probabilities, whose exponentials are the probabilities.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray

from edgevit.images.photos import Photo
from edgevit.images.photos import photos as shipped_photos
from edgevit.images.preprocess import normalize
from edgevit.types import Head, ModelSpec
from edgevit.verification.metrics import Vector
from edgevit.verification.outputs import KEPT, Network, Outputs, reference_outputs, sampled
from edgevit.verification.record import Json

__all__ = ["GOLDEN_SCHEMA", "GoldenOutputs", "make_golden", "pixel_digest", "read_golden"]

GOLDEN_SCHEMA = "edgevit-golden/1"
"""Value of ``schema``. Later releases that only add keys keep it."""

GoldenOutputs = dict[str, tuple[str, Outputs]]
"""Photograph's name -> digest of its pixels, and the outputs on it."""


def make_golden(
    spec: ModelSpec, head: Head, reference: Network, photos: Sequence[Photo] | None = None
) -> dict[str, object]:
    """Return the outputs of the source network on photographs, JSON-ready.

    ``{"schema", "head", "photos": [{"name", "pixels_sha256", "outputs": [{"shape", "quantity", "float32"}]}]}``, where
    ``quantity`` is ``value`` or ``log-probability`` and ``float32`` holds
    :func:`~edgevit.verification.outputs.sampled` elements.

    Args:
        spec: Input size and preprocessing.
        head: What ``reference`` returns.
        reference: Takes normalized float32 (1, 3, H, W).
        photos: None takes those that ship with edgevit, which are also those that :func:`check_golden` looks for.
    """
    entries = []
    for photo in shipped_photos() if photos is None else photos:
        pixels = photo.pixels(spec.input_size, spec.preprocessing)
        outputs = _run(reference, head, normalize(pixels, spec.preprocessing))
        entries.append({"name": photo.name, "pixels_sha256": pixel_digest(pixels), "outputs": outputs})
    return {"schema": GOLDEN_SCHEMA, "head": head.value, "photos": entries}


def read_golden(golden: Json, head: Head, names: Sequence[str]) -> GoldenOutputs:
    """Return the outputs that :func:`make_golden` wrote, under the names that a package gives its outputs.

    Raises:
        ValueError, KeyError, TypeError: It is not of that form.
    """
    if golden["schema"] != GOLDEN_SCHEMA or golden["head"] != head.value:
        raise ValueError("golden outputs of another schema or head")
    entries: GoldenOutputs = {}
    for entry in cast("list[dict[str, object]]", golden["photos"]):
        arrays = [_decoded(output) for output in cast("list[dict[str, object]]", entry["outputs"])]
        values = dict(zip(names, arrays, strict=True))
        probabilities = np.exp(arrays[0]) if head is Head.PROBABILITIES else None
        entries[str(entry["name"])] = (str(entry["pixels_sha256"]), Outputs(values, probabilities, is_sampled=True))
    return entries


def pixel_digest(pixels: NDArray[np.uint8]) -> str:
    """Return the SHA-256 of pixels (H, W, 3), row by row."""
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()


@torch.no_grad()
def _run(reference: Network, head: Head, values: NDArray[np.float32]) -> list[dict[str, object]]:
    result = reference(torch.from_numpy(values))
    count = len(result) if isinstance(result, tuple) else 1
    outputs = reference_outputs(result, head, [str(place) for place in range(count)])
    quantity = "log-probability" if head is Head.PROBABILITIES else "value"
    return [
        {"shape": list(array.shape), "quantity": quantity, "float32": _encoded(sampled(array))}
        for array in outputs.values.values()
    ]


def _encoded(values: Vector) -> str:
    return base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")


def _decoded(output: Json) -> Vector:
    data = base64.b64decode(str(output["float32"]), validate=True)
    values = np.frombuffer(data, "<f4").astype(np.float64)
    elements = int(np.prod(cast("list[int]", output["shape"]), dtype=object))
    if values.size != min(elements, KEPT) or not values.size:
        raise ValueError("the number of golden values does not match their shape")
    return values
