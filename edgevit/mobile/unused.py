"""Leaving out what the chosen output does not need: the classifier of a network that returns embeddings or maps."""

from __future__ import annotations

from contextlib import ExitStack

import torch
from torch import Tensor, nn

__all__ = ["drop_unused"]


@torch.no_grad()
def drop_unused(network: nn.Module, example: Tensor) -> None:
    """Replace the modules with parameters that never run by ``nn.Identity``, in place; outputs stay what they are.

    What does not run is not in the file either, so it has no weights to quantize and reads nothing to calibrate with.

    Args:
        network: In eval mode.
        example: What it reads, (1, 3, H, W).
    """
    leaves = {
        name: module
        for name, module in network.named_modules()
        if not any(True for _ in module.children()) and any(True for _ in module.parameters())
    }
    ran: set[nn.Module] = set()
    with ExitStack() as hooks:
        for module in leaves.values():
            hooks.callback(module.register_forward_hook(lambda module, *_: ran.add(module)).remove)
        network(example)
    for name, module in leaves.items():
        if module not in ran:
            network.set_submodule(name, nn.Identity())
