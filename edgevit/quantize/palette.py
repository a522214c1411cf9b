"""Tables of values: optimal one-dimensional clusters of half-precision weights.

In one dimension clusters are intervals, so a palette is a choice of boundaries between the sorted distinct values.
Lloyd's iterations move each boundary to where it suits its neighbours and stop at the first local optimum, which for
the heavy tails of weights can be 50 % worse than the best. Here a dynamic program (Wang and Song, "Ckmeans.1d.dp:
Optimal k-means Clustering in One Dimension by Dynamic Programming", 2011) then moves all boundaries together, each to
one of a few places around it, first far apart and at last adjacent, until nothing gains. That takes 0.2 s where the
exact program takes a minute, and ends within 1 % of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgevit.quantize.encoding import Float, PaletteEncoding
from edgevit.quantize.schemes import Granularity, WeightFormat

__all__ = ["cluster", "encode_palette", "group_size"]

Double = NDArray[np.float64]
Places = NDArray[np.int64]

_BAND = 16
"""Places to each side of a boundary that one pass of the dynamic program looks at."""

_BINS = 4
"""Of equal mass for each centre, over which the density of values is averaged."""

_MOST_PASSES = 40
"""At each distance of places; they stop earlier, once a pass gains less than :data:`_LEAST_GAIN`."""

_LEAST_GAIN = 1e-6
_MOST_ITERATIONS = 300


def encode_palette(values: Float, fmt: WeightFormat, importance: Double | None = None) -> PaletteEncoding:
    """Return ``values`` as codes into tables that half precision holds exactly.

    Weights with no more distinct half-precision values than a table has entries are kept exactly.

    Args:
        values: A weight, output channels first, finite and within half precision.
        fmt: Bits; one table for the tensor, or for a run of about ``block`` output channels, see :func:`group_size`.
        importance: Of each value's squared error, positive, of the shape of ``values``; None takes all alike.
    """
    channels = len(values)
    size = channels if fmt.granularity is Granularity.TENSOR else group_size(channels, fmt.block)
    rows = values.astype(np.float16).reshape(channels // size, -1)
    shares = np.ones(rows.shape) if importance is None else importance.reshape(rows.shape)
    tables = np.zeros((len(rows), 2**fmt.bits), np.float32)
    codes = np.empty(rows.shape, np.uint8)
    for row, share, table, code in zip(rows, shares, tables, codes, strict=True):
        distinct, places = np.unique(row, return_inverse=True)
        weights = np.asarray(np.bincount(places, weights=share), np.float64)
        centres = np.unique(cluster(distinct.astype(np.float64), weights, len(table)).astype(np.float16))
        found = centres.astype(np.float32)
        table[: len(found)], table[len(found) :] = found, found[-1]
        nearest = np.searchsorted((found[1:] + found[:-1]) / 2, distinct.astype(np.float32))
        code[:] = nearest[places]
    return PaletteEncoding(codes.reshape(values.shape), tables, fmt.bits)


def group_size(channels: int, wanted: int) -> int:
    """Return the number of output channels that share a table, which must divide ``channels`` evenly.

    It is the largest divisor from half of ``wanted`` to ``wanted``, or else the smallest one up to twice ``wanted``
    (1000 classes: 10 for 16); all channels share one where there is neither.
    """
    below = [size for size in range(wanted, (wanted + 1) // 2 - 1, -1) if channels % size == 0]
    above = [size for size in range(wanted + 1, 2 * wanted + 1) if channels % size == 0]
    return next(iter([*below, *above]), channels)


def cluster(values: Double, weights: Double, count: int) -> Double:
    """Return at most ``count`` centres that lose little in weighted squared error; sorted.

    With no more values than centres, these are the values. The error is at most that of Lloyd's iterations from
    evenly spread centres and from centres as dense as the values ask for, and the least possible for few values.

    Args:
        values: Sorted, distinct, (n,).
        weights: How much the squared error of each counts, positive, (n,).
        count: Of centres.
    """
    if len(values) <= count:
        return values
    sums = _Sums.of(values, weights)
    starts = (_spread_evenly(values, count), _spread_by_density(values, weights, count))
    cuts = min((_lloyd(values, sums, start) for start in starts), key=sums.error)
    return sums.means(_improved(sums, cuts))


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Sums over the first n values, for n from 0: of weights, of values, of squares; values are centred first."""

    weight: Double
    first: Double
    second: Double
    centre: float

    @classmethod
    def of(cls, values: Double, weights: Double) -> _Sums:
        centre = float(np.average(values, weights=weights))
        shifted = values - centre
        first = weights * shifted
        return cls(_running(weights), _running(first), _running(first * shifted), centre)

    def error(self, cuts: Places) -> float:
        """Return the squared error of the clusters between ``cuts``, which include both ends."""
        return float(self.costs(cuts[:-1], cuts[1:]).sum())

    def costs(self, begin: Places, end: Places) -> Double:
        """Return the squared error of clusters of the values from ``begin`` up to ``end``; infinite if empty."""
        weight = self.weight[end] - self.weight[begin]
        first = self.first[end] - self.first[begin]
        second = self.second[end] - self.second[begin]
        safe = np.where(end > begin, weight, 1.0)
        return np.where(end > begin, np.maximum(second - first * first / safe, 0.0), np.inf)

    def means(self, cuts: Places) -> Double:
        """Return the means of the clusters between ``cuts``."""
        return np.diff(self.first[cuts]) / np.diff(self.weight[cuts]) + self.centre


def _running(values: Double) -> Double:
    return np.concatenate([[0.0], np.cumsum(values)])


def _spread_evenly(values: Double, count: int) -> Double:
    return np.linspace(values[0], values[-1], 2 * count + 1)[1::2]


def _spread_by_density(values: Double, weights: Double, count: int) -> Double:
    """Return centres as dense as the cube root of the values' density, the best for many (Panter and Dite, 1951)."""
    below = np.cumsum(weights)
    shares = np.linspace(0.0, below[-1], _BINS * count + 1)
    edges = np.unique(values[np.minimum(np.searchsorted(below, shares), len(values) - 1)])
    masses = np.diff(np.interp(edges, values, below))
    density = np.concatenate([[0.0], np.cumsum(np.cbrt(masses * np.diff(edges) ** 2))])
    if density[-1] == 0.0:  # one value has all the mass
        return _spread_evenly(values, count)
    return np.asarray(np.interp((np.arange(count) + 0.5) / count, density / density[-1], edges))


def _lloyd(values: Double, sums: _Sums, centres: Double) -> Places:
    """Return the cuts that Lloyd's iterations end with; clusters that run empty take a value from a neighbour."""
    cuts = np.empty(0, np.int64)
    for _ in range(_MOST_ITERATIONS):
        inner = np.searchsorted(values, (centres[1:] + centres[:-1]) / 2)
        moved = _without_empty(np.concatenate([[0], inner, [len(values)]]))
        if np.array_equal(moved, cuts):
            break
        cuts, centres = moved, sums.means(moved)
    return cuts


def _without_empty(cuts: Places) -> Places:
    """Return cuts that are at least one value apart."""
    steps = np.arange(len(cuts))
    rising = np.maximum.accumulate(cuts - steps) + steps
    return np.asarray(np.minimum(rising, cuts[-1] - steps[::-1]))


def _improved(sums: _Sums, cuts: Places) -> Places:
    """Return cuts that no common move improves, from moves across all values down to neighbouring ones."""
    distance = max(1, int(cuts[-1]) // (2 * _BAND))
    while True:
        for _ in range(_MOST_PASSES):
            moved = _best_in_bands(sums, cuts, distance)
            if not sums.error(moved) < sums.error(cuts) * (1.0 - _LEAST_GAIN):
                break
            cuts = moved
        if distance == 1:
            return cuts
        distance //= 2


def _best_in_bands(sums: _Sums, cuts: Places, distance: int) -> Places:
    """Return the best cuts of which each is a multiple of ``distance`` away, at most :data:`_BAND` times."""
    count, band = len(cuts) - 1, distance * np.arange(-_BAND, _BAND + 1)
    places = np.clip(cuts[:, None] + band, np.arange(count + 1)[:, None], cuts[-1] - np.arange(count, -1, -1)[:, None])
    total = sums.costs(np.zeros_like(places[1]), places[1])
    costs = sums.costs(places[1:-1, :, None], places[2:, None, :])
    choices = np.empty((count - 1, len(band)), np.int64)
    every = np.arange(len(band))
    for step, cost in enumerate(costs):
        through = total[:, None] + cost
        choices[step] = through.argmin(axis=0)
        total = through[choices[step], every]
    moved, at = cuts.copy(), _BAND
    for step in range(count - 1, 0, -1):
        at = int(choices[step - 1, at])
        moved[step] = places[step][at]
    return moved
