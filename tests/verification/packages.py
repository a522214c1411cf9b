"""A small network written by edgevit's own Core ML backend, as the other rooms of the tests see packages."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path

import torch
from torch import Tensor, nn

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert
from edgevit.mobile.heads import OUTPUT_NAMES, Probabilities
from edgevit.types import AdaptedModel, Artifact, Head, ModelSpec, Precision, Preprocessing, WeightsInfo

CLASSES = 12
SIZE = (48, 64)
LABELS = tuple(f"label {i}" for i in range(CLASSES))
SPEC = ModelSpec(
    name="toy",
    family="fastvit",
    title="Toy",
    params=0,
    macs=0,
    folded_params=0,
    preprocessing=Preprocessing(),
    native_size=SIZE,
    size_rule="any",
    licence="Apache-2.0",
    paper="none",
    input_size=SIZE,
    num_classes=CLASSES,
)


class Toy(nn.Module):
    """Reads centred pixels; returns what the head says."""

    def __init__(self, head: Head, gain: float) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.head, self.gain = head, gain
        self.stem = nn.Conv2d(3, 16, 3, 2, 1)
        self.body = nn.Conv2d(16, 16, 5, 2, 2, groups=16)
        self.mix = nn.Conv2d(16, 24, 1)
        self.classifier = nn.Linear(24, CLASSES)
        with torch.no_grad():
            self.stem.weight.div_(60)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Return logits, embedding or four maps of centred pixels (1, 3, H, W)."""
        first = torch.relu(self.stem(x))
        second = nn.functional.gelu(self.body(first))
        third = self.mix(second) * self.gain
        if self.head is Head.FEATURES:
            return first, second, third, third + 1
        pooled: Tensor = third.mean((2, 3))
        if self.head is Head.EMBEDDING:
            return pooled
        logits: Tensor = self.classifier(pooled)
        return logits


@dataclasses.dataclass(frozen=True)
class Built:
    """A package, its twin, and the networks that it must agree with."""

    artifact: Artifact
    twin: Path
    head: Head
    reference: nn.Module
    half_reference: nn.Module


class Normalized(nn.Module):
    """The same network reading normalized values, as PyTorch's source networks do."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Return the network's outputs on normalized values (1, 3, H, W)."""
        scale = 255 * torch.tensor(SPEC.preprocessing.std).reshape(1, 3, 1, 1)
        result: Tensor | tuple[Tensor, ...] = self.network(x * scale)
        return result


def build_package(
    folder: Path,
    head: Head = Head.PROBABILITIES,
    precision: Precision = Precision.FP16,
    labels: tuple[str, ...] | None = LABELS,
    metadata: dict[str, str] | None = None,
    gain: float = 2.0,
    ios: int = 16,
) -> Built:
    """Write a package and its twin below ``folder``."""
    network = Toy(head, gain).eval()
    module = Probabilities(network).eval() if head is Head.PROBABILITIES else network
    adapted = AdaptedModel(
        SPEC, module, head, WeightsInfo("random", "seed 0", "0" * 64), "centred_pixels", (), OUTPUT_NAMES[head]
    )
    request = ConversionRequest(precision=precision, labels=labels, ios_min=ios, metadata=metadata or {})
    twin = folder / "Twin.mlpackage"
    artifact = convert(adapted, request, folder / "Toy.mlpackage", twin=twin)
    return Built(artifact, twin, head, Normalized(module), copy.deepcopy(module).half().float())
