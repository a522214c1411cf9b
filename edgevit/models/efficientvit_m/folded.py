"""EfficientViT-M's attention with its norms and query scale folded; :mod:`edgevit.reparam.efficientvit_m` makes it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from edgevit.models.efficientvit_m.attention import KEY_DIM

__all__ = ["FoldedGroupAttention"]


class FoldedGroupAttention(nn.Module):
    """Cascaded group attention of plain convolutions; the query scale is in the depthwise convolutions ``dws``.

    The bias table stays a table, so that a folded checkpoint is as small as a fused one; gathering it is a rewrite for
    phones.
    """

    def __init__(
        self,
        attention_biases: Tensor,
        attention_bias_idxs: Tensor,
        qkvs: nn.ModuleList,
        dws: nn.ModuleList,
        proj: nn.Module,
    ) -> None:
        super().__init__()
        self.side = round(attention_bias_idxs.shape[0] ** 0.5)
        self.attention_biases = nn.Parameter(attention_biases.detach().clone())
        self.attention_bias_idxs: Tensor
        self.register_buffer("attention_bias_idxs", attention_bias_idxs.clone())
        self.qkvs = qkvs
        self.dws = dws
        self.proj = proj

    def biases(self) -> Tensor:
        """Return the bias of each head for each pair of positions, (heads, side^2, side^2)."""
        return self.attention_biases[:, self.attention_bias_idxs]

    def forward(self, x: Tensor) -> Tensor:
        """Return the attended windows (B, C, side, side)."""
        biases = self.biases()
        outputs: list[Tensor] = []
        for head, chunk in enumerate(x.chunk(len(self.qkvs), 1)):
            outputs.append(self._head(head, chunk + outputs[-1] if outputs else chunk, biases[head]))
        y: Tensor = self.proj(torch.cat(outputs, 1))
        return y

    def _head(self, head: int, x: Tensor, bias: Tensor) -> Tensor:
        qkv = self.qkvs[head](x)
        q, k, v = qkv[:, :KEY_DIM], qkv[:, KEY_DIM : 2 * KEY_DIM], qkv[:, 2 * KEY_DIM :]
        weights = (self.dws[head](q).flatten(2).transpose(-2, -1) @ k.flatten(2) + bias).softmax(dim=-1)
        mixed = v.flatten(2) @ weights.transpose(-2, -1)
        return torch.unflatten(mixed, 2, (self.side, self.side))
