"""Rescaling SepViT by a power of two, so that no layer-norm epsilon is lost in half precision.

The published epsilons, 1e-6 and 1e-5, are below half precision's smallest normal number, 6.1e-5; an accelerator may
flush them to zero. A layer norm of ``c * x`` with epsilon ``c**2 * eps`` equals that of ``x`` with ``eps``. So maps
inside the network run at ``c`` times their value, and so do the normalized tokens within the attention, at no cost:
weights and biases absorb the factor, and as a power of two it rounds nothing.
"""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import nn

from edgevit.mobile.rewrite import Shape, rewrites
from edgevit.models.sepvit.blocks import Block, PatchEmbed, SeparableAttention
from edgevit.models.sepvit.net import SepViT

__all__ = ["STREAM_SCALE"]

_ModuleT = TypeVar("_ModuleT", bound=nn.Module)

STREAM_SCALE = 8.0
"""Smallest power of two that lifts 1e-6 above the smallest normal half: 64e-6 > 61.04e-6."""


@rewrites(
    SepViT,
    name="layer-norm-epsilon",
    reason="epsilons of 1e-6 and 1e-5 are subnormal in half precision, and accelerators may flush them to zero",
)
@torch.no_grad()
def _rescale(module: SepViT, _: Shape) -> nn.Module:
    network = copy.deepcopy(module)
    for stage, embed in enumerate(network.patch_embeds):
        _scale_patch_embed(_typed(embed, PatchEmbed), reads_image=stage == 0)
    for position in network.pos_block:
        _scale(_typed(position, nn.Conv2d).bias)
    for blocks in network.blocks:
        for block in _typed(blocks, nn.ModuleList):
            _scale_block(_typed(block, Block))
    _scale_epsilon(network.norm)
    network.stream_scale = module.stream_scale * STREAM_SCALE
    return network


def _scale_patch_embed(embed: PatchEmbed, *, reads_image: bool) -> None:
    if reads_image:
        _scale(embed.proj.weight)
    _scale(embed.proj.bias)
    _scale_epsilon(embed.norm)
    _scale(embed.norm.weight)
    _scale(embed.norm.bias)


def _scale_block(block: Block) -> None:
    for norm in (block.norm1, block.norm2):
        _scale_epsilon(norm)
    _scale(block.norm1.weight)
    _scale(block.norm1.bias)
    if block.grid.count > 1:
        _scale(block.win_tokens)
    _scale_attention(block.attn)
    _scale(block.mlp.fc2.weight)
    _scale(block.mlp.fc2.bias)


def _scale_attention(attention: SeparableAttention) -> None:
    """Let the attention read and return scaled tokens: queries and keys keep their values, values are scaled."""
    values = 2 * attention.grid.channels
    attention.DSA_qkv.weight[:values].div_(STREAM_SCALE)
    _scale(attention.DSA_qkv.bias[values:])
    if attention.grid.count > 1:
        _scale_epsilon(attention.win_tokens_norm)
    _scale(attention.proj.bias)


def _scale_epsilon(norm: nn.LayerNorm) -> None:
    norm.eps *= STREAM_SCALE**2


def _scale(tensor: torch.Tensor | None) -> None:
    if tensor is not None:
        tensor.mul_(STREAM_SCALE)


def _typed(module: nn.Module, kind: type[_ModuleT]) -> _ModuleT:
    if not isinstance(module, kind):
        raise TypeError(f"{type(module).__name__} is no {kind.__name__}: fold the network first")
    return module
