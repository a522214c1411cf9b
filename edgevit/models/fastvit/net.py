"""The FastViT network: stem, four stages with down-sampling between them, expansion, classifier."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn

from edgevit.models.base import ImageNet
from edgevit.models.fastvit.blocks import (
    AttentionBlock,
    LargeKernelConv,
    MobileOneBlock,
    PositionalEncoding,
    RepMixer,
    RepMixerBlock,
)
from edgevit.models.fastvit.fused import fused_depthwise, fused_large_kernel, fused_mobile_one
from edgevit.models.fastvit.variants import LAYOUTS, Layout
from edgevit.types import ModelSpec

__all__ = ["DownSample", "FastViT", "create"]


def create(spec: ModelSpec, *, fused: bool = False) -> FastViT:
    """Return the network of ``spec`` with torch's default initialisation.

    Args:
        spec: Resolved spec of a FastViT variant.
        fused: The authors' inference form instead of the training form.
    """
    return FastViT(LAYOUTS[spec.name], spec.num_classes, fused=fused)


class DownSample(nn.Module):
    """Half the size, twice the channels: large-kernel depthwise convolution, then a 1x1 MobileOne block."""

    def __init__(self, inputs: int, outputs: int, *, fused: bool) -> None:
        super().__init__()
        large = fused_large_kernel if fused else LargeKernelConv
        mobile_one = fused_mobile_one if fused else MobileOneBlock
        self.proj = nn.Sequential(large(inputs, outputs), mobile_one(outputs, outputs, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return the down-sampled map."""
        y: Tensor = self.proj(x)
        return y


class FastViT(ImageNet):
    """FastViT for any input size; stage maps at strides 4, 8, 16 and 32 (odd sizes round up).

    Args:
        layout: The variant.
        num_classes: Outputs of the classifier.
        fused: The authors' inference form instead of the training form.
        drop_path: Stochastic depth of the last block, 0 <= rate < 1; it grows linearly from 0 at the first.
    """

    def __init__(self, layout: Layout, num_classes: int, *, fused: bool = False, drop_path: float = 0.0) -> None:
        super().__init__()
        mobile_one = fused_mobile_one if fused else MobileOneBlock
        width, last = layout.widths[0], layout.widths[-1]
        self.patch_embed = nn.Sequential(
            mobile_one(3, width, 3, stride=2),
            mobile_one(width, width, 3, stride=2, groups=width),
            mobile_one(width, width, 1),
        )
        parts = list(_parts(layout, fused=fused, drop_path=drop_path))
        self.network = nn.ModuleList(parts)
        self._stage_ends = tuple(i for i, part in enumerate(parts) if isinstance(part, nn.Sequential))
        self.conv_exp = mobile_one(last, 2 * last, 3, groups=last, squeeze_excite=True)
        self.head = nn.Linear(2 * last, num_classes)

    def stages(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the outputs of the four stages, before the expansion of the head."""
        x = self.patch_embed(x)
        maps = []
        for index, part in enumerate(self.network):
            x = part(x)
            if index in self._stage_ends:
                maps.append(x)
        first, second, third, fourth = maps
        return first, second, third, fourth

    def pool(self, x: Tensor) -> Tensor:
        """Return the global average of the expanded last stage map, (B, twice its channels)."""
        y: Tensor = self.conv_exp(x).mean((2, 3))
        return y

    def classify(self, x: Tensor) -> Tensor:
        """Return logits (B, classes) of an embedding."""
        y: Tensor = self.head(x)
        return y

    def block_paths(self) -> list[str]:
        """Return the stem's, stages', down-samplings' and head's blocks in order of execution."""
        paths = [f"patch_embed.{i}" for i in range(len(self.patch_embed))]
        for index, part in enumerate(self.network):
            inner = len(part) if isinstance(part, nn.Sequential) else 0
            paths += [f"network.{index}.{j}" for j in range(inner)] or [f"network.{index}"]
        return [*paths, "conv_exp", "head"]

    def stem_convolution(self) -> str:
        """Return the path of the first convolution of the inference form."""
        return "patch_embed.0.reparam_conv"


def _parts(layout: Layout, *, fused: bool, drop_path: float) -> Iterator[nn.Module]:
    """Yield what the authors' flat ``network`` list holds; the stages are its Sequentials."""
    steps = max(sum(layout.depths) - 1, 1)
    done = 0
    for stage, (depth, width) in enumerate(zip(layout.depths, layout.widths, strict=True)):
        if stage > 0:
            yield DownSample(layout.widths[stage - 1], width, fused=fused)
        attention = layout.attention and stage == 3
        if attention:
            yield fused_depthwise(width, 7) if fused else PositionalEncoding(width)
        rates = [drop_path * (done + i) / steps for i in range(depth)]
        yield nn.Sequential(*(_block(layout, width, rate, attention=attention, fused=fused) for rate in rates))
        done += depth


def _block(layout: Layout, width: int, drop: float, *, attention: bool, fused: bool) -> nn.Module:
    hidden, init = layout.mlp_ratio * width, layout.layer_scale_init
    if attention:
        return AttentionBlock(width, hidden, layer_scale_init=init, drop=drop)
    mixer = fused_depthwise(width, 3) if fused else RepMixer(width, init)
    return RepMixerBlock(width, hidden, token_mixer=mixer, layer_scale_init=init, drop=drop)
