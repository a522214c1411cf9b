"""The tiny model inside the templates, made by edgevit itself: an untrained network of three layers."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert
from edgevit.sdk.config import SdkContent
from edgevit.types import AdaptedModel, Head, ModelSpec, Preprocessing, Verdict, WeightsInfo

_SIDE = 32
LABELS = ("plain", "crane (bird)", 'quotes "\\(here)"', "\u05d0\u05d1\u05d2 \u0627\u0628", "emoji \U0001f98e")
"""Labels of any content, so that every test of the template meets them."""


class _Tiny(nn.Module):
    """A strided convolution, the mean over the image, a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, stride=4)
        self.classifier = nn.Linear(8, len(LABELS))

    def forward(self, x: Tensor) -> Tensor:
        pooled = nn.functional.gelu(self.stem(x)).mean((2, 3))
        probabilities: Tensor = self.classifier(pooled).softmax(-1)
        return probabilities


def sample_model() -> AdaptedModel:
    """Return the tiny network, seeded; it reads centred pixels of a 32 x 32 image."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = _Tiny().eval()
    spec = ModelSpec(
        name="sample", family="sample", title="Sample", params=sum(p.numel() for p in module.parameters()), macs=24912,
        folded_params=0, preprocessing=Preprocessing(), native_size=(_SIDE, _SIDE), size_rule="32 x 32 only",
        licence="Apache-2.0", paper="none: a network of three layers to build the template with",
        input_size=(_SIDE, _SIDE), num_classes=len(LABELS),
    )  # fmt: skip
    with torch.no_grad():
        module.stem.weight.div_(255 * torch.tensor(spec.preprocessing.std).reshape(1, 3, 1, 1))
    weights = WeightsInfo("random", "seed 0", "0" * 64, licence="Apache-2.0", trained=False)
    return AdaptedModel(spec, module, Head.PROBABILITIES, weights, "centred_pixels", (), ("probabilities",))


def sample_content(folder: Path) -> SdkContent:
    """Convert the tiny network into ``folder`` and return everything that a package is written from."""
    model = sample_model()
    artifact = convert(model, ConversionRequest(labels=LABELS), folder / "EdgeVitModel.mlpackage")
    verdict = Verdict(
        artifact.sha256, "the template's generator (not judged)", True, None, None, psnr_db=float("inf"), cosine=1.0,
        max_abs=0.0, top1_agreement=1.0, budget={}, inputs=(),
    )  # fmt: skip
    return SdkContent(
        spec=model.spec, head=model.head, weights=model.weights, artifact=artifact, verdict=verdict, labels=LABELS,
        outputs=model.output_names, golden={},
    )  # fmt: skip
