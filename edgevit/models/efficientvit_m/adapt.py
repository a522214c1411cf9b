"""What EfficientViT-M checkpoints need before they fit a network of this family at a given input size."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from edgevit.errors import CheckpointCorruptError
from edgevit.models.efficientvit_m.attention import Grid, bias_indices
from edgevit.models.efficientvit_m.net import stage_resolutions
from edgevit.types import ModelSpec

__all__ = ["adapt_state"]


def adapt_state(state: Mapping[str, Tensor], spec: ModelSpec) -> dict[str, Tensor]:
    """Return an official state dict as the network of ``spec`` holds it; the argument is left intact.

    Three quirks of the released files are dealt with, as the authors' loader does: attention-bias tables of another
    window side are resized bicubically, indices that depend on the size alone (and are absent from timm's files) are
    made anew, and 1x1 convolutions saved as matrices get their two unit axes.

    Args:
        state: Official names, training or inference form.
        spec: Resolved spec; its input size decides the window of each stage.

    Raises:
        CheckpointCorruptError: Stored indices have the right shape and other values than the architecture's.
    """
    adapted = {name: _with_unit_axes(name, value) for name, value in state.items()}
    for stage, resolution in enumerate(stage_resolutions(spec.input_size[0]), start=1):
        side = Grid.of(resolution).side
        for name in [n for n in state if n.startswith(f"blocks{stage}.") and n.endswith(".attention_biases")]:
            adapted[name] = _resized(adapted[name], side)
            _set_indices(adapted, name.removesuffix("attention_biases") + "attention_bias_idxs", side)
    return adapted


def _with_unit_axes(name: str, value: Tensor) -> Tensor:
    is_matrix = value.ndim == 2 and name.endswith(".weight") and not name.startswith("head.")
    return value[:, :, None, None] if is_matrix else value


def _resized(table: Tensor, side: int) -> Tensor:
    """Return a bias table (heads, R * R) for windows of ``side``; one that is no such table stays as it is."""
    if table.ndim != 2 or not table.is_floating_point():
        return table
    old = round(table.shape[1] ** 0.5)
    if old in (side, 0) or old * old != table.shape[1]:
        return table
    square = table.reshape(1, -1, old, old).float()
    resized = F.interpolate(square, size=(side, side), mode="bicubic", align_corners=False)
    return resized.reshape(-1, side * side).to(table.dtype)


def _set_indices(state: dict[str, Tensor], name: str, side: int) -> None:
    expected = bias_indices(side)
    stored = state.get(name)
    if stored is not None and stored.shape == expected.shape and not torch.equal(stored.to(expected.dtype), expected):
        raise CheckpointCorruptError(
            f"The checkpoint's '{name}' is not EfficientViT's.",
            why="The indices follow from the window size alone, and these differ.",
            help="Take an unmodified checkpoint, or remove this entry: edgevit computes it.",
        )
    state[name] = expected
