"""How much the error of each weight costs the network: what a palette, which many weights share, is made for.

A palette has few values for all weights of some output channels, so it matters for whom they are good. A weight's error
adds to its channel's result as much as its input is large, and an error of the channel costs as much as the network's
outputs follow it: their squared gradient (as in Kim et al. 2023, SqueezeLLM, arXiv:2306.07629). That paper takes the
gradient of the loss for each element alone. Here it is that of the outputs (Gauss and Newton's approximation), since a
trained network's loss is nearly flat for most images, and it is pooled over a channel's weights, which few images
estimate well, and spread by the mean square of the inputs. Codes need nothing of this: rows are rounded one by one, see
:mod:`edgevit.quantize.compensate`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.func import functional_call

from edgevit.errors import InputError
from edgevit.quantize.layers import Pixels, network_inputs, weighted_layers
from edgevit.threads import one_thread
from edgevit.types import AdaptedModel, Head

__all__ = ["Sensitivities", "channel_sensitivities", "importance"]

_DAMPING = 0.01
"""Of the mean: keeps what few images say from being believed too much."""

_IMAGES = 32
"""Of those given, evenly spread: each costs a forward and two backward passes."""

_SIGNS = 2
"""Random signs for each image's outputs."""

_SMALLEST_PROBABILITY = 1e-30
"""Softmax in float32 gives 0 below about 1e-45; smaller probabilities count as this."""

Sensitivities = Mapping[str, Tensor]
"""Layer -> (O,) float64: for each output channel the squared gradient of the outputs, summed over its weights."""


def channel_sensitivities(adapted: AdaptedModel, images: Pixels) -> Sensitivities:
    """Return how much the network's outputs follow each output channel of its layers.

    Outputs are summed with random signs, seeded: the squared gradient of such a sum is that of all outputs, on average.
    Logits count up to what all of an image share.

    Args:
        adapted: The source network; left as it is.
        images: uint8 (N, H, W, 3), like those that the network will see.

    Raises:
        InputError: The images do not fit the network, or make its gradients overflow.
    """
    module, generator = adapted.module, torch.Generator().manual_seed(0)
    layers = weighted_layers(module)
    weights = {f"{name}.weight": layer.weight.detach().requires_grad_() for name, layer in layers.items()}
    chosen = images[np.unique(np.arange(_IMAGES) * len(images) // _IMAGES)] if len(images) else images
    sums = [torch.zeros(len(weight), dtype=torch.float64) for weight in weights.values()]
    with one_thread(), torch.enable_grad():
        for values in network_inputs(adapted, chosen):
            outputs = _comparable(functional_call(module, weights, (values,)), adapted.head)
            for left in reversed(range(_SIGNS)):
                signs = torch.randint(0, 2, outputs.shape, generator=generator) * 2 - 1
                found = torch.autograd.grad((outputs * signs).sum(), list(weights.values()), retain_graph=left > 0)
                squares = [gradient.flatten(1).double().square().sum(1) for gradient in found]
                sums = [total + each for total, each in zip(sums, squares, strict=True)]
    if not all(bool(torch.isfinite(total).all()) for total in sums):
        raise InputError(
            "The network's gradients are not finite on the calibration images.",
            help="Check the weights, and the images.",
        )
    return {name: total / (_SIGNS * len(chosen)) for name, total in zip(layers, sums, strict=True)}


def importance(weight: Tensor, moments: Tensor, sensitivity: Tensor | None = None) -> NDArray[np.float64]:
    """Return how much the squared error of each element of a weight counts; positive.

    Damped: taps of a kernel that only ever meet padding, as most of a 7x7 kernel on a map of one element do, and
    channels that nothing follows count next to nothing.

    Args:
        weight: (O, I, ...) float32.
        moments: (G, K, K) float64, see :func:`~edgevit.quantize.moments.input_moments`.
        sensitivity: (O,) float64, see :func:`channel_sensitivities`; None takes all channels alike.
    """
    squares = _damped(moments.diagonal(dim1=1, dim2=2)).repeat_interleave(len(weight) // len(moments), 0)
    if sensitivity is not None:
        squares = squares * (_damped(sensitivity) / squares.sum(1))[:, None]
    return np.asarray(squares.reshape(weight.shape).numpy())


def _damped(values: Tensor) -> Tensor:
    mean = float(values.mean())
    return values + (_DAMPING * mean if mean > 0.0 else 1.0)


def _comparable(outputs: Tensor | Sequence[Tensor], head: Head) -> Tensor:
    """Return all outputs in a row; of classifiers, logits up to a constant."""
    tensors = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    row = torch.cat([each.flatten() for each in tensors])
    if head is Head.PROBABILITIES:
        row = row.clamp_min(_SMALLEST_PROBABILITY).log()
    return row - row.mean() if head in (Head.LOGITS, Head.PROBABILITIES) else row
