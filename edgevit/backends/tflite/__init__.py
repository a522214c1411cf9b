"""TFLite: files written straight from exported networks, reproducible byte for byte."""

from __future__ import annotations

from edgevit.backends.tflite.convert import convert
from edgevit.backends.tflite.emission import emit
from edgevit.backends.tflite.emitter import Runtime

__all__ = ["Runtime", "convert", "emit"]
