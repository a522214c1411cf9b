"""Variants as test parameters: the large ones are marked slow."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from edgevit.models.registry import list_models
from edgevit.types import ModelSpec

__all__ = ["family_params", "variant_params"]

_LARGE = 3e9
"""Multiply-accumulates from which running a network is too slow for the quick tests."""


def variant_params(specs: Iterable[ModelSpec]) -> list[object]:
    """Return one parameter a spec, with its name as id; those that take seconds to run are marked slow."""
    return [pytest.param(spec, id=spec.name, marks=[pytest.mark.slow] if spec.macs > _LARGE else []) for spec in specs]


def family_params(*families: str) -> list[object]:
    """Return the parameters of all variants of some families."""
    return variant_params(spec for spec in list_models() if spec.family in families)
