"""Folding rules of Next-ViT: afterwards no batch normalization is left.

Every convolution absorbs the norm behind it. A norm before an MLP or an attention moves into the 1x1 convolution or
linear layers that follow, since averaging tokens to keys commutes with a per-channel affine. Where a norm was folded
before, an identity stands in its place, and folding again changes nothing.
"""

from __future__ import annotations

from torch import nn

from edgevit.models.nextvit.blocks import (
    ConvBlock,
    ConvNormAct,
    EfficientAttention,
    GroupedConvAttention,
    Mlp,
    PatchEmbed,
    TransformerBlock,
)
from edgevit.models.nextvit.net import NextViT
from edgevit.reparam.algebra import Affine, Kernel, before, scale_rows
from edgevit.reparam.embedding import embedding_is_lost
from edgevit.reparam.fold import fold, folds, with_children
from edgevit.reparam.layers import affine_of, conv_bn_kernel, convolution, convolution_like, kernel_of, linear
from edgevit.types import Head

__all__: list[str] = []


@folds(ConvNormAct)
def _conv_norm_act(module: ConvNormAct) -> nn.Module:
    children = _folded_children(module)
    if isinstance(module.norm, nn.BatchNorm2d):
        children["conv"] = convolution_like(module.conv, conv_bn_kernel(module.conv, module.norm))
        children["norm"] = nn.Identity()
    return with_children(module, children)


@folds(PatchEmbed)
def _patch_embed(module: PatchEmbed) -> nn.Module:
    children = _folded_children(module)
    if isinstance(module.conv, nn.Conv2d) and isinstance(module.norm, nn.BatchNorm2d):
        children["conv"] = convolution_like(module.conv, conv_bn_kernel(module.conv, module.norm))
        children["norm"] = nn.Identity()
    return with_children(module, children)


@folds(GroupedConvAttention)
def _grouped_conv_attention(module: GroupedConvAttention) -> nn.Module:
    children = _folded_children(module)
    if isinstance(module.norm, nn.BatchNorm2d):
        convolution = module.group_conv3x3
        children["group_conv3x3"] = convolution_like(convolution, conv_bn_kernel(convolution, module.norm))
        children["norm"] = nn.Identity()
    return with_children(module, children)


@folds(ConvBlock)
def _conv_block(module: ConvBlock) -> nn.Module:
    children = _folded_children(module)
    if isinstance(module.norm, nn.BatchNorm2d):
        children["norm"] = nn.Identity()
        children["mlp"] = _mlp_after(affine_of(module.norm), module.mlp)
    return with_children(module, children)


@folds(TransformerBlock)
def _transformer_block(module: TransformerBlock) -> nn.Module:
    children = _folded_children(module)
    if isinstance(module.norm1, nn.BatchNorm2d):
        children["norm1"] = nn.Identity()
        children["e_mhsa"] = _attention_after(affine_of(module.norm1), module.e_mhsa)
    if isinstance(module.norm2, nn.BatchNorm2d):
        children["norm2"] = nn.Identity()
        children["mlp"] = _mlp_after(affine_of(module.norm2), module.mlp)
    return with_children(module, children)


@folds(NextViT)
def _network(module: NextViT) -> nn.Module:
    children = _folded_children(module)
    if module.output is Head.EMBEDDING and isinstance(module.norm, nn.Identity):
        raise embedding_is_lost("Next-ViT")
    if isinstance(module.norm, nn.BatchNorm2d):
        children |= _classifier_after(affine_of(module.norm), module)
    return with_children(module, children)


def _classifier_after(affine: Affine, network: NextViT) -> dict[str, nn.Module]:
    """Return what replaces the last norm and, where logits are the output, the classifier behind the mean pool."""
    if network.output is not Head.LOGITS:
        # The embedding is read behind the norm. As a depthwise convolution the norm stays one plain operator.
        channels = Kernel(affine.scale[:, None, None, None], affine.shift)
        return {"norm": convolution(channels, groups=network.norm.num_features)}
    classifier = network.proj_head[0]
    if not isinstance(classifier, nn.Linear):
        raise TypeError(f"the classifier is a {type(classifier).__name__}, not a linear layer")
    return {
        "norm": nn.Identity(),
        "proj_head": nn.Sequential(linear(before(affine, kernel_of(classifier)))),
    }


def _mlp_after(affine: Affine, mlp: Mlp) -> Mlp:
    """Return ``mlp`` reading ``affine(x)``."""
    children = _folded_children(mlp)
    children["conv1"] = convolution_like(mlp.conv1, before(affine, kernel_of(mlp.conv1)))
    return with_children(mlp, children)


def _attention_after(affine: Affine, attention: EfficientAttention) -> EfficientAttention:
    """Return ``attention`` reading ``affine(x)``, with its own norm, if any, and its query scale folded too."""

    def key_or_value(layer: nn.Linear) -> nn.Linear:
        kernel = kernel_of(layer)
        if isinstance(attention.norm, nn.BatchNorm1d):
            kernel = before(affine_of(attention.norm), kernel)
        return linear(before(affine, kernel))

    query = before(affine, kernel_of(attention.q))
    children = _folded_children(attention)
    children["q"] = linear(scale_rows(query, query.weight.new_tensor(attention.scale)))
    children["k"], children["v"] = key_or_value(attention.k), key_or_value(attention.v)
    children["norm"] = nn.Identity()
    folded = with_children(attention, children)
    folded.scale = 1.0
    return folded


def _folded_children(module: nn.Module) -> dict[str, nn.Module]:
    return {name: fold(child) for name, child in module.named_children()}
