"""Lowerings by ATen overload: which function emits which operator of an exported network."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, TypeVar

import torch

from edgevit.backends.tflite.layout import Value

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LOWERINGS", "Result", "lowers"]

Result = Value | torch.Tensor | tuple[Value, ...] | list[Value]
"""What a lowering returns: a value, a constant, or several values for operators with several outputs."""

ParamsT = ParamSpec("ParamsT")
ResultT = TypeVar("ResultT", bound=Result)

LOWERINGS: dict[str, Callable[..., Result]] = {}
"""``aten.<operator>.<overload>`` -> lowering, called with the emitter and the call's own arguments.

Values stand for computed tensors, :class:`torch.Tensor` for constants; other arguments are Python's.
"""


def lowers(*overloads: str) -> Callable[[Callable[ParamsT, ResultT]], Callable[ParamsT, ResultT]]:
    """Register the decorated function as the lowering of ATen overloads such as ``aten.conv2d.default``.

    Its first parameter is the emitter; the others are those of the overload's schema, keyword arguments by name. It
    raises :class:`~edgevit.backends.tflite.emitter.Refusal` with the reason where it cannot express the call.

    Raises:
        ValueError: An overload has a lowering already.
    """

    def register(function: Callable[ParamsT, ResultT]) -> Callable[ParamsT, ResultT]:
        for overload in overloads:
            if overload in LOWERINGS:
                raise ValueError(f"{overload} has a lowering already")
            LOWERINGS[overload] = function
        return function

    return register
