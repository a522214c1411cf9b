"""The photographs that ship with edgevit, for proofs and golden outputs; ``photos/ATTRIBUTION.md`` has the sources."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgevit.images.preprocess import open_image, to_pixels
from edgevit.types import Preprocessing, Size

__all__ = ["Photo", "photos"]

_FOLDER = Path(__file__).parent / "photos"
_NAMES = ("astronaut", "chelsea", "coffee", "rocket")


@dataclass(frozen=True, slots=True)
class Photo:
    """One photograph: its name and its PNG file (8-bit RGB, 256 pixels on the shorter side)."""

    name: str
    path: Path

    def pixels(self, size: Size, preprocessing: Preprocessing) -> NDArray[np.uint8]:
        """Return the photograph resized and cropped as ``preprocessing`` says, uint8 RGB (H, W, 3)."""
        return to_pixels(open_image(self.path), size, preprocessing)


def photos() -> tuple[Photo, ...]:
    """Return the four photographs, always in the same order."""
    return tuple(Photo(name, _FOLDER / f"{name}.png") for name in _NAMES)
