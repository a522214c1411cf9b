"""How EfficientViT-M folds. Training and inference form have one structure, so each rule serves both."""

from __future__ import annotations

from torch import nn

from edgevit.models.efficientvit_m.attention import KEY_DIM, CascadedGroupAttention
from edgevit.models.efficientvit_m.blocks import ConvNorm, NormLinear, Residual
from edgevit.models.efficientvit_m.folded import FoldedGroupAttention
from edgevit.reparam.algebra import before, scale_rows, with_identity
from edgevit.reparam.fold import fold, folds
from edgevit.reparam.layers import affine_of, conv_bn_kernel, convolution_like, kernel_of, linear

__all__: list[str] = []


@folds(ConvNorm)
def _fold_conv_norm(layer: ConvNorm) -> nn.Module:
    return convolution_like(layer.c, conv_bn_kernel(layer.c, layer.bn))


@folds(NormLinear)
def _fold_norm_linear(layer: NormLinear) -> nn.Module:
    return linear(before(affine_of(layer.bn), kernel_of(layer.l)))


@folds(Residual)
def _fold_residual(block: Residual) -> nn.Module:
    """A residual around one convolution is that convolution with an identity in the centre of its kernel."""
    branch = fold(block.m)
    if isinstance(branch, nn.Conv2d):
        return convolution_like(branch, with_identity(kernel_of(branch)))
    return Residual(branch)


@folds(CascadedGroupAttention)
def _fold_attention(attention: CascadedGroupAttention) -> nn.Module:
    return FoldedGroupAttention(
        attention.attention_biases,
        attention.attention_bias_idxs,
        qkvs=nn.ModuleList(fold(layer) for layer in attention.qkvs),
        dws=nn.ModuleList(_scaled(fold(layer)) for layer in attention.dws),
        proj=fold(attention.proj),
    )


def _scaled(layer: nn.Module) -> nn.Conv2d:
    """Return a depthwise convolution over queries with the scale of the attention scores in its weights."""
    if not isinstance(layer, nn.Conv2d):
        raise TypeError(f"a query convolution folded to {type(layer).__name__}")
    kernel = kernel_of(layer)
    return convolution_like(layer, scale_rows(kernel, kernel.bias.new_tensor(KEY_DIM**-0.5)))
