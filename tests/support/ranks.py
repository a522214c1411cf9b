"""How many dimensions the tensors inside a network have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

__all__ = ["highest_rank"]


class _Ranks(TorchFunctionMode):
    def __init__(self) -> None:
        super().__init__()
        self.highest = 0

    def __torch_function__(
        self,
        func: Callable[..., Any],
        _: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for value in result if isinstance(result, tuple) else (result,):
            if isinstance(value, Tensor):
                self.highest = max(self.highest, value.dim())
        return result


def highest_rank(network: nn.Module, x: Tensor) -> int:
    """Return the highest rank of what any function returns while ``network`` runs on ``x``."""
    with torch.no_grad(), _Ranks() as ranks:
        network(x)
        highest: int = ranks.highest
    return highest
