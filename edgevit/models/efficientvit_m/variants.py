"""The six EfficientViT-M variants as tables. Imports no torch.

Layouts are those of the authors' code (microsoft/Cream, folder EfficientViT); parameters and multiply-accumulates were
counted on it. Accuracies are those of the folder's README.
"""

from __future__ import annotations

from dataclasses import dataclass

from edgevit.models.family import Counts, Family
from edgevit.models.sizes import SizeRule
from edgevit.types import ModelSpec

__all__ = ["FAMILY", "LAYOUTS", "SPECS", "Layout"]


FAMILY = Family(
    name="efficientvit_m",
    title="EfficientViT",
    suffix=str.upper,
    prefix="efficientvit_",
    native_size=(224, 224),
    size_rule=SizeRule(
        "square input whose side is a multiple of 16 from 16 to 2048 (208 to 256 use the released attention biases as "
        "they are, other sizes resize them)",
        minimum=16,
        maximum=2048,
        multiple=16,
        square=True,
    ),
    licence="MIT",
    readme="microsoft/Cream EfficientViT README",
    paper="arXiv:2305.07027",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """What distinguishes one variant from another, a value for each of the three stages.

    Attributes:
        widths: Channels.
        depths: Blocks.
        kernels: Side of each head's depthwise convolution over its queries; the length is the number of heads.
    """

    widths: tuple[int, int, int]
    depths: tuple[int, int, int]
    kernels: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


LAYOUTS: dict[str, Layout] = {
    "efficientvit_m0": Layout((64, 128, 192), (1, 2, 3), ((5, 5, 5, 5), (5, 5, 5, 5), (5, 5, 5, 5))),
    "efficientvit_m1": Layout((128, 144, 192), (1, 2, 3), ((7, 5), (7, 5, 3), (7, 5, 3))),
    "efficientvit_m2": Layout((128, 192, 224), (1, 2, 3), ((7, 5, 3, 3), (7, 5, 3), (7, 5))),
    "efficientvit_m3": Layout((128, 240, 320), (1, 2, 3), ((5, 5, 5, 5), (5, 5, 5), (5, 5, 5, 5))),
    "efficientvit_m4": Layout((128, 256, 384), (1, 2, 3), ((7, 5, 3, 3), (7, 5, 3, 3), (7, 5, 3, 3))),
    "efficientvit_m5": Layout((192, 288, 384), (1, 3, 4), ((7, 5, 3), (7, 5, 3), (7, 5, 3, 3))),
}


@dataclass(frozen=True, slots=True)
class _Published:
    """Counts of the authors' code, and its README's top-1 in percent."""

    counts: Counts
    top1: float


_PUBLISHED: dict[str, _Published] = {
    "efficientvit_m0": _Published(Counts(2_349_436, 79_193_600, 2_334_916), 63.296),
    "efficientvit_m1": _Published(Counts(2_980_560, 167_051_840, 2_964_256), 68.356),
    "efficientvit_m2": _Published(Counts(4_187_554, 201_035_712, 4_168_338), 70.786),
    "efficientvit_m3": _Published(Counts(6_900_722, 262_662_208, 6_875_890), 73.390),
    "efficientvit_m4": _Published(Counts(8_804_228, 299_308_544, 8_776_340), 74.266),
    "efficientvit_m5": _Published(Counts(12_473_772, 521_583_104, 12_436_260), 77.124),
}


def _spec(name: str, published: _Published) -> ModelSpec:
    releases = (FAMILY.release(name, "r224_in1k", published.top1),)
    return FAMILY.spec(name, published.counts, top1=published.top1, releases=releases)


SPECS: tuple[ModelSpec, ...] = tuple(_spec(name, published) for name, published in _PUBLISHED.items())
