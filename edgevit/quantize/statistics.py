"""What quantization knows of a network from images: what its layers read, and how much its answers follow them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from edgevit.quantize.importance import Sensitivities, channel_sensitivities
from edgevit.quantize.layers import Pixels
from edgevit.quantize.moments import Moments, input_moments
from edgevit.quantize.schemes import FormatScheme
from edgevit.types import AdaptedModel

__all__ = ["LayerStatistics", "layer_statistics"]


@dataclass(frozen=True, slots=True, eq=False)
class LayerStatistics:
    """Of a network's layers, by name; see the modules that make each.

    Attributes:
        moments: Of what each layer reads.
        sensitivities: Of the answers to each output channel; empty where no palette was asked for.
    """

    moments: Moments = field(default_factory=dict)
    sensitivities: Sensitivities = field(default_factory=dict)


def layer_statistics(adapted: AdaptedModel, images: Pixels, schemes: Iterable[FormatScheme]) -> LayerStatistics:
    """Return what the given schemes need to know.

    Args:
        adapted: The source network; left as it is.
        images: uint8 (N, H, W, 3), like those that the network will see.
        schemes: What will be done to it; palettes want gradients, which take longer than all else.

    Raises:
        InputError: The images do not fit the network, or make it compute values that are not finite.
    """
    moments = input_moments(adapted, images)
    return LayerStatistics(moments, channel_sensitivities(adapted, images) if _palettes(schemes) else {})


def _palettes(schemes: Iterable[FormatScheme]) -> bool:
    return any(scheme.weights is not None and scheme.weights.encoding == "palette" for scheme in schemes)
