"""The tiny model inside the templates, made and proven by edgevit itself: an untrained network of three layers."""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from torch import Tensor, nn

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert
from edgevit.images.photos import Photo
from edgevit.sdk.config import SdkContent
from edgevit.types import AdaptedModel, Head, ModelSpec, Preprocessing, WeightsInfo
from edgevit.verification.golden import make_golden
from edgevit.verification.verdict import judge

_SIDE = 32
LABELS = ("plain", "crane (bird)", 'quotes "\\(here)"', "\u05d0\u05d1\u05d2 \u0627\u0628", "emoji \U0001f98e")
"""Labels of any content, so that every test of the template meets them."""

PHOTOS = tuple(Photo(name, Path(__file__).with_name("photos") / f"{name}.png") for name in ("astronaut", "coffee"))
"""Two of the shipped photographs, 48 pixels on the shorter side."""


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


def sample_network() -> nn.Module:
    """Return the tiny network, seeded; it reads normalized images of 32 x 32 pixels."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = _Tiny().eval()
    with torch.no_grad():
        module.classifier.weight.mul_(20)  # so that photographs differ in their best class
    return module


def sample_model() -> AdaptedModel:
    """Return the tiny network for phones; it reads centred pixels."""
    module = sample_network()
    assert isinstance(module, _Tiny)
    spec = ModelSpec(
        name="sample", family="sample", title="Sample", params=sum(p.numel() for p in module.parameters()), macs=24616,
        folded_params=0, preprocessing=Preprocessing(), native_size=(_SIDE, _SIDE), size_rule="32 x 32 only",
        licence="Apache-2.0", paper="none: a network of three layers to build the template with",
        input_size=(_SIDE, _SIDE), num_classes=len(LABELS),
    )  # fmt: skip
    with torch.no_grad():
        module.stem.weight.div_(255 * torch.tensor(spec.preprocessing.std).reshape(1, 3, 1, 1))
    weights = WeightsInfo("random", "seed 0", "0" * 64, licence="Apache-2.0", trained=False)
    return AdaptedModel(spec, module, Head.PROBABILITIES, weights, "centred_pixels", (), ("probabilities",))


def sample_content(folder: Path) -> SdkContent:
    """Convert and judge the tiny network in ``folder``; return everything that a package is written from."""
    model, reference, twin = sample_model(), sample_network(), folder / "Twin.mlpackage"
    artifact = convert(model, ConversionRequest(labels=LABELS), folder / "EdgeVitModel.mlpackage", twin=twin)
    half = copy.deepcopy(model.module)
    for parameter in half.parameters():
        parameter.data = parameter.data.half().float()
    verdict = judge(
        artifact, spec=model.spec, head=model.head, reference=reference, half_reference=half, twin=twin, photos=PHOTOS,
        labels=LABELS,
    )  # fmt: skip
    if not verdict.passed:
        raise AssertionError(verdict.failures)
    return SdkContent(
        spec=model.spec, head=model.head, weights=model.weights, artifact=artifact, verdict=verdict, labels=LABELS,
        outputs=model.output_names, golden=make_golden(model.spec, model.head, reference, PHOTOS),
        photos=tuple(photo.path for photo in PHOTOS),
    )  # fmt: skip
