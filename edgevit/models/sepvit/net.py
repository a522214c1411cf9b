"""SepViT (arXiv:2203.15380) in its training form, with the module names and state order of the authors' key list."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from edgevit.errors import UnsupportedError
from edgevit.models.base import ImageNet
from edgevit.models.sepvit.blocks import BLOCK_EPS, Block, PatchEmbed, PositionalConv
from edgevit.models.sepvit.variants import LAYOUTS, Layout
from edgevit.models.sepvit.windows import WindowGrid
from edgevit.types import ModelSpec, Size

__all__ = ["SepViT", "create"]


class SepViT(ImageNet):
    """Four stages of a patch embedding and blocks, a positional convolution after each stage's first block.

    The input size is fixed: the number of windows, and so of learned window tokens, depends on it.
    """

    stream_scale = 1.0
    """What maps inside are multiplied by: a power of two where weights were rescaled for half precision."""

    def __init__(self, layout: Layout, input_size: Size, num_classes: int) -> None:
        super().__init__()
        embedded = (3, *layout.widths[:3])
        self.patch_embeds = nn.ModuleList(
            PatchEmbed(inputs, outputs, kernel=3 if stage else 7, stride=2 if stage else 4)
            for stage, (inputs, outputs) in enumerate(zip(embedded, layout.widths, strict=True))
        )
        self.pos_block = nn.ModuleList(PositionalConv(width) for width in layout.widths)
        self.blocks = nn.ModuleList(
            nn.ModuleList(Block(grid) for grid in _grids(input_size, stride, sides, width))
            for width, stride, sides in zip(layout.widths, self.stage_strides(), layout.windows, strict=True)
        )
        self.norm = nn.LayerNorm(layout.widths[-1], eps=BLOCK_EPS)
        self.head = nn.Linear(layout.widths[-1], num_classes)

    def stages(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the four stage maps (B, C_i, H_i, W_i), C the variant's widths, before the last norm."""
        maps: list[Tensor] = []
        for embed, position, blocks in zip(self.patch_embeds, self.pos_block, self.blocks, strict=True):
            first, *others = cast("nn.ModuleList", blocks)
            x = position(first(embed(x)).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
            for block in others:
                x = block(x)
            x = x.permute(0, 3, 1, 2)
            maps.append(x if self.stream_scale == 1 else x / self.stream_scale)
        stage1, stage2, stage3, stage4 = maps
        return stage1, stage2, stage3, stage4

    def pool(self, x: Tensor) -> Tensor:
        """Return the mean over positions (B, C) of the normalized last map (B, C, H, W)."""
        inside = x if self.stream_scale == 1 else x * self.stream_scale
        pooled: Tensor = self.norm(inside.permute(0, 2, 3, 1)).mean((1, 2))
        return pooled

    def classify(self, x: Tensor) -> Tensor:
        """Return logits (B, classes) of an embedding (B, C)."""
        logits: Tensor = self.head(x)
        return logits

    def block_paths(self) -> list[str]:
        """Return, stage by stage, the patch embedding, the first block, the positional convolution, the others."""
        paths: list[str] = []
        for stage, blocks in enumerate(self.blocks):
            first, *others = (f"blocks.{stage}.{index}" for index in range(len(cast("nn.ModuleList", blocks))))
            paths += [f"patch_embeds.{stage}", first, f"pos_block.{stage}", *others]
        return paths

    def stem_convolution(self) -> str:
        """Return the path of the first patch embedding's convolution."""
        return "patch_embeds.0.proj"


def create(spec: ModelSpec, *, fused: bool) -> SepViT:
    """Return the network of a resolved spec, torch's default initialisation, window tokens zero.

    Raises:
        UnsupportedError: ``fused``; SepViT has no training-time branches, so the authors publish one structure.
    """
    if fused:
        raise UnsupportedError(
            f"{spec.title} has no fused form of its own.",
            why="It has no batch normalization and no training-time branches; there is one official structure.",
            help="Load the training form; edgevit folds what folds exactly and proves it.",
        )
    return SepViT(LAYOUTS[spec.name], spec.input_size, spec.num_classes)


def _grids(input_size: Size, stride: int, sides: tuple[int, ...], channels: int) -> list[WindowGrid]:
    """Return how windows of each side tile the map of this stride."""
    map_size = (input_size[0] // stride, input_size[1] // stride)
    return [WindowGrid.of(map_size, side, channels) for side in sides]
