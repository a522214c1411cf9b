"""A small network written by edgevit's own TFLite backend."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from edgevit.backends.base import ConversionRequest
from edgevit.backends.tflite import convert
from edgevit.mobile.heads import OUTPUT_NAMES, Probabilities
from edgevit.types import AdaptedModel, Artifact, Head, PixelType, Precision, WeightsInfo
from edgevit.verification.golden import make_golden
from edgevit.verification.record import GOLDEN_KEY
from tests.verification.packages import CLASSES, LABELS, SPEC, Normalized

__all__ = ["CLASSES", "LABELS", "SPEC", "Built", "build_file"]


class Toy(nn.Module):
    """Reads centred pixels; wide enough to have weights that half precision rounds."""

    def __init__(self, head: Head, gain: float, mistake: Callable[[Tensor], Tensor] | None = None) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.head, self.gain, self.mistake = head, gain, mistake
        self.stem = nn.Conv2d(3, 64, 3, 2, 1)
        self.mix = nn.Conv2d(64, 96, 1)
        self.classifier = nn.Linear(96, CLASSES)
        with torch.no_grad():
            self.stem.weight.div_(60)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Return logits, embedding or four maps of centred pixels (B, 3, H, W)."""
        first = torch.relu(self.stem(x if self.mistake is None else self.mistake(x)))
        second = nn.functional.gelu(self.mix(first)) * self.gain
        if self.head is Head.FEATURES:
            return first, second, first + 1, second + 1
        pooled: Tensor = second.mean((2, 3))
        return pooled if self.head is Head.EMBEDDING else torch.as_tensor(self.classifier(pooled))


@dataclasses.dataclass(frozen=True)
class Built:
    """A file, its twin with float32 weights, and the source network that reads normalized values."""

    artifact: Artifact
    twin: Path
    head: Head
    reference: nn.Module


def build_file(
    folder: Path,
    head: Head = Head.PROBABILITIES,
    precision: Precision = Precision.FP16,
    labels: tuple[str, ...] | None = LABELS,
    pixels: PixelType = PixelType.UINT8,
    batch: int = 1,
    gain: float = 2.0,
    mistake: Callable[[Tensor], Tensor] | None = None,
) -> Built:
    """Write a file with its golden outputs, and its twin, below ``folder``; a mistake is one among the images."""
    network = Toy(head, gain, mistake).eval()
    module = Probabilities(network).eval() if head is Head.PROBABILITIES else network
    adapted = AdaptedModel(
        SPEC,
        module,
        head,
        WeightsInfo("random", "seed 0", "0" * 64, trained=False),
        "centred_pixels",
        (),
        OUTPUT_NAMES[head],
    )
    reference = Normalized(module)
    golden = json.dumps(make_golden(SPEC, head, reference), sort_keys=True)
    request = ConversionRequest(precision, labels, metadata={GOLDEN_KEY: golden}, input_type=pixels, batch=batch)
    twin = folder / "twin.tflite"
    return Built(convert(adapted, request, folder / "toy.tflite", twin=twin), twin, head, reference)
