"""Random variations of a photograph that stay plausible photographs."""

from __future__ import annotations

import numpy as np
from PIL import Image

__all__ = ["vary"]

_SMALLEST_SIDE = 0.5
"""Share of each side that the smallest crop keeps."""

_BRIGHTNESS = (0.6, 1.4)
_CONTRAST = (0.7, 1.3)


def vary(image: Image.Image, generator: np.random.Generator) -> Image.Image:
    """Return a random crop of an RGB image, perhaps mirrored, with other brightness and contrast."""
    values = np.asarray(_crop(image, generator), np.float64)
    if generator.random() < 0.5:
        values = values[:, ::-1]
    mean = values.mean()
    values = (values - mean) * generator.uniform(*_CONTRAST) + mean * generator.uniform(*_BRIGHTNESS)
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def _crop(image: Image.Image, generator: np.random.Generator) -> Image.Image:
    share = generator.uniform(_SMALLEST_SIDE, 1.0)
    width, height = max(1, round(image.width * share)), max(1, round(image.height * share))
    left, top = generator.integers(image.width - width + 1), generator.integers(image.height - height + 1)
    return image.crop((int(left), int(top), int(left) + width, int(top) + height))
