"""How far two results of one function are apart."""

from __future__ import annotations

from torch import Tensor

__all__ = ["relative_difference"]

Output = Tensor | tuple[Tensor, ...]


def relative_difference(expected: Output, actual: Output) -> float:
    """Return max |actual - expected| / max |expected|, the largest over the outputs where there are several.

    Any NaN makes the result NaN, so compare with ``not error <= tolerance``.

    Raises:
        ValueError: The outputs differ in number or shape.
    """
    errors = []
    for e, a in zip(_as_tuple(expected), _as_tuple(actual), strict=True):
        if e.shape != a.shape:
            raise ValueError(f"shapes differ: {tuple(e.shape)} and {tuple(a.shape)}")
        errors.append((a - e).abs().max() / e.abs().max().clamp_min(1e-30))
    return max(float(error) for error in errors)


def _as_tuple(output: Output) -> tuple[Tensor, ...]:
    return output if isinstance(output, tuple) else (output,)
