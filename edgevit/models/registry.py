"""Model names: what exists, what a name means, and what to say about names that mean nothing. Imports no torch."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
from typing import TYPE_CHECKING, cast

from edgevit.errors import UnknownModelError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgevit.models.base import ImageNet
    from edgevit.types import ModelSpec, Size

__all__ = ["FAMILIES", "MAX_CLASSES", "create", "get_spec", "list_models", "resolve"]

FAMILIES = ("fastvit", "efficientvit_m", "sepvit", "nextvit")
"""Packages below ``edgevit.models``, in the order in which they are listed. A family = one folder + this line."""

MAX_CLASSES = 100_000
"""Five times ImageNet-21k; a mistyped number must not ask the machine for terabytes."""

_AMBIGUOUS = {
    "efficientvit": "MIT and Microsoft both published a family named EfficientViT; edgevit has Microsoft's "
    "(Memory Efficient ViT with Cascaded Group Attention)."
}


def list_models() -> tuple[ModelSpec, ...]:
    """Return the specs of all variants at their native sizes, grouped by family."""
    return tuple(spec for family in FAMILIES for spec in _variants(family).SPECS)


def get_spec(name: str) -> ModelSpec:
    """Return the spec of one variant.

    Raises:
        UnknownModelError: No such name; the message offers the nearest ones.
    """
    specs = {spec.name: spec for spec in list_models()}
    if name in specs:
        return specs[name]
    if name in _AMBIGUOUS:
        choices = ", ".join(spec for spec in specs if spec.startswith(name))
        raise UnknownModelError(f"'{name}' is ambiguous.", why=_AMBIGUOUS[name], help=f"Use one of: {choices}.")
    close = difflib.get_close_matches(name.lower().replace("-", "_"), specs, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(close)}? " if close else ""
    raise UnknownModelError(f"There is no model named '{name}'.", help=f"{hint}'edgevit list' shows all models.")


def resolve(name: str, *, num_classes: int | None = None, input_size: int | Size | None = None) -> ModelSpec:
    """Return the spec of ``name`` at the given class count and input size, both checked.

    Raises:
        UnknownModelError: No such name.
        UsageError: ``num_classes`` below 1 or above :data:`MAX_CLASSES`.
        UnsupportedError: The architecture does not allow the size; the nearest valid ones are named.
    """
    spec = get_spec(name)
    size = spec.native_size if input_size is None else _as_size(input_size)
    _variants(spec.family).FAMILY.check_size(spec.name, size)
    classes = 1000 if num_classes is None else num_classes
    if not 1 <= classes <= MAX_CLASSES:
        raise UsageError(f"The number of classes must be at least 1 and at most {MAX_CLASSES}, not {classes}.")
    return dataclasses.replace(spec, input_size=size, num_classes=classes)


def create(spec: ModelSpec, *, fused: bool = False) -> ImageNet:
    """Return the network of a resolved spec in eval mode, with torch's default random initialisation.

    Args:
        spec: From :func:`resolve`.
        fused: Build the official fused (inference) form instead of the training form.

    Raises:
        UnsupportedError: The family has no fused form of its own.
    """
    net = importlib.import_module(f"edgevit.models.{spec.family}.net")
    factory = cast("Callable[..., ImageNet]", net.create)
    return factory(spec, fused=fused).eval()


def _as_size(value: int | Size) -> Size:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _variants(family: str) -> _Variants:
    return cast("_Variants", importlib.import_module(f"edgevit.models.{family}.variants"))


if TYPE_CHECKING:
    from typing import Protocol

    from edgevit.models.family import Family

    class _Variants(Protocol):
        """What ``edgevit.models.<family>.variants`` offers."""

        FAMILY: Family
        SPECS: tuple[ModelSpec, ...]
