"""A digest of weights that have no file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from torch import Tensor

__all__ = ["state_digest"]


def state_digest(state: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of a state dict: names, shapes, types and bytes, in the order of names."""
    total = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().contiguous()
        total.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
        total.update(tensor.numpy().tobytes())
    return total.hexdigest()
