"""A network whose numbers went through half precision, as a Core ML package's do."""

from __future__ import annotations

import copy

from torch import nn

__all__ = ["half_weights"]


def half_weights(module: nn.Module) -> nn.Module:
    """Return a float32 copy of ``module`` with all parameters and buffers rounded to half precision.

    What has a number beyond its range stays as it is: such weights can only be kept in float32.
    """
    module = copy.deepcopy(module)
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            halves = tensor.data.half().float()
            if halves.isfinite().all():
                tensor.data = halves
    return module
