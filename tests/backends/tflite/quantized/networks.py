"""A small network with every place where weights can stand in a file, quantized and written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from edgevit.backends.base import ConversionRequest
from edgevit.backends.tflite import convert
from edgevit.images.photos import photos
from edgevit.images.preprocess import centre
from edgevit.quantize.apply import quantize
from edgevit.quantize.model import QuantizedModel
from edgevit.quantize.schemes import get_scheme
from edgevit.quantize.simulation import rounds_activations, simulated, with_half_weights
from edgevit.types import AdaptedModel, Artifact, Head, ModelSpec, WeightsInfo
from edgevit.verification.tflite.quantized import Written
from tests.verification.packages import SPEC


class Places(nn.Module):
    """A dense, a depthwise, a grouped and two pointwise convolutions, a matrix product, a bias and a table."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.stem = nn.Conv2d(3, 32, 3, stride=2, padding=1)
        self.spread = nn.Conv2d(32, 32, 3, padding=1, groups=32)
        self.grouped = nn.Conv2d(32, 64, 3, padding=1, stride=2, groups=2)
        self.mix = nn.Sequential(nn.Conv2d(64, 128, 1), nn.GELU(), nn.Conv2d(128, 64, 1))
        self.table = nn.Parameter(torch.randn(64, 8, 8))
        self.classifier = nn.Linear(64, 20)
        with torch.no_grad():
            self.stem.weight.div_(60)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits of centred pixels (1, 3, 32, 32)."""
        x = self.grouped(torch.relu(self.spread(self.stem(x))))
        x = x + self.mix(x) + self.table
        result: Tensor = self.classifier(x.mean((2, 3)))
        return result


@dataclass(frozen=True)
class Quantized:
    """A written file, its twin, and what it was made of."""

    model: QuantizedModel
    artifact: Artifact
    twin: Path


SMALL: ModelSpec = replace(SPEC, input_size=(32, 32), num_classes=20)


def places(faint: int = 0) -> AdaptedModel:
    """Return the network, untrained, as the TFLite backend takes it, with next to no weight in some channels."""
    weights = WeightsInfo("random", "seed 5", "0" * 64, trained=False)
    network = Places().eval()
    with torch.no_grad():
        network.get_parameter("mix.0.weight")[:faint].mul_(1e-14)
    return AdaptedModel(SMALL, network, Head.LOGITS, weights, "centred_pixels", (), ("logits",))


def calibration() -> np.ndarray:
    """Return the shipped photographs at the network's size."""
    return np.stack([photo.pixels(SMALL.input_size, SMALL.preprocessing) for photo in photos()])


def write_quantized(folder: Path, scheme: str, keep: tuple[str, ...] = (), *, faint: int = 0) -> Quantized:
    """Quantize the network and write the file and its twin below ``folder``."""
    model = quantize(places(faint), get_scheme(scheme), "tflite", calibration=calibration(), keep=keep)
    request = ConversionRequest(quantized=model)
    twin = folder / "twin.tflite"
    return Quantized(model, convert(model.model, request, folder / "model.tflite", twin=twin), twin)


def written(model: QuantizedModel) -> Written:
    """Return what a file of the model is to compute."""
    decoded = with_half_weights(model.model, model.encodings).module
    return Written(decoded, simulated(model), rounds_activations(model), centre)
