"""The tiny model inside the Android template: the iOS template's network as a TFLite file, proven with LiteRT."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from edgevit.backends.base import ConversionRequest
from edgevit.backends.tflite import convert
from edgevit.images.preprocess import normalize
from edgevit.sdk.config import SdkContent
from edgevit.types import AdaptedModel, Artifact, PixelType, Verdict
from edgevit.verification.budgets import budget
from edgevit.verification.golden import make_golden
from edgevit.verification.litert import run_tflite
from edgevit.verification.metrics import Vector, compare
from tests.sdk.sample import LABELS, PHOTOS, sample_model, sample_network


def android_sample(folder: Path, input_type: PixelType = PixelType.UINT8, batch: int = 1) -> SdkContent:
    """Convert and judge the tiny network in ``folder``; return everything that a project is written from."""
    model = sample_model()
    artifact = convert(model, ConversionRequest(input_type=input_type, batch=batch), folder / "model.tflite")
    return SdkContent(
        spec=model.spec, head=model.head, weights=model.weights, artifact=artifact,
        verdict=_judge(model, artifact, input_type, batch), labels=LABELS, outputs=model.output_names,
        golden=make_golden(model.spec, model.head, sample_network(), PHOTOS),
        photos=tuple(photo.path for photo in PHOTOS), input_type=input_type, batch=batch,
    )  # fmt: skip


@torch.no_grad()
def _judge(model: AdaptedModel, artifact: Artifact, input_type: PixelType, batch: int) -> Verdict:
    """Compare the file's log-probabilities with PyTorch's on the photographs."""
    preprocessing, tolerances = model.spec.preprocessing, budget(model.spec.family, artifact.precision, model.head)
    pixels = [photo.pixels(model.spec.input_size, preprocessing) for photo in PHOTOS]
    outputs = run_tflite(
        artifact.path, [{"image": np.stack([image] * batch).astype(input_type.value)} for image in pixels]
    )
    inputs = []
    for photo, image, output in zip(PHOTOS, pixels, outputs, strict=True):
        expected = sample_network()(torch.from_numpy(normalize(image, preprocessing))).double().numpy()
        inputs.append(compare(photo.name, _logits(expected), _logits(output["probabilities"][:1].astype(np.float64))))
    verdict = Verdict(
        artifact_sha256=artifact.sha256, runtime="LiteRT", passed=True, graph_max_rel=None, rounding_max_rel=None,
        psnr_db=min(m.psnr_db for m in inputs), cosine=min(m.cosine for m in inputs),
        max_abs=max(m.max_abs for m in inputs), top1_agreement=sum(m.top1_equal for m in inputs) / len(inputs),
        budget=tolerances.as_mapping(), inputs=tuple(inputs),
    )  # fmt: skip
    if verdict.psnr_db < tolerances.psnr_db or verdict.top1_agreement < 1:
        raise AssertionError(verdict)
    return verdict


def _logits(probabilities: Vector) -> Vector:
    logarithms = np.log(probabilities)
    return np.asarray(logarithms - logarithms.mean())
