"""A small adapted network with every kind of layer that quantization treats apart."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from edgevit.types import AdaptedModel, Head, ModelSpec, Preprocessing, WeightsInfo

SIDE = 32


class Small(nn.Module):
    """A stem, a depthwise and a pointwise convolution, a table that is no weight, and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 3, stride=4, padding=1)
        self.block = nn.Sequential(nn.Conv2d(32, 32, 3, padding=1, groups=32), nn.GELU(), nn.Conv2d(32, 64, 1))
        self.table = nn.Parameter(torch.randn(64, 8, 8))
        self.classifier = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.block(self.stem(x)) + self.table
        result: Tensor = self.classifier(x.mean((2, 3)))
        return result


def small() -> AdaptedModel:
    """Return a seeded network on centred pixels of 32 x 32, with logits."""
    torch.manual_seed(3)
    module = Small().eval()
    with torch.no_grad():
        module.stem.weight.div_(255 * 0.25)
    spec = ModelSpec(
        name="small", family="toys", title="Small", params=1, macs=1, folded_params=1, preprocessing=Preprocessing(),
        native_size=(SIDE, SIDE), size_rule="32", licence="MIT", paper="Toys, 2026", input_size=(SIDE, SIDE),
        num_classes=10,
    )  # fmt: skip
    weights = WeightsInfo("random", "seed 3", "ab" * 32, trained=False)
    return AdaptedModel(spec, module, Head.LOGITS, weights, "centred_pixels", (), ("logits",))
