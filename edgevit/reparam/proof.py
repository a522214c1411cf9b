"""Folding with proof: source and folded network are run side by side in float64, block by block and as a whole.

Folding is exact in real arithmetic, so in float64 the two may differ by rounding alone, some 1e-15 of the signal's
size; a wrong rule is off by 1e-6 or more. :data:`TOLERANCE` lies between.
"""

from __future__ import annotations

import copy
import importlib
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from edgevit.errors import FoldingError
from edgevit.models.base import ImageNet
from edgevit.reparam.difference import relative_difference
from edgevit.reparam.fold import fold
from edgevit.threads import one_thread
from edgevit.types import BlockError, FoldedModel, LoadedModel, ModelSpec, Size

__all__ = ["TOLERANCE", "WHOLE", "reparameterize", "smooth_noise", "white_noise"]

TOLERANCE = 1e-10
"""Largest relative error of a block or of the network, in float64."""

WHOLE = "network"
"""Name of the whole network in error messages."""


def reparameterize(model: LoadedModel, *, inputs: Sequence[Tensor] | None = None) -> FoldedModel:
    """Fold everything that folds exactly, and prove it.

    The source is copied to float64 and left intact. On white noise, each folded block gets what the source's block
    gets, and must give what it gives; blocks that the selected output does not use are not compared. On ``inputs``,
    the whole networks are compared.

    Args:
        model: Training form or official fused form.
        inputs: Normalized images (B, 3, H, W) of the model's size, for example calibrated photographs; None takes
            noise with the spectrum of photographs.

    Returns:
        The folded network, float32, eval mode, with the error of each block.

    Raises:
        FoldingError: An error exceeds :data:`TOLERANCE`, or is not a number.
        TypeError: The module is no :class:`~edgevit.models.base.ImageNet`.
    """
    importlib.import_module(f"edgevit.reparam.{model.spec.family}")
    if not isinstance(model.module, ImageNet):
        raise TypeError(f"{type(model.module).__name__} does not name its blocks")
    size = model.spec.input_size
    images = [smooth_noise(size)] if inputs is None else inputs
    with one_thread(), torch.no_grad():
        source = copy.deepcopy(model.module).double().eval()
        folded = cast("ImageNet", fold(source).eval())
        rows = _compare_blocks(source, folded, white_noise(size))
        rows += [BlockError(WHOLE, relative_difference(source(x), folded(x))) for x in (i.double() for i in images)]
    _check(rows, model.spec)
    blocks = tuple(row for row in rows if row.block != WHOLE)
    worst = max(row.max_rel_error for row in rows)
    return FoldedModel(model.spec, folded.float(), model.weights, worst, blocks)


def white_noise(size: Size, seed: int = 0) -> Tensor:
    """Return seeded normal noise (1, 3, H, W), float64."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, 3, *size, generator=generator, dtype=torch.float64)


def smooth_noise(size: Size, seed: int = 1) -> Tensor:
    """Return noise (1, 3, H, W) whose amplitude falls with frequency as in photographs, unit variance, float64."""
    height, width = size
    spectrum = torch.fft.rfft2(white_noise(size, seed))
    vertical = torch.fft.fftfreq(height, dtype=torch.float64)[:, None]
    horizontal = torch.fft.rfftfreq(width, dtype=torch.float64)
    frequency = (vertical**2 + horizontal**2).sqrt().clamp_min(1 / max(size))
    image: Tensor = torch.fft.irfft2(spectrum / frequency, s=size)
    return image / image.std()


def _compare_blocks(source: ImageNet, folded: ImageNet, x: Tensor) -> list[BlockError]:
    """Return the error of each block that ran, compared while the source runs so that no activation is kept."""
    errors: list[BlockError] = []

    def watch(path: str) -> RemovableHandle:
        twin = folded.get_submodule(path)

        def compare(_: nn.Module, args: tuple[Tensor, ...], output: Tensor) -> None:
            errors.append(BlockError(path, relative_difference(output, twin(*args))))

        return source.get_submodule(path).register_forward_hook(compare)

    handles = [watch(path) for path in source.block_paths()]
    try:
        source(x)
    finally:
        for handle in handles:
            handle.remove()
    return errors


def _check(rows: Sequence[BlockError], spec: ModelSpec) -> None:
    """Raise FoldingError when a row exceeds :data:`TOLERANCE`."""
    bad = [row for row in rows if not row.max_rel_error <= TOLERANCE]
    if bad:
        listed = "\n".join(f"  {row.block}: relative error {row.max_rel_error:.1e}" for row in bad[:20])
        raise FoldingError(
            f"Folding changes what {spec.title} computes.",
            why=f"In float64, at most {TOLERANCE:.0e} is allowed, but:\n{listed}",
            help="Check that the checkpoint's batch-norm variances are sensible; if they are, report this as a bug.",
        )
