"""How timm names FastViT's tensors. Imports no torch.

The official files hold weights alone, under exactly the names of :mod:`edgevit.models.fastvit.net`; nothing has to be
adapted, whichever of the two forms they have. Checked against timm 1.0.31, both forms of all seven variants.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from edgevit.models.fastvit.variants import LAYOUTS
from edgevit.models.keys import rename_keys

if TYPE_CHECKING:
    from edgevit.types import ModelSpec

__all__ = ["timm_to_official"]

_PREFIXES = (
    ("stem.", "patch_embed."),
    ("stages.0.blocks.", "network.0."),
    ("stages.1.downsample.", "network.1."),
    ("stages.1.blocks.", "network.2."),
    ("stages.2.downsample.", "network.3."),
    ("stages.2.blocks.", "network.4."),
    ("stages.3.downsample.", "network.5."),
    ("final_conv.", "conv_exp."),
    ("head.fc.", "head."),
)

_STAGE_4 = {
    False: (("stages.3.blocks.", "network.6."),),
    True: (
        ("stages.3.pos_emb.pos_enc.", "network.6.pe."),
        ("stages.3.pos_emb.", "network.6."),
        ("stages.3.blocks.", "network.7."),
    ),
}
"""By whether the stage begins with a positional encoding, which is an entry of the official list of its own."""

_PARTS = (
    (".conv_kxk.", ".rbr_conv."),
    (".conv_scale.", ".rbr_scale."),
    (".identity.", ".rbr_skip."),
    (".large_conv.", ".lkb_origin."),
    (".proj.0.reparam_conv.", ".proj.0.lkb_reparam."),
    (".mlp.", ".convffn."),
    (".se.fc1.", ".se.reduce."),
    (".se.fc2.", ".se.expand."),
    (".layer_scale.gamma", ".layer_scale"),
    (".layer_scale_1.gamma", ".layer_scale_1"),
    (".layer_scale_2.gamma", ".layer_scale_2"),
)


def timm_to_official(keys: Iterable[str], spec: ModelSpec) -> dict[str, str]:
    """Return the official name of each timm name, training and fused form alike; unknown names stay."""
    return rename_keys(keys, prefixes=(*_PREFIXES, *_STAGE_4[LAYOUTS[spec.name].attention]), parts=_PARTS)
