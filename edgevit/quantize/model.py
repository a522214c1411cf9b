"""The network after quantization: what it computes with, the codes behind it, and what was left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edgevit.quantize.encoding import Encoding
from edgevit.quantize.schemes import FormatScheme
from edgevit.types import AdaptedModel, SkippedWeight

__all__ = ["ActivationRange", "QuantizedModel", "SkippedWeight"]


@dataclass(frozen=True, slots=True)
class ActivationRange:
    """Smallest and largest value that an activation is stored with."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class QuantizedModel:
    """A network whose weights lie on their grids, for one file format.

    Attributes:
        source: The adapted network, untouched.
        model: The same with every encoded parameter replaced by the values that its codes stand for (a copy).
        scheme: Name of the scheme.
        form: The scheme in the file format.
        encodings: Parameter name -> codes; every other parameter stays in half precision.
        inputs: Layer name -> range of what the layer reads; empty where activations are not quantized. A layer
            with encoded weights that is missing here computes in floating point.
        outputs: Layer name -> range of what the layer returns.
        skipped: Weights that the scheme left alone, with reasons.
        calibration: Digest of the images that ranges come from; empty without any.
    """

    source: AdaptedModel
    model: AdaptedModel
    scheme: str
    form: FormatScheme
    encodings: Mapping[str, Encoding]
    inputs: Mapping[str, ActivationRange]
    outputs: Mapping[str, ActivationRange]
    skipped: tuple[SkippedWeight, ...]
    calibration: str = ""
