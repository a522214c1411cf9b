"""What every file that edgevit writes says about its model, so that it can be checked later without the weights."""

from __future__ import annotations

import json
from collections.abc import Mapping

from edgevit.backends.base import ConversionRequest
from edgevit.errors import UsageError
from edgevit.quantize.model import QuantizedModel
from edgevit.types import AdaptedModel

__all__ = ["MODEL_KEY", "record_text", "summary", "with_own"]

MODEL_KEY = "com.edgevit.model"
"""Metadata entry with :func:`record_text`."""


def record_text(model: AdaptedModel, request: ConversionRequest) -> str:
    """Return, as JSON text, what a later check needs to know about the model."""
    return json.dumps(_record(model, request), sort_keys=True)


def summary(model: AdaptedModel) -> str:
    """Return one sentence for people: the model, its classes and size, and a warning for random weights."""
    height, width = model.spec.input_size
    text = f"{model.spec.title}, {model.spec.num_classes} classes, {width} x {height} pixels."
    return text if model.weights.trained else f"{text} UNTRAINED random weights: its predictions mean nothing."


def with_own(given: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Return the metadata that was asked for and edgevit's own.

    Raises:
        UsageError: ``given`` has a key that edgevit writes itself.
    """
    clash = sorted(own.keys() & given.keys())
    if clash:
        raise UsageError(f"Metadata cannot hold '{clash[0]}': edgevit writes it.", help="Use a key of your own.")
    return {**given, **own}


def _record(model: AdaptedModel, request: ConversionRequest) -> dict[str, object]:
    spec, weights = model.spec, model.weights
    return {
        "name": spec.name,
        "family": spec.family,
        "num_classes": spec.num_classes,
        "input_size": list(spec.input_size),
        "input_kind": model.input_kind,
        "head": model.head.value,
        "precision": request.precision.value,
        "preprocessing": {
            "mean": list(spec.preprocessing.mean),
            "std": list(spec.preprocessing.std),
            "crop_pct": spec.preprocessing.crop_pct,
            "interpolation": spec.preprocessing.interpolation,
        },
        "weights": {
            "kind": weights.kind,
            "source": weights.source,
            "sha256": weights.sha256,
            "trained": weights.trained,
        },
        "rewrites": [rewrite.name for rewrite in model.rewrites],
        **_quantization(request.quantized),
    }


def _quantization(model: QuantizedModel | None) -> dict[str, object]:
    if model is None:
        return {}
    from edgevit.quantize.simulation import rounds_activations

    settings = {
        "scheme": model.scheme,
        "layers": len(model.encodings),
        "rounds_activations": rounds_activations(model),
        "images_sha256": model.calibration,
    }
    return {"quantization": settings}
