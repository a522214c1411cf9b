"""How FastViT folds. Every rule takes the training form or, where they differ, the authors' inference form."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from edgevit.models.fastvit.blocks import (
    HEAD_DIM,
    Attention,
    AttentionBlock,
    ConvFfn,
    ConvNorm,
    LargeKernelConv,
    MobileOneBlock,
    PositionalEncoding,
    RepMixer,
    RepMixerBlock,
)
from edgevit.models.fastvit.folded import FoldedAttention, FoldedAttentionBlock, FoldedConvFfn, FoldedRepMixerBlock
from edgevit.models.fastvit.fused import FusedConv, FusedLargeKernelConv, FusedMobileOneBlock
from edgevit.reparam.algebra import Kernel, add, after, before, identity_kernel, pad_kernel, scale_rows, with_identity
from edgevit.reparam.fold import fold, folds
from edgevit.reparam.layers import affine_of, conv_bn_kernel, convolution, convolution_like, kernel_of, linear

__all__: list[str] = []


def _conv_norm_kernel(branch: ConvNorm) -> Kernel:
    return conv_bn_kernel(branch.conv, branch.bn)


def _mobile_one_kernel(block: MobileOneBlock) -> Kernel:
    """Return the sum of the branches of a block as one kernel of the size of the largest."""
    main = cast("ConvNorm", block.rbr_conv[0])
    weight = main.conv.weight
    size = weight.shape[-1]
    branches = [_conv_norm_kernel(main)]
    if block.rbr_scale is not None:
        branches.append(pad_kernel(_conv_norm_kernel(block.rbr_scale), size))
    if block.rbr_skip is not None:
        identity = identity_kernel(weight.shape[0], size, groups=main.conv.groups, like=weight)
        branches.append(after(identity, affine_of(block.rbr_skip)))
    return add(*branches)


@folds(MobileOneBlock)
def _fold_mobile_one(block: MobileOneBlock) -> nn.Module:
    main = cast("ConvNorm", block.rbr_conv[0])
    conv = convolution_like(main.conv, _mobile_one_kernel(block))
    return FusedMobileOneBlock(conv, se=fold(block.se), activation=fold(block.activation))


@folds(RepMixer)
def _fold_rep_mixer(mixer: RepMixer) -> nn.Module:
    kernel = _mobile_one_kernel(mixer.mixer)
    channels, size = kernel.weight.shape[0], kernel.weight.shape[-1]
    identity = identity_kernel(channels, size, groups=channels, like=kernel.weight)
    norm = after(identity, affine_of(mixer.norm.rbr_skip))
    scale = _vector(mixer.layer_scale)
    difference = add(scale_rows(kernel, scale), scale_rows(norm, -scale))
    return FusedConv(convolution(with_identity(difference), groups=channels))


@folds(LargeKernelConv)
def _fold_large_kernel(block: LargeKernelConv) -> nn.Module:
    large = _conv_norm_kernel(block.lkb_origin)
    small = pad_kernel(_conv_norm_kernel(block.small_conv), large.weight.shape[-1])
    return FusedLargeKernelConv(convolution_like(block.lkb_origin.conv, add(large, small)))


@folds(PositionalEncoding)
def _fold_positional_encoding(block: PositionalEncoding) -> nn.Module:
    return FusedConv(convolution_like(block.pe, with_identity(kernel_of(block.pe))))


@folds(RepMixerBlock)
def _fold_rep_mixer_block(block: RepMixerBlock) -> nn.Module:
    return FoldedRepMixerBlock(fold(block.token_mixer), _folded_ffn(block.convffn, block.layer_scale))


@folds(AttentionBlock)
def _fold_attention_block(block: AttentionBlock) -> nn.Module:
    attention = _folded_attention(block.token_mixer, block.norm, block.layer_scale_1)
    return FoldedAttentionBlock(attention, _folded_ffn(block.convffn, block.layer_scale_2))


def _folded_attention(attention: Attention, norm: nn.BatchNorm2d, layer_scale: Tensor) -> FoldedAttention:
    """Return attention that takes the map as it is before the norm; its layer scale is in the projection."""
    qkv = before(affine_of(norm), kernel_of(attention.qkv))
    scale = qkv.bias.new_ones(qkv.bias.shape)
    scale[: len(scale) // 3] = HEAD_DIM**-0.5
    proj = scale_rows(kernel_of(attention.proj), _vector(layer_scale))
    return FoldedAttention(linear(scale_rows(qkv, scale)), linear(proj))


def _folded_ffn(ffn: ConvFfn, layer_scale: Tensor) -> FoldedConvFfn:
    depthwise = convolution_like(ffn.conv.conv, _conv_norm_kernel(ffn.conv))
    fc2 = scale_rows(kernel_of(ffn.fc2), _vector(layer_scale))
    return FoldedConvFfn(depthwise, convolution(kernel_of(ffn.fc1)), convolution(fc2))


def _vector(layer_scale: Tensor) -> Tensor:
    """Return a layer scale (C, 1, 1) as (C,)."""
    return layer_scale.detach().flatten()
