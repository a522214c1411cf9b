"""Folding rules of Next-ViT: afterwards no batch normalization is left.

Every convolution absorbs the norm behind it. A norm before an MLP or an attention moves into the 1x1 convolution or
linear layers that follow, since averaging tokens to keys commutes with a per-channel affine.
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
from edgevit.reparam.fold import fold, folds, with_children
from edgevit.reparam.layers import affine_of, conv_bn_kernel, convolution, convolution_like, kernel_of, linear
from edgevit.types import Head

__all__: list[str] = []


@folds(ConvNormAct)
def _conv_norm_act(module: ConvNormAct) -> nn.Module:
    convolution = convolution_like(module.conv, conv_bn_kernel(module.conv, module.norm))
    return with_children(module, {"conv": convolution, "norm": nn.Identity(), "act": fold(module.act)})


@folds(PatchEmbed)
def _patch_embed(module: PatchEmbed) -> nn.Module:
    if not isinstance(module.conv, nn.Conv2d) or not isinstance(module.norm, nn.BatchNorm2d):
        return with_children(module, {name: fold(child) for name, child in module.named_children()})
    convolution = convolution_like(module.conv, conv_bn_kernel(module.conv, module.norm))
    return with_children(module, {"pool": fold(module.pool), "conv": convolution, "norm": nn.Identity()})


@folds(GroupedConvAttention)
def _grouped_conv_attention(module: GroupedConvAttention) -> nn.Module:
    children = {name: fold(child) for name, child in module.named_children()}
    children["group_conv3x3"] = convolution_like(
        module.group_conv3x3, conv_bn_kernel(module.group_conv3x3, module.norm)
    )
    children["norm"] = nn.Identity()
    return with_children(module, children)


@folds(ConvBlock)
def _conv_block(module: ConvBlock) -> nn.Module:
    children = {name: fold(child) for name, child in module.named_children()}
    children["norm"] = nn.Identity()
    children["mlp"] = _mlp_after(affine_of(module.norm), module.mlp)
    return with_children(module, children)


@folds(TransformerBlock)
def _transformer_block(module: TransformerBlock) -> nn.Module:
    children = {name: fold(child) for name, child in module.named_children()}
    children["norm1"], children["norm2"] = nn.Identity(), nn.Identity()
    children["e_mhsa"] = _attention_after(affine_of(module.norm1), module.e_mhsa)
    children["mlp"] = _mlp_after(affine_of(module.norm2), module.mlp)
    return with_children(module, children)


@folds(NextViT)
def _network(module: NextViT) -> nn.Module:
    children = {name: fold(child) for name, child in module.named_children()}
    affine = affine_of(module.norm)
    if module.output is Head.LOGITS:
        classifier = module.proj_head[0]
        if not isinstance(classifier, nn.Linear):
            raise TypeError(f"the classifier is a {type(classifier).__name__}, not a linear layer")
        children["norm"] = nn.Identity()
        children["proj_head"] = nn.Sequential(linear(before(affine, kernel_of(classifier))))
    else:
        # The embedding is read behind the norm. As a depthwise convolution the norm stays one plain operator.
        children["norm"] = convolution(
            Kernel(affine.scale[:, None, None, None], affine.shift), groups=module.norm.num_features
        )
    return with_children(module, children)


def _mlp_after(affine: Affine, mlp: Mlp) -> Mlp:
    """Return ``mlp`` reading ``affine(x)``."""
    children = {name: fold(child) for name, child in mlp.named_children()}
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
    children = {name: fold(child) for name, child in attention.named_children()}
    children["q"] = linear(scale_rows(query, query.weight.new_tensor(attention.scale)))
    children["k"], children["v"] = key_or_value(attention.k), key_or_value(attention.v)
    children["norm"] = nn.Identity()
    folded = with_children(attention, children)
    folded.scale = 1.0
    return folded
