"""Up-sampling of the last two axes."""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor

from edgevit.verification.ops.registry import Arguments, bounded, op

__all__: list[str] = []


def _target(args: Arguments) -> tuple[Tensor, tuple[int, int]]:
    """Return the image batch (N, C, H, W) and the size floor(H * factor), floor(W * factor)."""
    x = args.tensor("x")
    height = math.floor(x.shape[-2] * args.number("scale_factor_height", 1.0))
    width = math.floor(x.shape[-1] * args.number("scale_factor_width", 1.0))
    bounded(*x.shape[:-2], height, width)
    return x, (height, width)


@op("upsample_nearest_neighbor")
def _nearest(args: Arguments) -> Tensor:
    x, size = _target(args)
    return F.interpolate(x, size, mode="nearest")


@op("upsample_bilinear")
def _bilinear(args: Arguments) -> Tensor:
    """Linear interpolation, its scale recomputed from the sizes."""
    x, size = _target(args)
    return F.interpolate(x, size, mode="bilinear", align_corners=args.flag("align_corners", default=True))


@op("resize_bilinear")
def _resize_bilinear(args: Arguments) -> Tensor:
    """To a target size; the two sampling modes that torch's models convert to."""
    x, mode = args.tensor("x"), args.text("sampling_mode", "DEFAULT")
    if mode not in ("STRICT_ALIGN_CORNERS", "UNALIGN_CORNERS"):
        raise NotImplementedError(f"resize_bilinear with sampling mode {mode}")
    size = (args.integer("target_size_height"), args.integer("target_size_width"))
    bounded(*x.shape[:-2], *size)
    return F.interpolate(x, size, mode="bilinear", align_corners=mode == "STRICT_ALIGN_CORNERS")
