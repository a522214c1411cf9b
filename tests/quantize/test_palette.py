"""Palettes: exact for few values, optimal where that can be checked, better than Lloyd's iterations elsewhere."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edgevit.quantize.encoding import PaletteEncoding
from edgevit.quantize.palette import cluster, group_size
from edgevit.quantize.schemes import Granularity, WeightFormat
from edgevit.quantize.weights import encode

Double = NDArray[np.float64]


def error(values: Double, weights: Double, centres: Double) -> float:
    return float((weights * np.square(values[:, None] - centres).min(axis=1)).sum())


def lloyd(values: Double, weights: Double, centres: Double) -> Double:
    """Return the centres after plain iterations, as textbooks have them."""
    for _ in range(100):
        nearest = np.abs(values[:, None] - centres).argmin(axis=1)
        filled = np.unique(nearest)
        centres = np.array([np.average(values[nearest == i], weights=weights[nearest == i]) for i in filled])
    return centres


def brute_force(values: Double, weights: Double, count: int) -> float:
    """Return the least error over all ways to cut the sorted values."""
    best = np.inf
    for inner in itertools.combinations(range(1, len(values)), count - 1):
        cuts = [0, *inner, len(values)]
        parts = [slice(a, b) for a, b in itertools.pairwise(cuts)]
        best = min(best, error(values, weights, np.array([np.average(values[p], weights=weights[p]) for p in parts])))
    return float(best)


samples = st.lists(st.integers(-500, 500), min_size=3, max_size=11, unique=True).map(sorted)


@given(samples=samples, count=st.integers(2, 5), seed=st.integers(0, 99))
def test_few_values_are_clustered_as_well_as_possible(samples: list[int], count: int, seed: int) -> None:
    values = np.array(samples, np.float64)
    weights = np.random.default_rng(seed).integers(1, 20, len(values)).astype(np.float64)
    found = cluster(values, weights, count)
    if len(values) <= count:
        assert np.array_equal(found, values)
    else:
        assert error(values, weights, found) <= brute_force(values, weights, count) * (1 + 1e-5) + 1e-9


@pytest.mark.parametrize("draw", ["standard_normal", "standard_cauchy", "uniform", "rounded"])
@pytest.mark.parametrize("count", [16, 64])
def test_never_worse_than_lloyds_iterations(draw: str, count: int) -> None:
    rng = np.random.default_rng(1)
    sample = rng.standard_normal(3000).round(2) if draw == "rounded" else getattr(rng, draw)(size=3000)
    values, times = np.unique(sample.astype(np.float16).astype(np.float64), return_counts=True)
    counts = times.astype(np.float64)
    ours = error(values, counts, cluster(values, counts, count))
    quantiles = np.quantile(sample, (np.arange(count) + 0.5) / count)
    for start in (quantiles, np.linspace(values[0], values[-1], count), rng.choice(values, count, replace=False)):
        assert ours <= error(values, counts, lloyd(values, counts, np.unique(start))) * (1 + 1e-9)


@pytest.mark.parametrize("granularity", [Granularity.TENSOR, Granularity.BLOCK])
@given(seed=st.integers(0, 1000), distinct=st.integers(1, 16))
def test_no_more_values_than_entries_are_exact(granularity: Granularity, seed: int, distinct: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.standard_normal(distinct).astype(np.float16).astype(np.float32)
    values = rng.choice(table, (16, 4, 3, 3)).astype(np.float32)
    encoding = encode(values, WeightFormat("palette", 4, granularity=granularity, block=8))
    assert np.array_equal(encoding.decode(), values)


def test_codes_are_nearest_and_entries_are_half_precision() -> None:
    values = np.random.default_rng(0).standard_normal((20, 30, 1, 1)).astype(np.float32)
    encoding = encode(values, WeightFormat("palette", 4, granularity=Granularity.BLOCK, block=16))
    assert isinstance(encoding, PaletteEncoding)
    assert encoding.palette.shape == (2, 16)
    assert np.array_equal(encoding.palette, encoding.palette.astype(np.float16).astype(np.float32))
    halves = values.astype(np.float16).astype(np.float32).reshape(2, -1)
    least = np.abs(halves[..., None] - encoding.palette[:, None]).min(axis=-1)
    assert np.allclose(np.abs(encoding.decode().reshape(2, -1) - halves), least, atol=1e-7)


def test_the_same_weight_gives_the_same_codes() -> None:
    values = np.random.default_rng(3).standard_normal((64, 64)).astype(np.float32)
    fmt = WeightFormat("palette", 6, granularity=Granularity.TENSOR)
    first, second = encode(values, fmt), encode(values.copy(), fmt)
    assert first.codes.tobytes() == second.codes.tobytes()


@pytest.mark.parametrize(
    ("channels", "size"), [(64, 16), (1000, 10), (40, 10), (10, 10), (7, 7), (17, 17), (1009, 1009)]
)
def test_groups_divide_the_channels(channels: int, size: int) -> None:
    assert group_size(channels, 16) == size
