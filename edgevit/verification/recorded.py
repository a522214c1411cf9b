"""What a check without weights compares a file with: its record, its golden outputs, and the photographs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgevit.errors import UnsupportedError
from edgevit.images.photos import photos
from edgevit.verification.golden import GoldenOutputs, pixel_digest, read_golden
from edgevit.verification.judgement import Judgement
from edgevit.verification.record import GOLDEN_KEY, Described, Json, ModelRecord, malformed, read_record

__all__ = ["expected_outputs", "known_images", "required_record"]


def required_record(file: Described) -> ModelRecord:
    """Return the record of a file.

    Raises:
        ArtifactCorruptError: It is malformed.
        UnsupportedError: There is none.
    """
    record = read_record(file)
    if record is None:
        raise UnsupportedError(
            f"{file.path.name} does not say which model it is.",
            why="It has no record of edgevit's in its metadata, so there is nothing to compare it with.",
            help="Verify what edgevit build wrote; 'edgevit inspect' shows what is in others.",
        )
    return record


def expected_outputs(file: Described, record: ModelRecord, golden: Json, names: Sequence[str]) -> GoldenOutputs:
    """Return the golden outputs under the names of the file's outputs.

    Raises:
        ArtifactCorruptError: They are malformed.
    """
    try:
        return read_golden(golden, record.head, names)
    except (ValueError, KeyError, TypeError) as error:
        raise malformed(file, GOLDEN_KEY) from error


def known_images(record: ModelRecord, expected: GoldenOutputs, judgement: Judgement) -> dict[str, NDArray[np.uint8]]:
    """Return the photographs that have golden outputs; others, or photographs that changed, are failures."""
    images: dict[str, NDArray[np.uint8]] = {}
    shipped = {photo.name: photo for photo in photos()}
    for name, (digest, _) in expected.items():
        if name not in shipped:
            judgement.fail(f"There is no photograph '{name}' in this version of edgevit.")
            continue
        pixels = shipped[name].pixels(record.input_size, record.preprocessing)
        if pixel_digest(pixels) != digest:
            judgement.fail(f"The photograph '{name}' has other pixels here than when the file was built.")
            continue
        images[name] = pixels
    if not expected:
        judgement.fail("The file carries no golden outputs.")
    return images
