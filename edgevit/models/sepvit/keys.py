"""Names of timm's SepViT releases: there are none. Imports no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgevit.types import ModelSpec

__all__ = ["timm_to_official"]


def timm_to_official(keys: Iterable[str], spec: ModelSpec) -> dict[str, str]:  # noqa: ARG001 - every family's signature
    """Return each name mapped to itself: timm has no SepViT, so there are no other names than the official ones."""
    return {key: key for key in keys}
