"""A scheme applied to an adapted network: which weights are encoded, and the network that computes with them."""

from __future__ import annotations

import copy
import dataclasses
import difflib
import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from edgevit.errors import UsageError
from edgevit.quantize.calibrate import calibrated
from edgevit.quantize.compensate import compensated
from edgevit.quantize.encoding import Encoding
from edgevit.quantize.importance import importance
from edgevit.quantize.layers import Pixels, weighted_layers
from edgevit.quantize.linear import ScaleType, has_subnormal_scales
from edgevit.quantize.model import QuantizedModel, SkippedWeight
from edgevit.quantize.products import is_product
from edgevit.quantize.schemes import FormatScheme, Granularity, Scheme, WeightFormat, format_scheme
from edgevit.quantize.statistics import LayerStatistics, layer_statistics
from edgevit.quantize.weights import encode
from edgevit.types import AdaptedModel, Event, EventSink

__all__ = ["kept_layers", "quantize"]

LEAST_SAVING = 512
"""Bytes that codes must save against half precision; below, tables and records eat the gain."""

_WITHOUT_SCALES = {
    8: WeightFormat("palette", 8, granularity=Granularity.TENSOR),
    4: WeightFormat("palette", 4, granularity=Granularity.BLOCK, block=16),
}
"""Bits -> what stores a weight instead of scales that half precision holds as subnormal numbers only; for the same
iOS as scales of that width."""

_WITHOUT_BLOCKS = WeightFormat("linear", 8)
"""Instead of blocks where TFLite's runtime has none: everywhere but in matrix products."""

_TFLITE_SCALES = {
    Granularity.TENSOR: ScaleType.SINGLE,
    Granularity.CHANNEL: ScaleType.SINGLE,
    Granularity.BLOCK: ScaleType.SHORT,
}

LEAST_SHARE = 4e-4
"""The same as a share of all weights. Small layers, mostly depthwise, are sensitive: on a trained FastViT-T8, leaving
those in half precision that would save less adds 0.5 % of bytes and 6.6 dB (``pal6``), 6.0 dB (``pal4-grouped``)."""

Layers = Mapping[str, nn.Conv2d | nn.Linear]


def quantize(
    adapted: AdaptedModel,
    scheme: Scheme,
    form: str,
    *,
    calibration: Pixels | None = None,
    calibration_digest: str = "",
    statistics: LayerStatistics | None = None,
    keep: Sequence[str] = (),
    on_event: EventSink | None = None,
) -> QuantizedModel:
    """Return the network with the weights of its convolutions and linear layers on the scheme's grids.

    Args:
        adapted: Network for the file format; left as it is.
        scheme: What to do.
        form: ``mlpackage`` or ``tflite``.
        calibration: Images (N, H, W, 3) of the network's input size. Ranges of activations need them, and a layer's
            codes are chosen together on them, see :mod:`edgevit.quantize.compensate`.
        calibration_digest: Of these images, for the record.
        statistics: What :func:`~edgevit.quantize.statistics.layer_statistics` returns for these images, where that is
            known.
        keep: Patterns of layer names (``fnmatch``, ``stages.3.*``) that stay in half precision.
        on_event: Receives progress.

    Raises:
        UnsupportedError: The scheme does not exist for the format.
        UsageError: A pattern in ``keep`` matches no layer.
        InputError: The scheme needs images and got none.
    """
    chosen = format_scheme(scheme, form)
    layers = weighted_layers(adapted.module)
    kept = kept_layers(layers, keep)
    if chosen.weights is None:
        return QuantizedModel(adapted, adapted, scheme.name, chosen, {}, {}, {}, ())
    total = sum(2 * layer.weight.numel() for layer in layers.values())
    if calibration is not None and statistics is None:
        statistics = layer_statistics(adapted, calibration, [chosen])
    known = statistics or LayerStatistics()
    weights = _Weights(chosen, form == "mlpackage", max(LEAST_SAVING, LEAST_SHARE * total), known)
    for place, (name, layer) in enumerate(layers.items()):
        _tell(on_event, f"Encoding {name}", place / len(layers))
        weights.add(name, layer, kept=name in kept)
    skipped = (*weights.skipped, *_other_tensors(adapted.module, layers))
    model = _with_values(adapted, weights.encodings)
    found = QuantizedModel(adapted, model, scheme.name, chosen, weights.encodings, {}, {}, skipped, calibration_digest)
    if statistics is not None:
        found = compensated(found, statistics.moments, on_event=on_event)
    return calibrated(found, calibration, core_ml=form == "mlpackage", on_event=on_event)


def kept_layers(layers: Layers, patterns: Sequence[str]) -> set[str]:
    """Return the names that match a pattern.

    Raises:
        UsageError: A pattern matches none.
    """
    kept: set[str] = set()
    for pattern in patterns:
        matches = fnmatch.filter(layers, pattern)
        if not matches:
            close = difflib.get_close_matches(pattern, layers, n=1)
            hint = f"Did you mean '{close[0]}'? " if close else ""
            raise UsageError(
                f"No layer is called '{pattern}'.",
                help=f"{hint}Layers are named like '{next(iter(layers), '')}'; * and ? stand for any text and letter.",
            )
        kept.update(matches)
    return kept


@dataclass(slots=True)
class _Weights:
    """Encodings so far, and what was left alone."""

    scheme: FormatScheme
    core_ml: bool
    least_saving: float
    statistics: LayerStatistics
    encodings: dict[str, Encoding] = field(default_factory=dict)
    skipped: list[SkippedWeight] = field(default_factory=list)

    def add(self, layer: str, module: nn.Conv2d | nn.Linear, *, kept: bool) -> None:
        """Encode the weight of one layer, or note why not."""
        name, weight = f"{layer}.weight", module.weight
        encoding, reason = (None, "kept as asked") if kept else self._encoded(layer, module)
        if encoding is None:
            self.skipped.append(SkippedWeight(name, 2 * weight.numel(), reason))
        else:
            self.encodings[name] = encoding

    def _encoded(self, name: str, layer: nn.Conv2d | nn.Linear) -> tuple[Encoding | None, str]:
        weight, fmt = layer.weight, self.scheme.weights
        if fmt is None:
            return None, "the scheme keeps weights"
        values, floating = weight.detach().numpy(), self.scheme.activations is None
        if fmt.granularity is Granularity.BLOCK and not self.core_ml:
            fmt = fmt if is_product(layer) else _WITHOUT_BLOCKS
        shares = self._shares(name, weight)
        scales = ScaleType.HALF if self.core_ml else _TFLITE_SCALES[fmt.granularity]
        encoding = encode(values, fmt, scales=scales, importance=shares)
        if self.core_ml and floating and has_subnormal_scales(encoding):
            encoding = encode(values, _WITHOUT_SCALES[encoding.bits], importance=shares)
        saved = 2 * weight.numel() - encoding.size_bits // 8
        if floating and saved < self.least_saving:  # integer arithmetic wants every layer
            return None, f"would save {max(saved, 0)} bytes"
        return encoding, ""

    def _shares(self, name: str, weight: Tensor) -> NDArray[np.float64] | None:
        """Return how much each element counts, where that is known; gradients are for schemes of palettes alone."""
        if name not in self.statistics.moments:
            return None
        palette = self.scheme.weights is not None and self.scheme.weights.encoding == "palette"
        sensitivity = self.statistics.sensitivities.get(name) if palette else None
        return importance(weight, self.statistics.moments[name], sensitivity)


def _other_tensors(module: nn.Module, layers: Layers) -> Iterator[SkippedWeight]:
    """Yield the larger tensors that are no weights of layers."""
    weights = {f"{name}.weight" for name in layers}
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        if tensor.dim() >= 2 and 2 * tensor.numel() >= LEAST_SAVING and name not in weights:
            yield SkippedWeight(name, 2 * tensor.numel(), "no weight of a convolution or linear layer")


def _with_values(adapted: AdaptedModel, encodings: Mapping[str, Encoding]) -> AdaptedModel:
    """Return a copy whose encoded parameters are what their codes stand for."""
    module = copy.deepcopy(adapted.module)
    for name, encoding in encodings.items():
        module.get_parameter(name).data = torch.from_numpy(encoding.decode())
    return dataclasses.replace(adapted, module=module)


def _tell(on_event: EventSink | None, message: str, fraction: float) -> None:
    if on_event is not None:
        on_event(Event("quantize", "progress", message, fraction=fraction))
