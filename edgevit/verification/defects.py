"""Structural signs of known converter defects, found by reading the program.

coremltools 9.0 fuses ``x * w + b`` into a ``batch_norm`` with mean 0 and variance 1 but leaves the default epsilon, so
the result is scaled by 1 / sqrt(1 + 1e-5) (``fuse_elementwise_to_batchnorm``). The error, 5e-6 for each such
operation, is too small for a PSNR floor; its pattern is easy to see.
"""

from __future__ import annotations

import numpy as np

from edgevit.verification.constants import Constants
from edgevit.verification.program import Operation

__all__ = ["find_defects"]

_HARMLESS_EPSILON = 1e-9
_DEFAULT_EPSILON = 1e-5


def find_defects(constants: Constants) -> tuple[str, ...]:
    """Return one sentence for each kind of suspicious operation of a function; empty when there is none."""
    fused = [
        operation.name
        for operation in constants.function.operations
        if operation.type == "batch_norm" and _is_affine_in_disguise(operation, constants)
    ]
    if not fused:
        return ()
    return (
        f"{len(fused)} batch_norm operations have mean 0, variance 1 and an epsilon, first '{fused[0]}': a converter "
        "fused x * w + b wrongly, which scales the result by 1 / sqrt(1 + epsilon).",
    )


def _is_affine_in_disguise(operation: Operation, constants: Constants) -> bool:
    mean, variance, epsilon = (constants.parameter(operation, name) for name in ("mean", "variance", "epsilon"))
    if mean is None or variance is None:
        return False
    value = _DEFAULT_EPSILON if epsilon is None else float(epsilon.item())
    return bool(np.all(mean == 0) and np.all(variance == 1) and value > _HARMLESS_EPSILON)
