"""What each layer reads and returns over calibration images: histograms, which ranges are chosen from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from edgevit.errors import InputError
from edgevit.quantize.floors import floors
from edgevit.quantize.layers import Pixels, network_inputs, weighted_layers
from edgevit.quantize.observers import Histogram
from edgevit.threads import one_thread
from edgevit.types import AdaptedModel, Event, EventSink

__all__ = ["Seen", "observe"]

_STAGE = "calibrate"


def observe(adapted: AdaptedModel, images: Pixels, *, counting: bool = True, on_event: EventSink | None = None) -> Seen:
    """Return what every convolution and linear layer reads, and what it returns, as histograms by layer name.

    A layer that runs several times on one image has one histogram over all its runs; one that never runs has none. What
    lies below a layer's floor (:mod:`edgevit.quantize.floors`) counts as if on it. The same images in another order
    give the same histograms.

    Args:
        adapted: Network to watch.
        images: uint8 (N, H, W, 3), RGB, at the network's input size.
        counting: Whether values are counted; without, only the extremes are known, and it is much faster.
        on_event: Receives progress, stage ``calibrate``.

    Raises:
        InputError: The images do not fit the network, or make it compute values that are not finite.
    """
    seen = Seen(counting)
    least = floors(adapted.module, next(network_inputs(adapted, images)))
    with one_thread(), torch.no_grad(), _watched(adapted.module, seen, least):
        for index, values in enumerate(network_inputs(adapted, images)):
            seen.image = index
            adapted.module(values)
            if on_event is not None:
                on_event(Event(_STAGE, "progress", f"Image {index + 1} of {len(images)}", (index + 1) / len(images)))
    return seen


@dataclass
class Seen:
    """Values over images.

    Attributes:
        counting: Whether histograms count.
        inputs: Layer name -> what it reads.
        outputs: Layer name -> what it returns.
        image: Which one is run.
    """

    counting: bool
    inputs: dict[str, Histogram] = field(default_factory=dict)
    outputs: dict[str, Histogram] = field(default_factory=dict)
    image: int = 0

    def add(self, histograms: dict[str, Histogram], layer: str, values: Tensor) -> None:
        """Add values to one of the histograms.

        Raises:
            InputError: A value is not finite.
        """
        try:
            histograms.setdefault(layer, Histogram(counting=self.counting)).add(values)
        except ValueError as error:
            raise InputError(
                f"The network computes values that are not finite on calibration image {self.image + 1}.",
                why=f"First at the layer '{layer}'.",
                help="Check the weights: ranges cannot be found for a network that overflows in float32.",
            ) from error


@contextmanager
def _watched(module: nn.Module, seen: Seen, least: Mapping[str, float]) -> Iterator[None]:
    """Let every layer report what it reads and returns."""
    with ExitStack() as hooks:
        for name, layer in weighted_layers(module).items():
            hooks.callback(layer.register_forward_hook(_hook(name, seen, least.get(name))).remove)
        yield


def _hook(name: str, seen: Seen, least: float | None) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
    def report(_: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        seen.add(seen.inputs, name, inputs[0])
        seen.add(seen.outputs, name, output if least is None else output.clamp(min=least))

    return report
