"""Matrix products and attention."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from edgevit.verification.ops.registry import Arguments, op

__all__: list[str] = []


@op("linear")
def _linear(args: Arguments) -> Tensor:
    """Return ``x W^T + b``, with W (out, in)."""
    return F.linear(args.tensor("x"), args.tensor("weight"), args.optional("bias"))


@op("matmul")
def _matmul(args: Arguments) -> Tensor:
    """Batched matrix product, each side transposed on demand."""
    x, y = args.tensor("x"), args.tensor("y")
    if args.flag("transpose_x"):
        x = x.transpose(-1, -2)
    if args.flag("transpose_y"):
        y = y.transpose(-1, -2)
    return torch.matmul(x, y)


@op("einsum")
def _einsum(args: Arguments) -> Tensor:
    """Einstein summation of two tensors."""
    return torch.einsum(args.text("equation"), *args.tensors("values"))


@op("scaled_dot_product_attention")
def _attention(args: Arguments) -> Tensor:
    """Return softmax(q k^T / sqrt(d) + mask) v; a boolean mask keeps where it is true (iOS 18)."""
    query, key, value = args.tensor("query"), args.tensor("key"), args.tensor("value")
    return F.scaled_dot_product_attention(query, key, value, args.optional("attn_mask"))
