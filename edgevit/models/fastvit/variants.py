"""The seven FastViT variants as tables. Imports no torch.

Layouts are those of the authors' code (apple/ml-fastvit); parameters and multiply-accumulates were counted on it (the
paper lists fewer parameters, which the released code does not give). Accuracies are those of the repository's README.
"""

from __future__ import annotations

from dataclasses import dataclass

from edgevit.models.family import Counts, Family
from edgevit.models.sizes import SizeRule
from edgevit.types import ModelSpec

__all__ = ["FAMILY", "LAYOUTS", "SPECS", "Layout"]


FAMILY = Family(
    name="fastvit",
    title="FastViT",
    suffix=str.upper,
    prefix="fastvit_",
    native_size=(256, 256),
    size_rule=SizeRule(
        "any height and width from 32 to 2048 (32 is one token in the last stage; attention cost grows with the area "
        "squared)",
        minimum=32,
        maximum=2048,
    ),
    licence="Apple Sample Code License (apple-ascl)",
    readme="apple/ml-fastvit README",
    paper="arXiv:2303.14189",
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

    counts: Counts
    crop_pct: float
    top1: float
    distilled_top1: float


_PUBLISHED: dict[str, _Published] = {
    "fastvit_t8": _Published(Counts(4_026_232, 690_149_376, 3_992_392), 0.9, 76.2, 77.2),
    "fastvit_t12": _Published(Counts(7_553_704, 1_397_727_232, 7_502_952), 0.9, 79.3, 80.3),
    "fastvit_s12": _Published(Counts(9_473_576, 1_800_380_416, 9_422_824), 0.9, 79.9, 81.1),
    "fastvit_sa12": _Published(Counts(11_580_968, 1_943_937_024, 11_539_432), 0.9, 80.9, 81.9),
    "fastvit_sa24": _Published(Counts(21_554_216, 3_769_966_592, 21_489_512), 0.9, 82.7, 83.4),
    "fastvit_sa36": _Published(Counts(31_527_464, 5_595_996_160, 31_439_592), 0.95, 83.6, 84.2),
    "fastvit_ma36": _Published(Counts(44_068_004, 7_825_709_056, 43_963_656), 0.95, 83.9, 84.6),
}


def _spec(name: str, published: _Published) -> ModelSpec:
    releases = (
        FAMILY.release(name, "apple_in1k", published.top1),
        FAMILY.release(name, "apple_dist_in1k", published.distilled_top1),
    )
    return FAMILY.spec(name, published.counts, top1=published.top1, releases=releases, crop_pct=published.crop_pct)


SPECS: tuple[ModelSpec, ...] = tuple(_spec(name, published) for name, published in _PUBLISHED.items())
