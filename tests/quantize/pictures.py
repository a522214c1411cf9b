"""Images for small networks, and a network whose answers to them differ."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from edgevit.quantize.layers import network_inputs
from edgevit.types import AdaptedModel
from tests.quantize.networks import SIDE, small

__all__ = ["CLASSES", "images", "opinionated"]

CLASSES = 10


def images(count: int = 4, *, side: int = SIDE, seed: int = 0) -> NDArray[np.uint8]:
    """Return seeded noise of different colours, uint8 (count, side, side, 3)."""
    generator = np.random.default_rng(seed)
    level = generator.integers(40, 216, (count, 1, 1, 3))
    noise = generator.integers(-40, 40, (count, side, side, 3))
    return (level + noise).astype(np.uint8)


class Opinionated(nn.Module):
    """Three layers of some kilobytes each: ``first``, ``second``, ``classifier``."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 64, 4, stride=4)
        self.second = nn.Conv2d(64, 64, 1)
        self.classifier = nn.Linear(64, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.second(self.first(x / 128).relu()).relu().mean((2, 3)))
        return logits


@torch.no_grad()
def opinionated(pixels: NDArray[np.uint8], *, outliers: float = 1.0) -> AdaptedModel:
    """Return a seeded network whose classes are about equally frequent on ``pixels``.

    Args:
        pixels: Images (N, H, W, 3).
        outliers: Factor on one weight in a hundred of ``second``: a palette for the whole tensor then loses the rest.
    """
    torch.manual_seed(4)
    module = Opinionated().eval()
    module.second.weight[torch.rand(module.second.weight.shape) < 0.01] *= outliers
    model = dataclasses.replace(small(), module=module)
    logits = torch.cat([module(values) for values in network_inputs(model, pixels)])
    scale = 3.0 / (logits - logits.mean(0)).std(0)
    module.classifier.weight.mul_(scale[:, None])
    module.classifier.bias.sub_(logits.mean(0)).mul_(scale)
    return model
