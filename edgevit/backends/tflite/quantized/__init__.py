"""Quantized files: graph passes that write the codes of encoded parameters where their values stood."""

from __future__ import annotations

from edgevit.backends.tflite.quantized.encode import encode

__all__ = ["encode"]
