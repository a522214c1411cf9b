"""Normalization, with the epsilon exactly as the file stores it (half in fp16 programs)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from edgevit.verification.ops.registry import Arguments, op

__all__: list[str] = []


@op("batch_norm")
def _batch_norm(args: Arguments) -> Tensor:
    """Return ``gamma * (x - mean) / sqrt(variance + epsilon) + beta`` along axis 1."""
    return F.batch_norm(
        args.tensor("x"),
        args.tensor("mean"),
        args.tensor("variance"),
        args.optional("gamma"),
        args.optional("beta"),
        training=False,
        eps=args.number("epsilon", 1e-5),
    )


@op("instance_norm")
def _instance_norm(args: Arguments) -> Tensor:
    """Each channel of each image by its own mean and variance."""
    weight, bias = args.optional("gamma"), args.optional("beta")
    return F.instance_norm(args.tensor("x"), weight=weight, bias=bias, eps=args.number("epsilon", 1e-5))


@op("layer_norm")
def _layer_norm(args: Arguments) -> Tensor:
    """Normalization over any axes; gamma and beta have the shape of those axes."""
    x = args.tensor("x")
    axes = sorted(axis % x.dim() for axis in args.integers("axes", range(x.dim())))
    centred = x - x.mean(axes, keepdim=True)
    variance = centred.square().mean(axes, keepdim=True)
    result = centred / (variance + args.number("epsilon", 1e-5)).sqrt()
    shape = [size if axis in axes else 1 for axis, size in enumerate(x.shape)]
    gamma, beta = args.optional("gamma"), args.optional("beta")
    if gamma is not None:
        result = result * gamma.reshape(shape)
    return result if beta is None else result + beta.reshape(shape)


@op("l2_norm")
def _l2_norm(args: Arguments) -> Tensor:
    """Return ``x / sqrt(sum x^2 + epsilon)`` over the last three axes."""
    x = args.tensor("x")
    return x / (x.square().sum((-3, -2, -1), keepdim=True) + args.number("epsilon", 1e-6)).sqrt()
