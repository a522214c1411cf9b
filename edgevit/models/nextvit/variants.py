"""The three Next-ViT variants as tables. Imports no torch.

Layouts are those of the authors' code (bytedance/Next-ViT); parameters and multiply-accumulates were counted on it at
224x224. Accuracies are those of the repository's README.
"""

from __future__ import annotations

from dataclasses import dataclass

from edgevit.models.family import Counts, Family
from edgevit.models.sizes import SizeRule
from edgevit.types import ModelSpec

__all__ = ["FAMILY", "LAYOUTS", "SPECS", "Layout"]

_LARGE = (384, 384)

FAMILY = Family(
    name="nextvit",
    title="Next-ViT",
    suffix=str.capitalize,
    prefix="nextvit_",
    native_size=(224, 224),
    size_rule=SizeRule(
        "any height and width from 32 to 2048 (below 32 the attention of stages 2 and 3 has no keys left; where a "
        "stage's token count is not a multiple of its pooling factor, the last tokens are no keys, as published)",
        minimum=32,
        maximum=2048,
    ),
    licence="Apache-2.0",
    readme="bytedance/Next-ViT README",
    paper="arXiv:2207.05501",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """What distinguishes one variant from another.

    Attributes:
        groups: Groups of four convolution blocks and one transformer block in stage 3.
    """

    groups: int

    @property
    def depths(self) -> tuple[int, int, int, int]:
        """Blocks in each of the four stages."""
        return (3, 4, 5 * self.groups, 3)

    @property
    def blocks(self) -> str:
        """Kinds of all blocks in order, ``C`` for convolution and ``T`` for transformer, a space between stages."""
        return " ".join(["CCC", "CCCT", "CCCCT" * self.groups, "CCT"])


LAYOUTS: dict[str, Layout] = {
    "nextvit_small": Layout(groups=2),
    "nextvit_base": Layout(groups=4),
    "nextvit_large": Layout(groups=6),
}


@dataclass(frozen=True, slots=True)
class _Published:
    """Counts of the authors' code, and its README's top-1 of four releases, in percent.

    Attributes:
        top1: Trained on ImageNet-1k at 224 and 384, then on ImageNet-1k with SSLD's six million images at both.
    """

    counts: Counts
    top1: tuple[float, float, float, float]


_PUBLISHED: dict[str, _Published] = {
    "nextvit_small": _Published(Counts(31_763_368, 5_794_420_224, 31_731_720), (82.5, 83.6, 84.8, 85.8)),
    "nextvit_base": _Published(Counts(44_818_856, 8_273_817_088, 44_771_592), (83.2, 84.3, 85.1, 86.1)),
    "nextvit_large": _Published(Counts(57_874_344, 10_753_213_952, 57_811_464), (83.6, 84.7, 85.4, 86.4)),
}

_RELEASES = (
    ("bd_in1k", FAMILY.native_size),
    ("bd_in1k_384", _LARGE),
    ("bd_ssld_6m_in1k", FAMILY.native_size),
    ("bd_ssld_6m_in1k_384", _LARGE),
)


def _spec(name: str, published: _Published) -> ModelSpec:
    pairs = zip(_RELEASES, published.top1, strict=True)
    releases = tuple(FAMILY.release(name, tag, top1, size) for (tag, size), top1 in pairs)
    return FAMILY.spec(name, published.counts, top1=published.top1[0], releases=releases)


SPECS: tuple[ModelSpec, ...] = tuple(_spec(name, published) for name, published in _PUBLISHED.items())
