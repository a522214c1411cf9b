"""What an app developer receives: a template's constant files, and this build's data in its slots. Imports no torch."""

from __future__ import annotations

from edgevit.sdk.ios import write_ios_package

__all__ = ["write_ios_package"]
