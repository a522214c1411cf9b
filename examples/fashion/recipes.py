"""How each of the three networks is trained: one row a network."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RECIPES", "Phase", "Recipe"]


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the training at one input size.

    Attributes:
        until: Share of the whole training at which it ends, 0..1.
        size: Side of the input in pixels.
        batch: Images a step.
    """

    until: float
    size: int
    batch: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """One network's training: small images first, the final size last.

    Attributes:
        phases: In order; the last one has the size that the checkpoint is for.
        epochs: Passes over the training images, if no time limit ends it earlier.
        learning_rate: Peak of the schedule (AdamW): a short linear warm-up, then half a cosine down to 0.
        weight_decay: On matrices and convolution kernels.
        smoothing: Label smoothing, 0..1.
        ema: Decay of the averaged weights per step.
        layer_scale: Initial value of all layer scales, or None to leave the architecture's: FastViT's 1e-5 is made
            for 300 epochs and keeps its blocks switched off during the first ones.
        bfloat16: Multiply in bfloat16. For SepViT 1.6 (224 pixels) to 1.9 times (64) as fast on a CPU with AVX512-BF16.
    """

    phases: tuple[Phase, ...]
    epochs: float
    learning_rate: float
    weight_decay: float = 0.05
    smoothing: float = 0.05
    ema: float = 0.99
    layer_scale: float | None = None
    bfloat16: bool = False


RECIPES = {
    "fastvit_t8": Recipe((Phase(1.0, 32, 128),), 30.0, 2e-3, layer_scale=0.1),
    "efficientvit_m0": Recipe((Phase(1.0, 64, 128),), 30.0, 2e-3),
    # 64 and 128 pixels with windows of 2 and 4 tokens give as many windows as 224 pixels with windows of 7, so every
    # parameter keeps its meaning; see networks.py.
    "sepvit_lite": Recipe((Phase(0.25, 64, 64), Phase(0.55, 128, 32), Phase(1.0, 224, 16)), 10.0, 1e-3, bfloat16=True),
}
"""Registry name -> recipe."""
