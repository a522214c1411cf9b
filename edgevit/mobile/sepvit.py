"""Phone rewrites of SepViT: the whole network channel-first, its maps in window order from block to block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from torch import Tensor, nn

from edgevit.mobile import sepvit_range  # noqa: F401 - its rewrite is registered first: it reads the folded network
from edgevit.mobile.channel_norm import ChannelLayerNorm
from edgevit.mobile.rewrite import Shape, Target, rewrites
from edgevit.mobile.sepvit_blocks import ChannelFirstBlock, ChannelFirstPatchEmbed, JoinWindows, SplitWindows
from edgevit.models.base import ImageNet
from edgevit.models.sepvit.blocks import Block, PatchEmbed
from edgevit.models.sepvit.net import SepViT
from edgevit.models.sepvit.windows import WindowGrid
from edgevit.reparam.fold import fold
from edgevit.types import Head

__all__ = ["ChannelFirstSepViT"]


class ChannelFirstSepViT(ImageNet):
    """A folded SepViT without rank-5 tensors, for one image at a time."""

    def __init__(self, network: SepViT) -> None:
        super().__init__()
        self.output = network.output
        self.stream_scale = network.stream_scale
        self.patch_embeds = nn.ModuleList(
            ChannelFirstPatchEmbed(cast("PatchEmbed", embed)) for embed in network.patch_embeds
        )
        self.stage_blocks = nn.ModuleList(
            nn.Sequential(*_channel_first([cast("Block", block) for block in cast("nn.ModuleList", blocks)], position))
            for blocks, position in zip(network.blocks, network.pos_block, strict=True)
        )
        self.norm = ChannelLayerNorm(network.norm)
        self.head = fold(network.head)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Return what :attr:`output` says, without scaling the last map down and up again."""
        if self.output is Head.FEATURES:
            return self.stages(x)
        *_, last = self._maps(x)
        embedding: Tensor = self.norm(last).mean((2, 3))
        return embedding if self.output is Head.EMBEDDING else self.classify(embedding)

    def stages(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the four stage maps (1, C_i, H_i, W_i)."""
        first, second, third, fourth = (
            y if self.stream_scale == 1 else y * (1 / self.stream_scale) for y in self._maps(x)
        )
        return first, second, third, fourth

    def pool(self, x: Tensor) -> Tensor:
        """Return the embedding (1, C) of the last stage map."""
        pooled: Tensor = self.norm(x * self.stream_scale).mean((2, 3))
        return pooled

    def classify(self, x: Tensor) -> Tensor:
        """Return logits (1, classes) of an embedding (1, C)."""
        logits: Tensor = self.head(x)
        return logits

    def block_paths(self) -> list[str]:
        """Return the patch embeddings and what follows each of them."""
        parts = ("patch_embeds", "stage_blocks")
        return [f"{part}.{stage}" for stage in range(len(self.patch_embeds)) for part in parts]

    def stem_convolution(self) -> str:
        """Return the path of the first patch embedding's convolution."""
        return "patch_embeds.0.proj"

    def _maps(self, x: Tensor) -> Iterator[Tensor]:
        """Yield the four stage maps, ``stream_scale`` times their value."""
        for embed, blocks in zip(self.patch_embeds, self.stage_blocks, strict=True):
            x = blocks(embed(x))
            yield x


@rewrites(
    SepViT,
    name="channel-first",
    target=Target.COREML,
    reason="Core ML takes rank 5 at most, and phone accelerators copy memory for every transpose between convolutions "
    "and channel-last tokens (Apple, Deploying Transformers on the Apple Neural Engine)",
)
def _network(module: SepViT, _: Shape) -> nn.Module:
    return ChannelFirstSepViT(module)


def _channel_first(blocks: list[Block], position: nn.Module) -> Iterator[nn.Module]:
    """Yield the blocks of one stage, the positional convolution after the first, and what reorders maps in between.

    A map stays in window order as long as nothing needs another order: blocks with a single window take any, the
    positional convolution and the end of the stage need raster order.
    """
    order: WindowGrid | None = None
    for index, block in enumerate(blocks):
        wanted = block.grid if block.grid.count > 1 else order
        yield from _reorder(order, wanted)
        order = wanted
        yield ChannelFirstBlock(block, _positions(block.grid, order))
        if index == 0:
            yield from _reorder(order, None)
            order = None
            yield fold(position)
    yield from _reorder(order, None)


def _reorder(before: WindowGrid | None, after: WindowGrid | None) -> Iterator[nn.Module]:
    """Yield what takes a map from one order to another; None is raster order."""
    if before != after:
        if before is not None:
            yield JoinWindows(before)
        if after is not None:
            yield SplitWindows(after)


def _positions(grid: WindowGrid, order: WindowGrid | None) -> tuple[int, int]:
    """Return the last two dimensions of a map in this order."""
    if order is None:
        return grid.rows * grid.side, grid.columns * grid.side
    return order.count, order.tokens
