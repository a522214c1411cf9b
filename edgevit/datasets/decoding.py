"""Many image files as one array, decoded within limits and preprocessed as the app does; all bad files in one error."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgevit.errors import BadImageError, listed
from edgevit.images.preprocess import open_image, to_pixels
from edgevit.types import Preprocessing, Size

__all__ = ["decode"]


def decode(files: Sequence[Path], size: Size, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """Return images as uint8 RGB (N, H, W, 3), resized and cropped as ``preprocessing`` says.

    Raises:
        BadImageError: Some cannot be decoded: missing, damaged, truncated, of another format, or too large. All are
            named.
    """
    images = np.empty((len(files), *size, 3), np.uint8)
    problems = []
    for place, file in enumerate(files):
        try:
            images[place] = to_pixels(open_image(file), size, preprocessing)
        except BadImageError as error:
            problems.append(f"{file.parent.name}/{file.name}: {error.why or error.what}")
    if problems:
        raise BadImageError(
            f"{len(problems)} of {len(files)} images cannot be used.",
            why=listed(problems),
            help="Remove or replace them: measured without them in silence, the figures would be about other images.",
        )
    return images
