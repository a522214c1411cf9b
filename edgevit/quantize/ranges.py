"""Ranges of what each layer reads and returns, over calibration images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from edgevit.errors import InputError
from edgevit.quantize.layers import Pixels, network_inputs, weighted_layers
from edgevit.quantize.model import ActivationRange
from edgevit.quantize.observers import Histogram, choose_range
from edgevit.quantize.schemes import ActivationFormat, Observer
from edgevit.threads import one_thread
from edgevit.types import AdaptedModel, Event, EventSink

__all__ = ["observe"]

_STAGE = "calibrate"

Ranges = Mapping[str, ActivationRange]


def observe(
    adapted: AdaptedModel, images: Pixels, fmt: ActivationFormat, *, on_event: EventSink | None = None
) -> tuple[Ranges, Ranges]:
    """Return the range of what every convolution and linear layer reads, and of what it returns, by layer name.

    A layer that runs several times on one image has one range over all its runs; one that never runs has none. The
    same images in another order give the same ranges.

    Args:
        adapted: Network to watch.
        images: uint8 (N, H, W, 3), RGB, at the network's input size.
        fmt: How activations are stored; says the observer.
        on_event: Receives progress, stage ``calibrate``.

    Raises:
        InputError: The images do not fit the network, or make it compute values that are not finite.
    """
    seen = _Seen(counting=fmt.observer is not Observer.MIN_MAX)
    with one_thread(), torch.no_grad(), _watched(adapted.module, seen):
        for index, values in enumerate(network_inputs(adapted, images)):
            seen.image = index
            adapted.module(values)
            if on_event is not None:
                on_event(Event(_STAGE, "progress", f"Image {index + 1} of {len(images)}", (index + 1) / len(images)))
    return _chosen(seen.inputs, fmt), _chosen(seen.outputs, fmt)


@dataclass
class _Seen:
    """Histograms by layer name, and which image is run."""

    counting: bool
    inputs: dict[str, Histogram] = field(default_factory=dict)
    outputs: dict[str, Histogram] = field(default_factory=dict)
    image: int = 0

    def add(self, histograms: dict[str, Histogram], layer: str, values: Tensor) -> None:
        try:
            histograms.setdefault(layer, Histogram(counting=self.counting)).add(values)
        except ValueError as error:
            raise InputError(
                f"The network computes values that are not finite on calibration image {self.image + 1}.",
                why=f"First at the layer '{layer}'.",
                help="Check the weights: ranges cannot be found for a network that overflows in float32.",
            ) from error


@contextmanager
def _watched(module: nn.Module, seen: _Seen) -> Iterator[None]:
    """Let every layer report what it reads and returns."""
    with ExitStack() as hooks:
        for name, layer in weighted_layers(module).items():
            hooks.callback(layer.register_forward_hook(_hook(name, seen)).remove)
        yield


def _hook(name: str, seen: _Seen) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
    def report(_: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        seen.add(seen.inputs, name, inputs[0])
        seen.add(seen.outputs, name, output)

    return report


def _chosen(histograms: Mapping[str, Histogram], fmt: ActivationFormat) -> Ranges:
    return {name: choose_range(histogram, fmt) for name, histogram in histograms.items()}
