"""The JSON Schemas of what leaves edgevit and comes back to it.

They outlive releases: a change that breaks readers gets a new number.
"""

from __future__ import annotations

import json
from importlib import resources

__all__ = ["REPORT", "SDK", "load_schema"]

REPORT = "edgevit-report-1"
"""What a probe on a device writes."""

SDK = "edgevit-sdk-1"
"""``edgevit.json`` in every SDK."""


def load_schema(name: str) -> dict[str, object]:
    """Return a schema by its name."""
    text = (resources.files(__name__) / f"{name}.schema.json").read_text(encoding="utf-8")
    schema: dict[str, object] = json.loads(text)
    return schema
