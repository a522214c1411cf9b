"""Names of timm's Next-ViT releases. Imports no torch."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from edgevit.models.nextvit.variants import LAYOUTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgevit.types import ModelSpec

__all__ = ["timm_to_official"]

_BLOCK = re.compile(r"stages\.(\d+)\.blocks\.(\d+)\.(.+)")
_RENAMED = {"mlp.fc1.": "mlp.conv1.", "mlp.fc2.": "mlp.conv2."}


def timm_to_official(keys: Iterable[str], spec: ModelSpec) -> dict[str, str]:
    """Return the official name of each timm name; names that timm's Next-ViT does not have map to themselves.

    timm nests blocks by stage and numbers them from zero in each; the authors' code has one flat list.
    """
    starts = list(itertools.accumulate(LAYOUTS[spec.name].depths, initial=0))
    return {key: _official(key, starts) for key in keys}


def _official(key: str, starts: list[int]) -> str:
    if key.startswith("head.fc."):
        return key.replace("head.fc.", "proj_head.0.", 1)
    block = _BLOCK.fullmatch(key)
    if block is None or int(block[1]) >= len(starts) - 1:
        return key
    index = starts[int(block[1])] + int(block[2])
    prefix = next((name for name in _RENAMED if block[3].startswith(name)), "")
    return f"features.{index}.{_RENAMED.get(prefix, '')}{block[3].removeprefix(prefix)}"
