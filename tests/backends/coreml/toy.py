"""A network of a few layers with everything that makes Core ML conversion interesting, wrapped as an adapted model."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from edgevit.types import AdaptedModel, Head, ModelSpec, Preprocessing, WeightsInfo

SIDE = 32
CLASSES = 10
LABELS = tuple(f"label {index}, 'quoted' \N{GREEK SMALL LETTER ALPHA}" for index in range(CLASSES))
OUTPUTS = {
    Head.LOGITS: ("logits",),
    Head.PROBABILITIES: ("probabilities",),
    Head.EMBEDDING: ("embedding",),
    Head.FEATURES: ("stage1", "stage2"),
}


class Toy(nn.Module):
    """A padded convolution, a residual depthwise block, attention, and a classifier."""

    def __init__(self, head: Head, middle: nn.Module | None = None) -> None:
        super().__init__()
        self.head = head
        self.stem = nn.Conv2d(3, 16, 3, stride=2, padding=1)
        self.mixer = nn.Conv2d(16, 16, 5, padding=2, groups=16)
        self.middle = nn.GELU() if middle is None else middle
        self.qkv = nn.Conv2d(16, 48, 1)
        self.classifier = nn.Linear(16, CLASSES)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        stage1 = self.stem(x)
        stage1 = stage1 + self.middle(self.mixer(stage1))
        q, k, v = self.qkv(stage1).reshape(1, 3, 16, 256).split(1, 1)
        attention = (q.transpose(-1, -2) @ k).mul(0.25).softmax(-1)
        stage2 = stage1 + (v @ attention.transpose(-1, -2)).reshape(1, 16, 16, 16)
        embedding = stage2.mean((2, 3))
        logits: Tensor = self.classifier(embedding)
        outputs: dict[Head, Tensor | tuple[Tensor, ...]] = {
            Head.LOGITS: logits,
            Head.PROBABILITIES: logits.softmax(-1),
            Head.EMBEDDING: embedding,
            Head.FEATURES: (stage1, stage2),
        }
        return outputs[self.head]


def toy(
    head: Head = Head.PROBABILITIES, *, input_kind: str = "centred_pixels", middle: nn.Module | None = None
) -> AdaptedModel:
    """Return a seeded toy network whose logits differ clearly between images; ``middle`` replaces its GELU."""
    torch.manual_seed(7)
    module = Toy(head, middle).eval()
    spec = ModelSpec(
        name="toy", family="toys", title="Toy", params=1, macs=1, folded_params=1, preprocessing=Preprocessing(),
        native_size=(SIDE, SIDE), size_rule="32", licence="MIT", paper="Toys, 2026", input_size=(SIDE, SIDE),
        num_classes=CLASSES,
    )  # fmt: skip
    if input_kind == "centred_pixels":
        with torch.no_grad():
            module.stem.weight.div_(255 * torch.tensor(spec.preprocessing.std).reshape(1, 3, 1, 1))
    weights = WeightsInfo("random", "seed 7", "ab" * 32, trained=False)
    return AdaptedModel(spec, module, head, weights, input_kind, (), OUTPUTS[head])
