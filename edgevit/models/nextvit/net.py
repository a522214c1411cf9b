"""Next-ViT (arXiv:2207.05501) in its training form, with the module names and state order of the authors' code."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from torch import Tensor, nn

from edgevit.errors import UnsupportedError
from edgevit.models.base import ImageNet
from edgevit.models.nextvit.blocks import ConvBlock, ConvNormAct, TransformerBlock
from edgevit.models.nextvit.variants import LAYOUTS, Layout
from edgevit.types import ModelSpec

__all__ = ["NextViT", "create"]

_STEM_WIDTHS = ((3, 64, 2), (64, 32, 1), (32, 64, 1), (64, 64, 2))
"""Input and output channels and stride of the stem's four 3x3 convolutions."""

_CONV_WIDTHS = (96, 192, 384, 768)
"""Output channels of the convolution blocks of each stage."""

_TRANSFORMER_WIDTHS = (0, 256, 512, 1024)
"""Output channels of the transformer blocks of each stage; stage 1 has none."""

_KEY_POOLING = (8, 4, 2, 1)
"""Square root of how many tokens are averaged to one key, each stage (``sr_ratios`` of the authors' code)."""


class NextViT(ImageNet):
    """A stem of stride 4, one flat list of blocks in four stages, batch normalization, mean pool and classifier."""

    def __init__(self, layout: Layout, num_classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(*(ConvNormAct(*widths) for widths in _STEM_WIDTHS))
        self.features = nn.Sequential(*_blocks(layout))
        width = _TRANSFORMER_WIDTHS[-1]
        self.norm = nn.BatchNorm2d(width)
        self.proj_head = nn.Sequential(nn.Linear(width, num_classes))
        self.stage_ends: tuple[int, ...] = tuple(itertools.accumulate(layout.depths))

    def stages(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the four stage maps (B, C_i, H_i, W_i), C = 96, 256, 512, 1024, before the last norm."""
        x = self.stem(x)
        maps: list[Tensor] = []
        for index, block in enumerate(self.features, start=1):
            x = block(x)
            if index in self.stage_ends:
                maps.append(x)
        first, second, third, fourth = maps
        return first, second, third, fourth

    def pool(self, x: Tensor) -> Tensor:
        """Return the mean over positions (B, 1024) of the normalized last map (B, 1024, H, W)."""
        pooled: Tensor = self.norm(x).mean((2, 3))
        return pooled

    def classify(self, x: Tensor) -> Tensor:
        """Return logits (B, classes) of an embedding (B, 1024)."""
        logits: Tensor = self.proj_head(x)
        return logits

    def block_paths(self) -> list[str]:
        """Return the stem's layers and all blocks."""
        parts = {"stem": self.stem, "features": self.features}
        return [f"{name}.{index}" for name, part in parts.items() for index in range(len(part))]

    def stem_convolution(self) -> str:
        """Return the path of the first stem layer's convolution."""
        return "stem.0.conv"


def create(spec: ModelSpec, *, fused: bool) -> NextViT:
    """Return the network of a resolved spec, torch's default initialisation.

    Raises:
        UnsupportedError: ``fused``; the authors publish no second structure (their ``merge_bn`` keeps all modules).
    """
    if fused:
        raise UnsupportedError(
            f"{spec.title} has no fused form of its own.",
            why="The authors' merge_bn changes values in place and keeps every module and key name.",
            help="Load the training form; edgevit folds it and proves the folding.",
        )
    return NextViT(LAYOUTS[spec.name], spec.num_classes)


def _blocks(layout: Layout) -> Iterator[nn.Module]:
    """Yield the blocks of all stages; the first one of stages 2 to 4 halves the map."""
    channels = _STEM_WIDTHS[-1][1]
    for stage, kinds in enumerate(layout.blocks.split()):
        for index, kind in enumerate(kinds):
            stride = 2 if stage > 0 and index == 0 else 1
            if kind == "C":
                yield ConvBlock(channels, _CONV_WIDTHS[stage], stride)
                channels = _CONV_WIDTHS[stage]
            else:
                yield TransformerBlock(channels, _TRANSFORMER_WIDTHS[stage], stride, _KEY_POOLING[stage])
                channels = _TRANSFORMER_WIDTHS[stage]
