"""What a package says about itself: metadata and feature descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml.names import CLASS_LABEL, CLASS_PROBABILITIES
from edgevit.backends.record import MODEL_KEY, record_text, summary, with_own
from edgevit.types import AdaptedModel

if TYPE_CHECKING:
    from coremltools.proto.Model_pb2 import Model

__all__ = ["describe"]

_PREVIEW_TYPE = "com.apple.coreml.model.preview.type"
"""Entry that makes Xcode offer a preview tab."""

_OUTPUT_TEXTS = {
    "logits": "Scores of the {classes} classes before softmax.",
    "probabilities": "Probabilities of the {classes} classes; they sum to 1.",
    "embedding": "Pooled features, which the classifier would read.",
    CLASS_LABEL: "Most probable label.",
    CLASS_PROBABILITIES: "Probability of each of the {classes} labels.",
}
"""Output name -> what it holds; names that are not here are stage maps."""

_STAGE_TEXT = "Feature map {name}, (1, channels, height, width), for dense tasks."


def describe(proto: Model, model: AdaptedModel, request: ConversionRequest, *, classifier: bool) -> None:
    """Fill in the description of ``proto``; dates, paths and names of people or machines are left out on purpose.

    Raises:
        UsageError: ``request.metadata`` has a key that edgevit writes itself.
    """
    spec = model.spec
    metadata = proto.description.metadata
    metadata.author = request.author or f"Converted by edgevit. Architecture: {spec.paper}"
    metadata.license = request.licence or model.weights.licence or spec.licence
    metadata.shortDescription = request.description or summary(model)
    metadata.versionString = request.version
    for key, value in _entries(model, request, classifier=classifier).items():
        metadata.userDefined[key] = value
    for feature in proto.description.input:
        feature.shortDescription = _input_text(model)
    for feature in proto.description.output:
        text = _OUTPUT_TEXTS.get(feature.name, _STAGE_TEXT)
        feature.shortDescription = text.format(classes=spec.num_classes, name=feature.name)


def _entries(model: AdaptedModel, request: ConversionRequest, *, classifier: bool) -> Mapping[str, str]:
    import coremltools
    import torch

    own = {
        MODEL_KEY: record_text(model, request),
        "com.github.apple.coremltools.version": str(coremltools.__version__),
        "com.github.apple.coremltools.source": f"torch=={str(torch.__version__).partition('+')[0]}",
    }
    if classifier and model.input_kind == "centred_pixels":
        own[_PREVIEW_TYPE] = "imageClassifier"
    return with_own(request.metadata, own)


def _input_text(model: AdaptedModel) -> str:
    height, width = model.spec.input_size
    if model.input_kind == "centred_pixels":
        return f"RGB image of {width} x {height} pixels, 0 to 255; normalization happens inside the model."
    mean, std = model.spec.preprocessing.mean, model.spec.preprocessing.std
    return f"RGB (1, 3, {height}, {width}) as (value / 255 - mean) / std with mean {mean} and std {std}."
