"""Golden vectors that Python writes and the Swift (and later Kotlin) cores read."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from edgevit.images.preprocess import open_image, to_pixels
from edgevit.types import Preprocessing, Size
from tests.sdk.sample import PHOTOS

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


def photo_vectors() -> Mapping[str, object]:
    """Return the sample's photographs decoded, for where there is no decoder."""
    cases = [(photo.name, np.asarray(open_image(photo.path).convert("RGB"))) for photo in PHOTOS]
    return {
        "schema": "edgevit-vectors/1",
        "cases": [
            {"name": name, "width": pixels.shape[1], "height": pixels.shape[0], "pixels": _base64(pixels)}
            for name, pixels in cases
        ],
    }


def statistics_vectors() -> Mapping[str, object]:
    """Return series of durations in nanoseconds with their figures as numpy computes them, rounded half to even."""
    random = np.random.default_rng(0)
    series = [random.gamma(3, 4e5, count).astype(np.int64) for count in (1, 2, 3, 100, 1000)]
    rounds = random.gamma(3, 4e5, (20, 50)).astype(np.int64)
    return {
        "schema": "edgevit-vectors/1",
        "cases": [{"series": row.tolist(), "statistics": _statistics(row)} for row in series],
        "modelbench": {"rounds": rounds.tolist(), "figure": _whole(np.sort(rounds[1:], axis=1)[:, 10:-10].mean())},
    }


def _statistics(series: NDArray[np.int64]) -> Mapping[str, int]:
    p50, p90, p99 = (_whole(np.quantile(series, share)) for share in (0.5, 0.9, 0.99))
    deviation = _whole(series.std(ddof=1)) if series.size > 1 else 0
    return {
        "count": series.size,
        "min": int(series.min()),
        "max": int(series.max()),
        "mean": _whole(series.mean()),
        "std": deviation,
        "p50": p50,
        "p90": p90,
        "p99": p99,
    }


def _whole(value: np.floating) -> int:
    return round(float(value))


def report_vector() -> Mapping[str, object]:
    """Return a probe's report with every kind of value: texts of any content, missing values, all events."""
    conditions = {"thermal": "fair", "low_power": False, "battery_percent": 81, "free_memory_bytes": 3_221_225_472}
    cold = {"thermal": "nominal", "low_power": True}
    return {
        "schema": "edgevit-report/1",
        "subject": {
            "model": 'quotes " and \\ / slashes, \u05d0, \U0001f98e, tab\t, bell\u0007',
            "sha256": "ab" * 32,
            "device": "iPhone15,2",
            "system": "iOS 18.1 (22B83)",
            "optimized": True,
            "weights_are_trained": False,
        },
        "plan": {
            "layout": "modelbench",
            "warm_up": 10,
            "preparations": 2,
            "min_runs": 1000,
            "min_duration_ns": 0,
            "round_length": 50,
            "compute_units": "cpu_and_neural_engine",
        },
        "started_at_s": 1_700_000_000,
        "phase": "measured",
        "placement": {
            "asked": "cpu_and_neural_engine",
            "used": "cpu_only",
            "failures": [{"units": "cpu_and_neural_engine", "reason": "line\nbreak"}],
        },
        "load_ns": 123_456_789_012,
        "first_ns": 0,
        "preparations_ns": [1, 2],
        "samples": [
            {"start_ns": 5, "duration_ns": 7, "conditions": conditions},
            {"start_ns": 13, "duration_ns": 9, "conditions": cold},
        ],
        "runs": 4,
        "sample_stride": 2,
        "discarded": 3,
        "events": [
            {"at_ns": 1, "kind": "background", "detail": ""},
            {"at_ns": 2, "kind": "memory_warning", "detail": ""},
            {"at_ns": 3, "kind": "failed", "detail": "why"},
            {"at_ns": 4, "kind": "cancelled", "detail": ""},
        ],
    }


def canonical(value: Mapping[str, object]) -> bytes:
    """Return the bytes of a report's file: sorted keys, no spaces, UTF-8, no line feed at the end."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()
