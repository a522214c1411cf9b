"""Ranges of activations for a quantized network: observers are tried, and the one that costs least is taken."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from torch import nn

from edgevit.errors import InputError
from edgevit.quantize.fidelity import answer, compare_answers
from edgevit.quantize.grid import activation_grid
from edgevit.quantize.layers import Pixels, network_inputs, weighted_layers
from edgevit.quantize.model import ActivationRange, QuantizedModel
from edgevit.quantize.observers import choose_range
from edgevit.quantize.ranges import Seen, observe
from edgevit.quantize.schemes import ActivationFormat, Observer
from edgevit.quantize.simulation import simulated
from edgevit.threads import one_thread
from edgevit.types import EventSink

__all__ = ["calibrated"]

_PERCENTILE = 99.99
"""Of the percentile that is tried; at 99.9, trained networks lose 3 to 7 dB."""

_TRIED = (Observer.MIN_MAX, Observer.PERCENTILE, Observer.MSE)

Ranges = Mapping[str, ActivationRange]


def calibrated(
    quantized: QuantizedModel, images: Pixels | None, *, core_ml: bool = False, on_event: EventSink | None = None
) -> QuantizedModel:
    """Return the network with the ranges that its scheme's activations need: none for most schemes.

    Args:
        quantized: Without ranges.
        images: uint8 (N, H, W, 3), like those that the network will see.
        core_ml: Scales are half-precision numbers, and what linear layers return has no integers.
        on_event: Receives progress, stage ``calibrate``.

    Raises:
        InputError: Ranges are needed, and the images are missing or do not fit.
    """
    fmt = quantized.form.activations
    if fmt is None or fmt.dynamic:
        return quantized
    if images is None or not len(images):
        raise InputError(
            "This scheme quantizes activations, whose ranges come from images.",
            help="Give a folder of images like those the app will see, with --calib DIR.",
        )
    seen = observe(quantized.source, images, counting=fmt.observer is not Observer.MIN_MAX, on_event=on_event)
    options = [_with_ranges(quantized, seen, each, core_ml=core_ml) for each in _formats(fmt)]
    return options[0] if len(options) == 1 else _closest(options, images)


def _formats(fmt: ActivationFormat) -> list[ActivationFormat]:
    if fmt.observer is not Observer.BEST:
        return [fmt]
    return [dataclasses.replace(fmt, observer=observer, percentile=_PERCENTILE) for observer in _TRIED]


def _closest(options: list[QuantizedModel], images: Pixels) -> QuantizedModel:
    """Return the option whose answers to the images have the least noise."""
    source = options[0].source

    def decibels(network: nn.Module) -> float:
        after = answer(network, source.head, network_inputs(source, images))
        return compare_answers(before, after, source.head).sqnr_db

    with one_thread():
        before = answer(source.module, source.head, network_inputs(source, images))
        return max(options, key=lambda option: decibels(simulated(option)))


def _with_ranges(quantized: QuantizedModel, seen: Seen, fmt: ActivationFormat, *, core_ml: bool) -> QuantizedModel:
    """Return the network with ranges for the layers that have codes."""
    layers = weighted_layers(quantized.source.module)
    inputs, outputs = (
        {name: choose_range(found, fmt) for name, found in part.items() if f"{name}.weight" in quantized.encodings}
        for part in (seen.inputs, seen.outputs)
    )
    if core_ml:
        inputs, outputs = _for_core_ml(inputs, outputs, layers, fmt)
    return dataclasses.replace(quantized, inputs=inputs, outputs=outputs)


def _for_core_ml(
    inputs: Ranges, outputs: Ranges, layers: Mapping[str, nn.Conv2d | nn.Linear], fmt: ActivationFormat
) -> tuple[dict[str, ActivationRange], dict[str, ActivationRange]]:
    """Return ranges whose scales half precision holds; what linear layers return is left out.

    Those are classifiers here: nothing reads their output in integers, and rounding it only makes ties.
    """
    hidden = {name: seen for name, seen in outputs.items() if not isinstance(layers[name], nn.Linear)}
    first, second = ({name: _in_halves(seen, fmt) for name, seen in found.items()} for found in (inputs, hidden))
    return first, second


def _in_halves(seen: ActivationRange, fmt: ActivationFormat) -> ActivationRange:
    scale = np.float32(activation_grid(seen, fmt).scale)
    half = np.float16(scale)
    if half < scale:
        half = np.nextafter(half, np.float16(np.inf))
    wider = float(half) / float(scale)
    return ActivationRange(seen.low * wider, seen.high * wider)
