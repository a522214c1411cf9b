"""Stochastic depth: residual branches that are left out at random while training (Huang et al., arXiv:1603.09382)."""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["DropPath"]


class DropPath(nn.Module):
    """Drops its input per sample with probability ``rate`` while training; the identity in eval mode.

    Args:
        rate: 0 <= rate < 1. Kept samples are divided by ``1 - rate``, so that the expectation stays.
    """

    def __init__(self, rate: float = 0.0) -> None:
        super().__init__()
        if not 0 <= rate < 1:
            raise ValueError(f"a drop rate of {rate} is outside [0, 1)")
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` (B, ...), with some samples zeroed while training."""
        if not self.training or self.rate == 0:
            return x
        keep = 1 - self.rate
        mask = x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(keep)
        return x * mask / keep
