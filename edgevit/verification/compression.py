"""Compressed weights against the weights they came from, tensor by tensor.

A compressor that goes wrong in one layer hides in a PSNR over logits. coremltools 9.0 has two such defects: with
per-channel scales a skipped layer is written normalised (max |w| 0.17 becomes 1.0), and k-means with more clusters
than distinct values makes centroids up to 90 times too large. Both are plain to see beside the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgevit.verification.blob import Array
from edgevit.verification.constants import Constants, load_constants
from edgevit.verification.metrics import Vector, compare
from edgevit.verification.package import Package
from edgevit.verification.program import Operation

__all__ = ["WeightComparison", "compare_weights", "missing_weights"]

_RANGE_SLACK = 0.05
"""Values may leave the source's range by this share of it: rounding the last quantization step does."""

_WORST_RELATIVE_RMS = 0.5
"""2-bit and sparse weights stay below; a tensor that is off by more has little to do with its source."""


@dataclass(frozen=True, slots=True)
class WeightComparison:
    """One weight in both packages.

    Attributes:
        operation: Name of the operation that reads it.
        parameter: Its parameter, for example ``weight``.
        elements: How many.
        relative_rms: RMS difference / RMS of the source.
        psnr_db: Of the range of the source; infinite when equal.
        outside_range: By how much of the source's range values leave it.
        suspicion: One sentence when this looks like a defect of the compressor, else empty.
    """

    operation: str
    parameter: str
    elements: int
    relative_rms: float
    psnr_db: float
    outside_range: float
    suspicion: str


def compare_weights(package: Package, source: Package) -> tuple[WeightComparison, ...]:
    """Return every weight that differs between a compressed package and the package it was made from.

    Operations are matched by the name of their first output, which compression keeps. Weights of operations that are
    only in one of the packages are left out.

    Raises:
        ArtifactCorruptError: A package is damaged.
    """
    compressed, original = load_constants(package, package.main), load_constants(source, source.main)
    sources = {operation.outputs[0].name: operation for operation in source.main.operations}
    found = []
    for operation in package.main.operations:
        match = sources.get(operation.outputs[0].name)
        if match is None or match.type != operation.type or operation.type == "const":
            continue
        found += list(_differences(operation, match, compressed, original))
    return tuple(found)


def missing_weights(constants: Constants, weights: Mapping[str, NDArray[np.float32]]) -> Iterator[str]:
    """Yield a sentence for each weight that is not among the constants, bit for bit, in half precision or float32.

    Args:
        constants: Of a package read back from the disk, decompressed.
        weights: Name -> what its codes stand for.
    """
    arrays = (value for value in constants.values.values() if isinstance(value, np.ndarray) and value.ndim >= 2)
    stored = {(array.shape, array.astype(np.float32).tobytes()) for array in arrays if array.dtype.kind == "f"}
    for name, values in weights.items():
        forms = (values.astype(np.float16).astype(np.float32), values)
        if not any((form.shape, form.tobytes()) in stored for form in forms):
            yield f"The weight '{name}' is not in the file as its codes say."


def _differences(
    operation: Operation, match: Operation, compressed: Constants, original: Constants
) -> Iterator[WeightComparison]:
    for parameter in operation.inputs.keys() & match.inputs.keys():
        new, old = compressed.parameter(operation, parameter), original.parameter(match, parameter)
        if new is None or old is None or not np.issubdtype(old.dtype, np.floating) or np.array_equal(new, old):
            continue
        yield _comparison(operation, parameter, new, old)


def _comparison(operation: Operation, parameter: str, new: Array, old: Array) -> WeightComparison:
    place = f"{operation.name} ({operation.type})"
    expected, actual = old.astype(np.float64), new.astype(np.float64)
    metrics = compare(place, expected, actual)
    if expected.shape != actual.shape or not np.isfinite(metrics.max_abs):
        return WeightComparison(
            operation.name,
            parameter,
            actual.size,
            np.inf,
            metrics.psnr_db,
            np.inf,
            f"{place} has another shape or NaN.",
        )
    relative_rms, outside = _relative_rms(expected, actual), _outside_range(expected, actual)
    suspicion = ""
    if outside > _RANGE_SLACK:
        suspicion = f"Values of '{parameter}' of {place} leave the source's range by {outside:.0%} of it."
    elif relative_rms > _WORST_RELATIVE_RMS:
        suspicion = f"'{parameter}' of {place} differs from its source by {relative_rms:.0%} of its RMS."
    return WeightComparison(operation.name, parameter, actual.size, relative_rms, metrics.psnr_db, outside, suspicion)


def _relative_rms(expected: Vector, actual: Vector) -> float:
    scale = float(np.sqrt(np.mean(np.square(expected))))
    rms = float(np.sqrt(np.mean(np.square(actual - expected))))
    return rms / scale if scale > 0.0 else float("inf")


def _outside_range(expected: Vector, actual: Vector) -> float:
    low, high = float(expected.min()), float(expected.max())
    excess = max(low - float(actual.min()), float(actual.max()) - high, 0.0)
    if excess == 0.0:
        return 0.0
    # Zero is always representable: pruned and symmetric weights may use it though the source does not reach it.
    low, high = min(low, 0.0), max(high, 0.0)
    excess = max(low - float(actual.min()), float(actual.max()) - high, 0.0)
    return excess / (high - low)
