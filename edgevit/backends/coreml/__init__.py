"""Core ML: ML Programs written through coremltools, reproducible byte for byte."""

from __future__ import annotations

from edgevit.backends.coreml.convert import convert
from edgevit.backends.coreml.package import count_ops
from edgevit.backends.coreml.toolchain import preload

__all__ = ["convert", "count_ops", "preload"]
