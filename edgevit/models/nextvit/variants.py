"""The three Next-ViT variants as tables. Imports no torch.

Layouts are those of the authors' code (bytedance/Next-ViT); parameters and multiply-accumulates were counted on it at
224x224. Accuracies are those of the repository's README.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgevit.models.sizes import SizeRule
from edgevit.types import ModelSpec, Preprocessing, PretrainedRelease

if TYPE_CHECKING:
    from edgevit.types import Size

__all__ = ["LAYOUTS", "SIZE_RULE", "SPECS", "Layout", "check_size"]

_LICENCE = "Apache-2.0"
_README = "bytedance/Next-ViT README"
_NATIVE: Size = (224, 224)
_LARGE: Size = (384, 384)

SIZE_RULE = SizeRule(
    "any height and width from 32 to 2048 (below 32 the attention of stages 2 and 3 has no keys left; where a stage's "
    "token count is not a multiple of its pooling factor, the last tokens are no keys, as published)",
    minimum=32,
    maximum=2048,
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

    params: int
    macs: int
    folded_params: int
    top1: tuple[float, float, float, float]


_PUBLISHED: dict[str, _Published] = {
    "nextvit_small": _Published(31_763_368, 5_794_420_224, 31_731_720, (82.5, 83.6, 84.8, 85.8)),
    "nextvit_base": _Published(44_818_856, 8_273_817_088, 44_771_592, (83.2, 84.3, 85.1, 86.1)),
    "nextvit_large": _Published(57_874_344, 10_753_213_952, 57_811_464, (83.6, 84.7, 85.4, 86.4)),
}

_RELEASES: tuple[tuple[str, Size], ...] = (
    ("bd_in1k", _NATIVE),
    ("bd_in1k_384", _LARGE),
    ("bd_ssld_6m_in1k", _NATIVE),
    ("bd_ssld_6m_in1k_384", _LARGE),
)


def check_size(name: str, size: Size) -> None:
    """Return when ``name`` can be built for ``size``.

    Raises:
        UnsupportedError: It cannot; the message names the nearest valid sizes.
    """
    SIZE_RULE.check(_title(name), size)


def _title(name: str) -> str:
    return f"Next-ViT-{name.removeprefix('nextvit_').capitalize()}"


def _release(name: str, tag: str, size: Size, top1: float) -> PretrainedRelease:
    return PretrainedRelease(
        tag=tag,
        repo=f"timm/{name}.{tag}",
        filename="model.safetensors",
        key_style="timm",
        input_size=size,
        licence=_LICENCE,
        top1=top1,
        top1_source=_README,
    )


def _spec(name: str, published: _Published) -> ModelSpec:
    return ModelSpec(
        name=name,
        family="nextvit",
        title=_title(name),
        params=published.params,
        macs=published.macs,
        folded_params=published.folded_params,
        preprocessing=Preprocessing(crop_pct=0.875),
        native_size=_NATIVE,
        size_rule=SIZE_RULE.text,
        licence=_LICENCE,
        paper="arXiv:2207.05501",
        top1=published.top1[0],
        top1_source=_README,
        releases=tuple(
            _release(name, tag, size, top1) for (tag, size), top1 in zip(_RELEASES, published.top1, strict=True)
        ),
        input_size=_NATIVE,
    )


SPECS: tuple[ModelSpec, ...] = tuple(_spec(name, published) for name, published in _PUBLISHED.items())
