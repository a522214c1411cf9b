"""How timm names EfficientViT-M's tensors. Imports no torch.

timm leaves out ``attention_bias_idxs``, which the official files hold; :mod:`edgevit.models.efficientvit_m.adapt` puts
it back. Checked against timm 1.0.31, both forms of all six variants.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from edgevit.models.efficientvit_m.variants import LAYOUTS
from edgevit.models.keys import rename_keys

if TYPE_CHECKING:
    from edgevit.types import ModelSpec

__all__ = ["timm_to_official"]

_STEM_AND_HEAD = (
    ("patch_embed.conv1.", "patch_embed.0."),
    ("patch_embed.conv2.", "patch_embed.2."),
    ("patch_embed.conv3.", "patch_embed.4."),
    ("patch_embed.conv4.", "patch_embed.6."),
    ("stages.0.blocks.", "blocks1."),
    ("head.linear.", "head.l."),
)

_DOWN_SAMPLING = ("res1", "patchmerge", "res2")
"""timm's names of the three entries that precede the blocks of stages 2 and 3."""

_PARTS = ((".conv.", ".c."),)


def timm_to_official(keys: Iterable[str], spec: ModelSpec) -> dict[str, str]:
    """Return the official name of each timm name, training and fused form alike; unknown names stay."""
    prefixes = list(_STEM_AND_HEAD)
    for stage, depth in enumerate(LAYOUTS[spec.name].depths[1:], start=1):
        official = f"blocks{stage + 1}"
        prefixes += [
            (f"stages.{stage}.downsample.{name}.", f"{official}.{i}.") for i, name in enumerate(_DOWN_SAMPLING)
        ]
        prefixes += [
            (f"stages.{stage}.blocks.{block}.", f"{official}.{block + len(_DOWN_SAMPLING)}.") for block in range(depth)
        ]
    # head.bn and the fused head have the same name on both sides.
    return rename_keys(keys, prefixes=(*prefixes, ("head.", "head.")), parts=_PARTS)
