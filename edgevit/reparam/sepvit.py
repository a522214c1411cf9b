"""Folding rules of SepViT.

Layer norms stay, but those whose output only linear layers read lose their affine. The first norm of a block keeps
it, because the attention adds the normalized tokens to its result, and so do the norms of patch embeddings, which feed
the residual stream. Folding a folded network again changes nothing.
"""

from __future__ import annotations

from torch import nn

from edgevit.models.sepvit.blocks import Block, PositionalConv, SeparableAttention
from edgevit.models.sepvit.net import SepViT
from edgevit.reparam.algebra import Affine, before, scale_rows, with_identity
from edgevit.reparam.embedding import embedding_is_lost
from edgevit.reparam.fold import fold, folds, with_children
from edgevit.reparam.layers import convolution_like, kernel_of, linear
from edgevit.types import Head

__all__: list[str] = []


@folds(PositionalConv)
def _positional_conv(module: PositionalConv) -> nn.Module:
    convolution = module.proj[0]
    if not isinstance(convolution, nn.Conv2d):
        raise TypeError(f"the positional encoding is a {type(convolution).__name__}, not a convolution")
    return convolution_like(convolution, with_identity(kernel_of(convolution)))


@folds(SeparableAttention)
def _separable_attention(module: SeparableAttention) -> nn.Module:
    children = {name: fold(child) for name, child in module.named_children()}
    children["DSA_qkv"] = _with_scaled_queries(module.DSA_qkv, module)
    if module.grid.count > 1:
        children["PSA_qk"] = _with_scaled_queries(module.PSA_qk, module)
    folded = with_children(module, children)
    folded.scale = 1.0
    return folded


@folds(Block)
def _block(module: Block) -> nn.Module:
    children = {name: fold(child) for name, child in module.named_children()}
    if module.norm2.elementwise_affine:
        fc1 = linear(before(_affine(module.norm2), kernel_of(module.mlp.fc1)))
        children["mlp"] = with_children(module.mlp, dict(children["mlp"].named_children()) | {"fc1": fc1})
        children["norm2"] = _without_affine(module.norm2)
    folded = with_children(module, children)
    if module.grid.count > 1:
        # The window tokens do not depend on the image, so neither does their norm.
        folded.win_tokens = nn.Parameter(module.normalized_window_tokens().detach().clone())
        folded.window_tokens_are_normalized = True
    return folded


@folds(SepViT)
def _network(module: SepViT) -> nn.Module:
    children = {name: fold(child) for name, child in module.named_children()}
    if module.output is Head.EMBEDDING and not module.norm.elementwise_affine:
        raise embedding_is_lost("SepViT")
    if module.output is Head.LOGITS and module.norm.elementwise_affine:
        # The mean over positions commutes with a per-channel affine.
        children["norm"] = _without_affine(module.norm)
        children["head"] = linear(before(_affine(module.norm), kernel_of(module.head)))
    return with_children(module, children)


def _with_scaled_queries(layer: nn.Linear, attention: SeparableAttention) -> nn.Linear:
    """Return a projection whose first C output channels, the queries, carry the attention scale."""
    kernel = kernel_of(layer)
    scale = kernel.bias.new_ones(kernel.bias.shape)
    scale[: attention.grid.channels] = attention.scale
    return linear(scale_rows(kernel, scale))


def _affine(norm: nn.LayerNorm) -> Affine:
    return Affine(norm.weight.detach(), norm.bias.detach())


def _without_affine(norm: nn.LayerNorm) -> nn.LayerNorm:
    return nn.LayerNorm(norm.normalized_shape, eps=norm.eps, elementwise_affine=False).eval()
