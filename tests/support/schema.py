"""The validator that edgevit itself uses, under the name that tests know."""

from __future__ import annotations

from edgevit.schemas.validation import violations

__all__ = ["violations"]
