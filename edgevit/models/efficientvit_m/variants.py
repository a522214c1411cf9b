"""The six EfficientViT-M variants as tables. Imports no torch.

Layouts are those of the authors' code (microsoft/Cream, folder EfficientViT); parameters and multiply-accumulates were
counted on it. Accuracies are those of the folder's README.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgevit.models.sizes import SizeRule
from edgevit.types import ModelSpec, Preprocessing, PretrainedRelease

if TYPE_CHECKING:
    from edgevit.types import Size

__all__ = ["LAYOUTS", "SIZE_RULE", "SPECS", "Layout", "check_size"]

_LICENCE = "MIT"
_README = "microsoft/Cream EfficientViT README"
_NATIVE: Size = (224, 224)

SIZE_RULE = SizeRule(
    "square input whose side is a multiple of 16 from 16 to 2048 (208 to 256 use the released attention biases as "
    "they are, other sizes resize them)",
    minimum=16,
    maximum=2048,
    multiple=16,
    square=True,
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

    params: int
    macs: int
    folded_params: int
    top1: float


_PUBLISHED: dict[str, _Published] = {
    "efficientvit_m0": _Published(2_349_436, 79_193_600, 2_334_916, 63.296),
    "efficientvit_m1": _Published(2_980_560, 167_051_840, 2_964_256, 68.356),
    "efficientvit_m2": _Published(4_187_554, 201_035_712, 4_168_338, 70.786),
    "efficientvit_m3": _Published(6_900_722, 262_662_208, 6_875_890, 73.390),
    "efficientvit_m4": _Published(8_804_228, 299_308_544, 8_776_340, 74.266),
    "efficientvit_m5": _Published(12_473_772, 521_583_104, 12_436_260, 77.124),
}


def check_size(name: str, size: Size) -> None:
    """Return when ``name`` can be built for ``size``.

    Raises:
        UnsupportedError: It cannot; the message names the nearest valid sizes.
    """
    SIZE_RULE.check(_title(name), size)


def _title(name: str) -> str:
    return f"EfficientViT-{name.removeprefix('efficientvit_').upper()}"


def _release(name: str, top1: float) -> PretrainedRelease:
    return PretrainedRelease(
        tag="r224_in1k",
        repo=f"timm/{name}.r224_in1k",
        filename="model.safetensors",
        key_style="timm",
        input_size=_NATIVE,
        licence=_LICENCE,
        top1=top1,
        top1_source=_README,
    )


def _spec(name: str, published: _Published) -> ModelSpec:
    return ModelSpec(
        name=name,
        family="efficientvit_m",
        title=_title(name),
        params=published.params,
        macs=published.macs,
        folded_params=published.folded_params,
        preprocessing=Preprocessing(crop_pct=0.875),
        native_size=_NATIVE,
        size_rule=SIZE_RULE.text,
        licence=_LICENCE,
        paper="arXiv:2305.07027",
        top1=published.top1,
        top1_source=_README,
        releases=(_release(name, published.top1),),
        input_size=_NATIVE,
    )


SPECS: tuple[ModelSpec, ...] = tuple(_spec(name, published) for name, published in _PUBLISHED.items())
