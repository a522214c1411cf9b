"""The four SepViT variants as tables. Imports no torch.

Layouts, parameters and multiply-accumulates describe the authors' classification code (liwei109/SepViT), counted at
224x224. No weights were ever released, and no accuracy of Lite can be cited from the authors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgevit.models.sizes import SizeRule
from edgevit.types import ModelSpec, Preprocessing

if TYPE_CHECKING:
    from edgevit.types import Size

__all__ = ["LAYOUTS", "SIZE_RULE", "SPECS", "Layout", "check_size"]

_LICENCE = "none stated by the authors (all rights reserved by default); edgevit's network is written from the paper"
_README = "liwei109/SepViT README (no weights released)"
_NATIVE: Size = (224, 224)

SIZE_RULE = SizeRule(
    "a height and a width that are multiples of 224, up to 2016 (14x14 windows tile the map of stride 16 only then; "
    "above 224 more blocks have several windows, and with them window tokens)",
    minimum=224,
    maximum=2016,
    multiple=224,
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

    params: int
    macs: int
    folded_params: int
    top1: float | None


_PUBLISHED: dict[str, _Published] = {
    "sepvit_lite": _Published(3_661_128, 568_414_464, 3_657_736, None),
    "sepvit_tiny": _Published(31_182_856, 4_518_998_784, 31_172_680, 82.7),
    "sepvit_small": _Published(46_570_504, 7_455_290_112, 46_554_184, 83.6),
    "sepvit_base": _Published(82_377_064, 13_054_592_000, 82_355_304, 84.2),
}


def check_size(name: str, size: Size) -> None:
    """Return when ``name`` can be built for ``size``.

    Raises:
        UnsupportedError: It cannot; the message names the nearest valid sizes.
    """
    SIZE_RULE.check(_title(name), size)


def _title(name: str) -> str:
    return f"SepViT-{name.removeprefix('sepvit_').capitalize()}"


def _spec(name: str, published: _Published) -> ModelSpec:
    return ModelSpec(
        name=name,
        family="sepvit",
        title=_title(name),
        params=published.params,
        macs=published.macs,
        folded_params=published.folded_params,
        preprocessing=Preprocessing(crop_pct=0.875),
        native_size=_NATIVE,
        size_rule=SIZE_RULE.text,
        licence=_LICENCE,
        paper="arXiv:2203.15380",
        top1=published.top1,
        top1_source=_README if published.top1 is not None else "",
        input_size=_NATIVE,
    )


SPECS: tuple[ModelSpec, ...] = tuple(_spec(name, published) for name, published in _PUBLISHED.items())
