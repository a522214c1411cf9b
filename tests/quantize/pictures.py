"""Images for small networks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.quantize.networks import SIDE

__all__ = ["images"]


def images(count: int = 4, *, side: int = SIDE, seed: int = 0) -> NDArray[np.uint8]:
    """Return seeded noise of different colours, uint8 (count, side, side, 3)."""
    generator = np.random.default_rng(seed)
    level = generator.integers(40, 216, (count, 1, 1, 3))
    noise = generator.integers(-40, 40, (count, side, side, 3))
    return (level + noise).astype(np.uint8)
