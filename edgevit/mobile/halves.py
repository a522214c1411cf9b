"""A network whose numbers went through half precision, as a Core ML package's do."""

from __future__ import annotations

import copy

from torch import nn

__all__ = ["half_weights"]

_SMALLEST_NORMAL = 2.0**-14


def half_weights(module: nn.Module) -> nn.Module:
    """Return a float32 copy of ``module`` with all parameters and buffers rounded to half precision.

    Tensors that it cannot hold, with a number beyond its range or only subnormal ones, stay as they are: in a file that
    computes rightly, they are in float32.
    """
    module = copy.deepcopy(module)
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            halves = tensor.data.half().float()
            if halves.isfinite().all() and not 0.0 < tensor.data.abs().max() < _SMALLEST_NORMAL:
                tensor.data = halves
    return module
