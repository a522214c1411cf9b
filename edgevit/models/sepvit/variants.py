"""The four SepViT variants as tables. Imports no torch.

Layouts, parameters and multiply-accumulates describe the authors' classification code (liwei109/SepViT), counted at
224x224. No weights were ever released, and no accuracy of Lite can be cited from the authors.
"""

from __future__ import annotations

from dataclasses import dataclass

from edgevit.models.family import Counts, Family
from edgevit.models.sizes import SizeRule
from edgevit.types import ModelSpec

__all__ = ["FAMILY", "LAYOUTS", "SPECS", "Layout"]


FAMILY = Family(
    name="sepvit",
    title="SepViT",
    suffix=str.capitalize,
    prefix="sepvit_",
    native_size=(224, 224),
    size_rule=SizeRule(
        "a height and a width that are multiples of 224, up to 2016 (14x14 windows tile the map of stride 16 only "
        "then; above 224 more blocks have several windows, and with them window tokens)",
        minimum=224,
        maximum=2016,
        multiple=224,
    ),
    licence="none stated by the authors (all rights reserved by default); edgevit's network is written from the paper",
    readme="liwei109/SepViT README (no weights released)",
    paper="arXiv:2203.15380",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """What distinguishes one variant from another.

    Attributes:
        widths: Channels of each stage; heads have 32 each.
        windows: Side of the attention windows of each block, one tuple a stage: 7 is the paper's DSSA, 14 its GSA.
    """

    widths: tuple[int, int, int, int]
    windows: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]

    @property
    def depths(self) -> tuple[int, int, int, int]:
        """Blocks in each of the four stages."""
        first, second, third, fourth = (len(sides) for sides in self.windows)
        return first, second, third, fourth


def _windows(
    third_stage_pairs: int,
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    return (7,), (7, 14), (7, 14) * third_stage_pairs, (7, 7)


LAYOUTS: dict[str, Layout] = {
    "sepvit_lite": Layout((32, 64, 128, 256), _windows(3)),
    "sepvit_tiny": Layout((96, 192, 384, 768), _windows(3)),
    "sepvit_small": Layout((96, 192, 384, 768), _windows(7)),
    "sepvit_base": Layout((128, 256, 512, 1024), _windows(7)),
}


@dataclass(frozen=True, slots=True)
class _Published:
    """Counts of the authors' code, and its README's top-1 in percent where it has one."""

    counts: Counts
    top1: float | None


_PUBLISHED: dict[str, _Published] = {
    "sepvit_lite": _Published(Counts(3_661_128, 568_414_464, 3_657_736), None),
    "sepvit_tiny": _Published(Counts(31_182_856, 4_518_998_784, 31_172_680), 82.7),
    "sepvit_small": _Published(Counts(46_570_504, 7_455_290_112, 46_554_184), 83.6),
    "sepvit_base": _Published(Counts(82_377_064, 13_054_592_000, 82_355_304), 84.2),
}


def _spec(name: str, published: _Published) -> ModelSpec:
    return FAMILY.spec(name, published.counts, top1=published.top1)


SPECS: tuple[ModelSpec, ...] = tuple(_spec(name, published) for name, published in _PUBLISHED.items())
