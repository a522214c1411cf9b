"""The EfficientViT-M network: stride-16 stem, three stages of sandwich blocks, classifier."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn

from edgevit.models.base import ImageNet
from edgevit.models.efficientvit_m.attention import WindowAttention
from edgevit.models.efficientvit_m.blocks import (
    ConvFactory,
    ConvNorm,
    FeedForward,
    NormLinear,
    PatchMerging,
    Residual,
    fused_conv,
)
from edgevit.models.efficientvit_m.variants import LAYOUTS, Layout
from edgevit.types import ModelSpec

__all__ = ["EfficientViT", "SandwichBlock", "create", "stage_resolutions"]

_STEM_LAST = 6
"""Index of the stem's last convolution, which has no activation."""


def create(spec: ModelSpec, *, fused: bool = False) -> EfficientViT:
    """Return the network of ``spec`` with torch's default initialisation.

    Args:
        spec: Resolved spec of an EfficientViT-M variant; its square input size is built in.
        fused: The authors' inference form instead of the training form.
    """
    return EfficientViT(LAYOUTS[spec.name], spec.num_classes, spec.input_size[0], fused=fused)


class SandwichBlock(nn.Module):
    """Depthwise convolution and feed-forward network, attention, and both again; each of the five in a residual."""

    def __init__(self, channels: int, kernels: tuple[int, ...], resolution: int, conv: ConvFactory) -> None:
        super().__init__()
        self.dw0, self.ffn0 = _local_pair(channels, conv)
        self.mixer = Residual(WindowAttention(channels, kernels, resolution, conv))
        self.dw1, self.ffn1 = _local_pair(channels, conv)

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output, of the shape of ``x``."""
        y: Tensor = self.ffn1(self.dw1(self.mixer(self.ffn0(self.dw0(x)))))
        return y


class EfficientViT(ImageNet):
    """EfficientViT-M for one square input size.

    The architecture has three stages, at strides 16, 32 and 64. The first of the four feature maps is the stem's at
    stride 8, so that dense tasks get a pyramid without a gap.

    Args:
        layout: The variant.
        num_classes: Outputs of the classifier.
        side: Input height and width in pixels, a multiple of 16.
        fused: The authors' inference form instead of the training form.
    """

    def __init__(self, layout: Layout, num_classes: int, side: int, *, fused: bool = False) -> None:
        super().__init__()
        conv: ConvFactory = fused_conv if fused else ConvNorm
        self.patch_embed = _stem(layout.widths[0], conv)
        first, second, third = _stages(layout, side, conv)
        self.blocks1 = first
        self.blocks2 = second
        self.blocks3 = third
        width = layout.widths[-1]
        self.head: nn.Module = nn.Linear(width, num_classes) if fused else NormLinear(width, num_classes)

    def stages(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the stem's map at stride 8 and the outputs of the three stages."""
        stem = self.patch_embed[:_STEM_LAST](x)
        first = self.blocks1(self.patch_embed[_STEM_LAST](stem))
        second = self.blocks2(first)
        return stem, first, second, self.blocks3(second)

    def pool(self, x: Tensor) -> Tensor:
        """Return the global average (B, C) of the last stage map, before the classifier's norm."""
        return x.mean((2, 3))

    def classify(self, x: Tensor) -> Tensor:
        """Return logits (B, classes) of an embedding."""
        y: Tensor = self.head(x)
        return y

    def block_paths(self) -> list[str]:
        """Return the stem's convolutions, the stages' parts and the head in order of execution."""
        paths = [f"patch_embed.{i}" for i in range(0, _STEM_LAST + 1, 2)]
        for name, stage in (("blocks1", self.blocks1), ("blocks2", self.blocks2), ("blocks3", self.blocks3)):
            paths += [f"{name}.{i}" for i in range(len(stage))]
        return [*paths, "head"]

    def stem_convolution(self) -> str:
        """Return the path of the first convolution of the inference form."""
        return "patch_embed.0"

    def stage_strides(self) -> tuple[int, int, int, int]:
        """Return the down-sampling factor of each feature map against the input."""
        return (8, 16, 32, 64)


def stage_resolutions(side: int) -> tuple[int, int, int]:
    """Return the side of each stage's map for a square input of ``side`` pixels, a multiple of 16."""
    first = side // 16
    second = -(-first // 2)
    return first, second, -(-second // 2)


def _stem(width: int, conv: ConvFactory) -> nn.Sequential:
    """Return four stride-2 convolutions with ReLU between them and none after the last."""
    layers: list[nn.Module] = []
    inputs = 3
    for outputs in (width // 8, width // 4, width // 2, width):
        layers += [conv(inputs, outputs, 3, stride=2), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers[:-1])


def _local_pair(channels: int, conv: ConvFactory) -> tuple[Residual, Residual]:
    """Return a residual 3x3 depthwise convolution and a residual feed-forward network."""
    return Residual(conv(channels, channels, 3, groups=channels)), Residual(FeedForward(channels, conv))


def _stages(layout: Layout, side: int, conv: ConvFactory) -> Iterator[nn.Sequential]:
    """Yield the three stages; from the second on, the first three entries of a stage are its down-sampling."""
    inputs = None
    rows = zip(layout.widths, layout.depths, layout.kernels, stage_resolutions(side), strict=True)
    for width, depth, kernels, resolution in rows:
        parts: list[nn.Module] = []
        if inputs is not None:
            before, after = _local_pair(inputs, conv), _local_pair(width, conv)
            parts = [nn.Sequential(*before), PatchMerging(inputs, width, conv), nn.Sequential(*after)]
        parts += [SandwichBlock(width, kernels, resolution, conv) for _ in range(depth)]
        yield nn.Sequential(*parts)
        inputs = width
