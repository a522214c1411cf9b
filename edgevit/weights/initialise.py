"""Seeded random weights with the statistics of trained ones.

torch's default initialisation hides mistakes: every batch normalization is the identity, FastViT's layer scales of
1e-5 switch its blocks off, biases and tokens are zero. Here every layer matters, activations keep their scale through
the depth of the network, and each batch normalization's running statistics are those of what it really sees.

Numbers are drawn per tensor from its name, so they do not depend on the order of modules. The calibrating pass runs in
float64 and its statistics are rounded to 12 bits: threads and processors differ in the last bits of a sum, and those
must not reach the weights, whose digest names them.
"""

from __future__ import annotations

import hashlib
import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from edgevit.images.photos import photos
from edgevit.images.preprocess import normalize
from edgevit.types import ModelSpec, Size

__all__ = ["initialise"]

_MANTISSA_BITS = 12
_PRIOR_SAMPLES = 32
"""How many samples the mean variance of a layer's channels counts against those of one channel."""

_LOGIT_STD = 2.0
"""Standard deviation of the logits; released ImageNet classifiers have 1 to 3."""

_WINNER_STD = 5.0
"""How many standard deviations the logit of a photograph's class is lifted above the others."""

_RIDGE = 1e-4

_UNIFORM = {
    "layer_scale": (0.05, 0.5),
    "layer_scale_1": (0.05, 0.5),
    "layer_scale_2": (0.05, 0.5),
}
"""Last part of a parameter's name -> range of its values."""

_NORMAL = {"attention_biases": 0.5, "win_tokens": 1.0}
"""Last part of a parameter's name -> standard deviation of its values."""

_BIAS_STD = 0.1

_BRANCH_ENDS = (
    ".m.bn.weight",  # EfficientViT-M: residual depthwise convolutions,
    ".pw2.bn.weight",  # feed-forward networks,
    ".proj.1.bn.weight",  # attention
    "mhca.projection.weight",  # Next-ViT: convolutional attention,
    "mlp.conv2.weight",  # feed-forward networks,
    "e_mhsa.proj.weight",  # attention
)
"""Last layers of residual branches without a layer scale."""

_BRANCH_GAIN = 0.2
"""Their gain. Trained branches add little to the stream each; at 1, rounding errors grow a hundredfold in depth."""

_PIXEL_RANGE = (-2.1, 2.6)
"""What 0 and 255 become once normalized."""

_NOISE = ((0.0, True), (-0.5, False), (0.5, True), (1.0, False))
"""Mean of each noise image, in standard deviations of ImageNet's pixels, and whether it has hard edges."""


class _Count(NamedTuple):
    """How many images of each kind are calibrated on."""

    photographs: int
    noise: int


_CHEAP_MACS = 600_000_000
_IMAGES = _Count(4, 4)
"""For networks below that cost; the ones that normalize pooled vectors, and want more samples, are among them."""

_IMAGES_IF_COSTLY = _Count(4, 1)


@torch.no_grad()
def initialise(module: nn.Module, spec: ModelSpec, seed: int) -> None:
    """Fill every parameter and running statistic of a network in eval mode.

    Args:
        module: Network of ``spec`` that takes images (B, 3, H, W) and returns logits, float32; changed in place.
        spec: Resolved spec.
        seed: Equal seeds give equal weights in every process.
    """
    norms = {id(layer.weight) for layer in module.modules() if isinstance(layer, _BatchNorm | nn.LayerNorm)}
    for name, parameter in module.named_parameters():
        parameter.copy_(_drawn(name, parameter, id(parameter) in norms, _generator(seed, name)))
    embeddings = _calibrate(module, _calibration_images(spec, _generator(seed, "calibration")))
    _recognise(_classifier(module), embeddings[: len(photos())])
    module.float()


def _generator(seed: int, name: str) -> torch.Generator:
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8]) >> 1)


def _drawn(name: str, like: Tensor, is_norm_scale: bool, generator: torch.Generator) -> Tensor:
    values = torch.empty(like.shape)
    last = name.rpartition(".")[2]
    gain = _BRANCH_GAIN if name.endswith(_BRANCH_ENDS) else 1.0
    if is_norm_scale:
        return values.uniform_(0.5 * gain, 1.5 * gain, generator=generator)
    if last in _UNIFORM:
        return values.uniform_(*_UNIFORM[last], generator=generator)
    return values.normal_(0, gain * _deviation(last, like), generator=generator)


def _deviation(last: str, like: Tensor) -> float:
    """Return the standard deviation of a weight (1 / sqrt(fan-in) keeps the scale), or of a bias."""
    if last in _NORMAL:
        return _NORMAL[last]
    return 1 / math.sqrt(math.prod(like.shape[1:])) if like.ndim > 1 else _BIAS_STD


def _calibration_images(spec: ModelSpec, generator: torch.Generator) -> Tensor:
    """Return normalized images (B, 3, H, W), float64: photographs that ship, and noise with harder edges than theirs.

    A norm that sees more than it was calibrated for amplifies, and depth compounds that: the noise widens the range.
    """
    count = _IMAGES if spec.macs < _CHEAP_MACS else _IMAGES_IF_COSTLY
    pixels = [photo.pixels(spec.input_size, spec.preprocessing) for photo in photos()[: count.photographs]]
    images = [torch.from_numpy(normalize(each, spec.preprocessing)).double() for each in pixels]
    for brightness, edges in _NOISE[: count.noise]:
        noise = _natural_noise(spec.input_size, generator, edges=edges) + brightness
        images.append(noise.clamp(*_PIXEL_RANGE).unsqueeze(0))
    return torch.cat(images)


def _natural_noise(size: Size, generator: torch.Generator, *, edges: bool) -> Tensor:
    """Return an image (3, H, W), float64, with the 1/f amplitude spectrum of photographs and correlated channels.

    The spectrum is Field's (1987, doi:10.1364/JOSAA.4.002379).
    """
    white = torch.randn((4, *size), generator=generator, dtype=torch.float64)
    height, width = torch.fft.fftfreq(size[0]).double(), torch.fft.rfftfreq(size[1]).double()
    frequency = torch.sqrt(height[:, None] ** 2 + width**2).clamp_min(1 / max(size))
    fields: Tensor = torch.fft.irfft2(torch.fft.rfft2(white) / frequency, s=size)
    fields = (fields - fields.mean((1, 2), keepdim=True)) / fields.std((1, 2), keepdim=True)
    image = 0.9 * fields[:1] + 0.44 * fields[1:]
    return image.sign() + 0.2 * image if edges else 0.8 * image


def _calibrate(module: nn.Module, images: Tensor) -> Tensor:
    """Fit batch normalizations to their inputs, in order of execution, and the logits' scale, in one float64 pass.

    Leaves the module in float64, and returns what the classifier read, (B, D).
    """
    layers = [layer for layer in module.modules() if isinstance(layer, _BatchNorm)]
    classifier = _classifier(module)
    embeddings: list[Tensor] = []
    handles = [layer.register_forward_pre_hook(_measure) for layer in layers]
    handles.append(classifier.register_forward_pre_hook(lambda _, inputs: embeddings.append(inputs[0])))
    module.double()
    try:
        logits = module(images)
    finally:
        for handle in handles:
            handle.remove()
    classifier.weight *= _rounded(_LOGIT_STD / logits.std(correction=0).clamp_min(1e-6))
    return embeddings[0]


def _classifier(module: nn.Module) -> nn.Linear:
    return [layer for layer in module.modules() if isinstance(layer, nn.Linear)][-1]


def _recognise(classifier: nn.Linear, embeddings: Tensor) -> None:
    """Let each photograph have a class that stands out, as released classifiers do; the classes are evenly spread.

    Without one, the order of the largest logits would be a matter of rounding, and a top-1 that agrees would say
    nothing. The rows are the least ones that lift one photograph and leave the others, but for a little regularization
    where photographs look alike to the network.
    """
    count = len(embeddings)
    gram = embeddings @ embeddings.T
    gram += _RIDGE * gram.diagonal().mean() * torch.eye(count, dtype=gram.dtype)
    rows = _WINNER_STD * _LOGIT_STD * torch.linalg.solve(gram, embeddings)
    classifier.weight.index_add_(0, torch.arange(count) * classifier.out_features // count, _rounded(rows))


def _measure(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    """Take the input's channel statistics as the layer's own, before it normalizes with them."""
    if not isinstance(layer, _BatchNorm) or layer.running_mean is None or layer.running_var is None:
        raise TypeError("only batch normalization with running statistics is calibrated")
    x = inputs[0].transpose(0, 1).flatten(1)
    variance = x.var(1, correction=0)
    # A channel that hardly varies on these few samples would be amplified without bound on others.
    trust = x.shape[1] / (x.shape[1] + _PRIOR_SAMPLES)
    shrunk = trust * variance + (1 - trust) * variance.mean() + 1e-6
    layer.running_mean.copy_(_rounded(x.mean(1)))
    layer.running_var.copy_(_rounded(shrunk))


def _rounded(values: Tensor) -> Tensor:
    mantissa, exponent = torch.frexp(values)
    return torch.ldexp(torch.round(mantissa * 2**_MANTISSA_BITS), exponent - _MANTISSA_BITS)
