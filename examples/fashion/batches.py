"""From grey images to normalized batches, with the resizing and cropping that the app does later."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from edgevit.types import Preprocessing

__all__ = ["augmented", "centred"]


def augmented(images: Tensor, size: int, preprocessing: Preprocessing, generator: torch.Generator) -> Tensor:
    """Return a training batch (B, 3, size, size): resized, cropped at random places, mirrored at random, normalized.

    Args:
        images: (B, H, W) uint8 grey.
        size: Side of the network's input in pixels.
        preprocessing: Crop share, mean and standard deviation.
        generator: Of the random places; on the CPU.
    """
    covered = _resized(images, int(size / preprocessing.crop_pct))
    places = covered.unfold(1, size, 1).unfold(2, size, 1)
    count = len(images)
    rows = torch.randint(places.shape[1], (count,), generator=generator)
    columns = torch.randint(places.shape[2], (count,), generator=generator)
    cropped = places[torch.arange(count), rows, columns]
    mirror = torch.rand(count, 1, 1, generator=generator).to(cropped.device) < 0.5
    return _normalized(torch.where(mirror, cropped.flip(2), cropped), preprocessing)


def centred(images: Tensor, size: int, preprocessing: Preprocessing) -> Tensor:
    """Return (B, 3, size, size) as in use: resized, centre-cropped, normalized; ``images`` (B, H, W) uint8 grey."""
    covered = _resized(images, int(size / preprocessing.crop_pct))
    start = round((covered.shape[1] - size) / 2)
    return _normalized(covered[:, start : start + size, start : start + size], preprocessing)


def _resized(images: Tensor, side: int) -> Tensor:
    grey = images[:, None].float()
    scaled = F.interpolate(grey, (side, side), mode="bicubic", antialias=True)
    return scaled[:, 0].round().clamp(0, 255)


def _normalized(images: Tensor, preprocessing: Preprocessing) -> Tensor:
    mean = images.new_tensor(preprocessing.mean)[:, None, None]
    std = images.new_tensor(preprocessing.std)[:, None, None]
    rgb = (images[:, None] / 255 - mean) / std
    return rgb.contiguous(memory_format=torch.channels_last)
