"""``edgevit.json``: what an app needs to know about its model. Its JSON Schema is in ``edgevit/schemas``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edgevit.sdk.jsonfile import finite
from edgevit.sdk.manifest import generator
from edgevit.types import Artifact, Head, ModelSpec, PixelType, Quantization, Verdict, WeightsInfo

__all__ = ["CONFIG_SCHEMA", "SdkContent", "config"]

CONFIG_SCHEMA = "edgevit-sdk/1"
"""Value of ``schema``; the apps' code reads exactly this one."""

_CONVERTERS = {"mlpackage": ("torch", "coremltools"), "tflite": ("torch", "ai-edge-litert")}
"""Artifact format -> distributions whose versions matter for its bytes."""

_CORE_ML_CLASSIFIER = ("classLabel", "classLabel_probs")
"""What coremltools calls the two outputs of a classifier, whatever the network calls its own."""


@dataclass(frozen=True, slots=True)
class SdkContent:
    """What one build puts into an SDK.

    Attributes:
        spec: The model at its input size and class count.
        head: What the artifact returns.
        weights: Where its numbers came from.
        artifact: The file that was proven.
        verdict: The proof.
        labels: Names of the classes in order; empty for heads without classes.
        outputs: Names of the network's outputs in order.
        golden: Photographs' names and expected outputs, JSON-ready.
        photos: The PNG files of these photographs; without them an app cannot test itself.
        input_kind: What the network reads, see :class:`~edgevit.types.AdaptedModel`; apps need ``centred_pixels``.
        input_name: Name of the artifact's image input.
        input_type: Its element type in a TFLite file.
        batch: How many images a TFLite file takes at once.
        quantization: What was quantized and what it cost, where anything was.
    """

    spec: ModelSpec
    head: Head
    weights: WeightsInfo
    artifact: Artifact
    verdict: Verdict
    labels: tuple[str, ...]
    outputs: tuple[str, ...]
    golden: Mapping[str, object]
    photos: tuple[Path, ...] = ()
    input_kind: str = "centred_pixels"
    input_name: str = "image"
    input_type: PixelType = PixelType.UINT8
    batch: int = 1
    quantization: Quantization | None = None


def config(content: SdkContent) -> dict[str, object]:
    """Return the content of ``edgevit.json``, JSON-ready; equal builds give equal values."""
    return {
        "schema": CONFIG_SCHEMA,
        "model": _model(content.spec),
        "weights": _weights(content.weights),
        "input": _input(content),
        "output": {"head": content.head.value, "names": _output_names(content), "classes": len(content.labels)},
        "artifact": _artifact(content.artifact),
        "fidelity": _fidelity(content.verdict),
        **({} if content.quantization is None else {"quantization": _quantization(content)}),
        "generator": generator(*_CONVERTERS[content.artifact.format]),
    }


def _model(spec: ModelSpec) -> dict[str, object]:
    return {
        "id": spec.name,
        "title": spec.title,
        "family": spec.family,
        "params": spec.params,
        "macs": spec.macs,
        "licence": spec.licence,
        "paper": spec.paper,
    }


def _weights(weights: WeightsInfo) -> dict[str, object]:
    return {
        "kind": weights.kind,
        "source": weights.source,
        "sha256": weights.sha256,
        "licence": weights.licence,
        "trained": weights.trained,
        "note": weights.note,
    }


def _input(content: SdkContent) -> dict[str, object]:
    height, width = content.spec.input_size
    preprocessing = content.spec.preprocessing
    return {
        "name": content.input_name,
        "kind": "image",
        "color": "RGB",
        "width": width,
        "height": height,
        "mean": list(preprocessing.mean),
        "std": list(preprocessing.std),
        "crop_pct": preprocessing.crop_pct,
        "interpolation": preprocessing.interpolation,
        "crop": "center",
        **(_tensor(content) if content.artifact.format == "tflite" else {}),
    }


def _tensor(content: SdkContent) -> dict[str, object]:
    """Return what a file says whose input is a tensor, where Core ML takes an image."""
    return {"type": content.input_type.value, "batch": content.batch}


def _output_names(content: SdkContent) -> list[str]:
    classifier = content.head is Head.PROBABILITIES and content.artifact.format == "mlpackage"
    return list(_CORE_ML_CLASSIFIER if classifier else content.outputs)


def _artifact(artifact: Artifact) -> dict[str, object]:
    return {
        "file": artifact.path.name,
        "format": artifact.format,
        "precision": artifact.precision.value,
        "sha256": artifact.sha256,
        "bytes": artifact.size_bytes,
        "minimum_os": artifact.minimum_os,
    }


def _quantization(content: SdkContent) -> dict[str, object]:
    report, cost = content.quantization, content.verdict.cost
    assert report is not None  # noqa: S101 - the caller looks
    return {
        "scheme": report.scheme,
        "layers": report.encoded,
        "bytes_half": report.bytes_half,
        "bytes_stored": report.bytes_stored,
        "images": report.images,
        "images_sha256": report.digest,
        "sqnr_db": report.sqnr_db,
        "agreement": report.agreement,
        "photos_psnr_db": None if cost is None else finite(cost.psnr_db),
        "kept": [{"name": row.parameter, "bytes": row.bytes, "reason": row.reason} for row in report.skipped],
    }


def _fidelity(verdict: Verdict) -> dict[str, object]:
    return {
        "runtime": verdict.runtime,
        "passed": verdict.passed,
        "psnr_db": finite(verdict.psnr_db),
        "max_abs": finite(verdict.max_abs),
        "cosine": finite(verdict.cosine),
        "top1_agreement": finite(verdict.top1_agreement),
        "graph_max_rel": finite(verdict.graph_max_rel),
        "rounding_max_rel": finite(verdict.rounding_max_rel),
        "budget": dict(verdict.budget),
    }
