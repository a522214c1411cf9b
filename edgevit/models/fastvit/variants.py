"""The seven FastViT variants as tables. Imports no torch.

Layouts are those of the authors' code (apple/ml-fastvit); parameters and multiply-accumulates were counted on it (the
paper lists fewer parameters, which the released code does not give). Accuracies are those of the repository's README.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgevit.models.sizes import SizeRule
from edgevit.types import ModelSpec, Preprocessing, PretrainedRelease

if TYPE_CHECKING:
    from edgevit.types import Size

__all__ = ["LAYOUTS", "SIZE_RULE", "SPECS", "Layout", "check_size"]

_LICENCE = "Apple Sample Code License (apple-ascl)"
_README = "apple/ml-fastvit README"
_NATIVE: Size = (256, 256)

SIZE_RULE = SizeRule(
    "any height and width from 32 to 2048 (32 is one token in the last stage; attention cost grows with the area "
    "squared)",
    minimum=32,
    maximum=2048,
)


@dataclass(frozen=True, slots=True)
class Layout:
    """What distinguishes one variant from another.

    Attributes:
        depths: Blocks in each of the four stages.
        widths: Channels of each stage.
        mlp_ratio: Hidden over visible channels of the feed-forward network.
        attention: Whether stage 4 mixes tokens by attention, after a conditional positional encoding, instead of
            RepMixer.
        layer_scale_init: Initial value of all layer scales.
    """

    depths: tuple[int, int, int, int]
    widths: tuple[int, int, int, int]
    mlp_ratio: int
    attention: bool
    layer_scale_init: float


LAYOUTS: dict[str, Layout] = {
    "fastvit_t8": Layout((2, 2, 4, 2), (48, 96, 192, 384), 3, False, 1e-5),
    "fastvit_t12": Layout((2, 2, 6, 2), (64, 128, 256, 512), 3, False, 1e-5),
    "fastvit_s12": Layout((2, 2, 6, 2), (64, 128, 256, 512), 4, False, 1e-5),
    "fastvit_sa12": Layout((2, 2, 6, 2), (64, 128, 256, 512), 4, True, 1e-5),
    "fastvit_sa24": Layout((4, 4, 12, 4), (64, 128, 256, 512), 4, True, 1e-5),
    "fastvit_sa36": Layout((6, 6, 18, 6), (64, 128, 256, 512), 4, True, 1e-6),
    "fastvit_ma36": Layout((6, 6, 18, 6), (76, 152, 304, 608), 4, True, 1e-6),
}


@dataclass(frozen=True, slots=True)
class _Published:
    """Counts of the authors' code, and its README's top-1 without and with distillation, in percent."""

    params: int
    macs: int
    folded_params: int
    crop_pct: float
    top1: float
    distilled_top1: float


_PUBLISHED: dict[str, _Published] = {
    "fastvit_t8": _Published(4_026_232, 690_149_376, 3_992_392, 0.9, 76.2, 77.2),
    "fastvit_t12": _Published(7_553_704, 1_397_727_232, 7_502_952, 0.9, 79.3, 80.3),
    "fastvit_s12": _Published(9_473_576, 1_800_380_416, 9_422_824, 0.9, 79.9, 81.1),
    "fastvit_sa12": _Published(11_580_968, 1_943_937_024, 11_539_432, 0.9, 80.9, 81.9),
    "fastvit_sa24": _Published(21_554_216, 3_769_966_592, 21_489_512, 0.9, 82.7, 83.4),
    "fastvit_sa36": _Published(31_527_464, 5_595_996_160, 31_439_592, 0.95, 83.6, 84.2),
    "fastvit_ma36": _Published(44_068_004, 7_825_709_056, 43_963_656, 0.95, 83.9, 84.6),
}


def check_size(name: str, size: Size) -> None:
    """Return when ``name`` can be built for ``size``.

    Raises:
        UnsupportedError: It cannot; the message names the nearest valid sizes.
    """
    SIZE_RULE.check(_title(name), size)


def _title(name: str) -> str:
    return f"FastViT-{name.removeprefix('fastvit_').upper()}"


def _release(name: str, tag: str, top1: float) -> PretrainedRelease:
    return PretrainedRelease(
        tag=tag,
        repo=f"timm/{name}.{tag}",
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
        family="fastvit",
        title=_title(name),
        params=published.params,
        macs=published.macs,
        folded_params=published.folded_params,
        preprocessing=Preprocessing(crop_pct=published.crop_pct),
        native_size=_NATIVE,
        size_rule=SIZE_RULE.text,
        licence=_LICENCE,
        paper="arXiv:2303.14189",
        top1=published.top1,
        top1_source=_README,
        releases=(
            _release(name, "apple_in1k", published.top1),
            _release(name, "apple_dist_in1k", published.distilled_top1),
        ),
        input_size=_NATIVE,
    )


SPECS: tuple[ModelSpec, ...] = tuple(_spec(name, published) for name, published in _PUBLISHED.items())
