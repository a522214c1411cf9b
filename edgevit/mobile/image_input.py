"""Taking pixels instead of normalized values, exactly.

``conv((v / 255 - mean) / std)`` equals ``conv'(v - 255 * mean)`` with the weights of each input channel divided by
``255 * std``. The mean stays a subtraction before the convolution, because the convolution pads with zeros in the
normalized domain; folding it into the bias would be wrong along the border. A scalar scale for all three channels, as
coremltools' image-input guide has it, changes the logits by up to a quarter of their size in two of the families.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from edgevit.types import Preprocessing

__all__ = ["centred_from_normalized", "take_centred_pixels"]


def centred_from_normalized(x: Tensor, preprocessing: Preprocessing) -> Tensor:
    """Return centred pixels ``v - 255 * mean`` (B, 3, H, W) of normalized input of the same shape."""
    return x * _channels(preprocessing, x)


def take_centred_pixels(network: nn.Module, stem: str, preprocessing: Preprocessing) -> nn.Module:
    """Return a copy of ``network`` whose first convolution reads ``v - 255 * mean``, v in 0..255.

    Args:
        network: Folded network reading normalized RGB; left intact.
        stem: Path of the convolution that reads the image.
        preprocessing: Holds the per-channel standard deviation.

    Raises:
        TypeError: ``stem`` is no convolution over three channels.
    """
    network = copy.deepcopy(network)
    convolution = network.get_submodule(stem)
    if not isinstance(convolution, nn.Conv2d) or convolution.in_channels != 3:
        raise TypeError(f"'{stem}' is no convolution over three channels")
    with torch.no_grad():
        convolution.weight.div_(_channels(preprocessing, convolution.weight))
    return network


def _channels(preprocessing: Preprocessing, like: Tensor) -> Tensor:
    """Return ``255 * std`` as (1, 3, 1, 1) in the dtype of ``like``."""
    return (255 * torch.tensor(preprocessing.std, dtype=torch.float64)).to(like.dtype).reshape(1, 3, 1, 1)
