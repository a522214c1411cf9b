from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevit.backends.tflite.graph import Tensor
from edgevit.backends.tflite.layout import (
    Value,
    identity,
    merged_permutation,
    order_for_reshape,
    permutation,
    reshaped,
    runs,
)

_SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=5).map(tuple)


def _read(value: Value, memory: np.ndarray) -> np.ndarray:
    """What the network's tensor is, given the bytes."""
    return memory.reshape(value.physical).transpose(value.axes)


def _value(shape: tuple[int, ...]) -> Value:
    return identity(Tensor("x", shape))


@given(_SHAPES, st.data())
def test_permuting_reads_what_numpy_reads(shape: tuple[int, ...], data: st.DataObject) -> None:
    perm = data.draw(st.permutations(range(len(shape))))
    memory = np.arange(math.prod(shape))
    permuted = _value(shape).permute(perm)
    assert np.array_equal(_read(permuted, memory), memory.reshape(shape).transpose(perm))
    assert permutation(permuted.axes) == permuted.order


@given(_SHAPES, st.data())
def test_free_reshapes_read_what_numpy_reads(shape: tuple[int, ...], data: st.DataObject) -> None:
    value = _value(shape).permute(data.draw(st.permutations(range(len(shape)))))
    memory = np.arange(math.prod(shape))
    flat = (math.prod(shape),)
    seen = reshaped(value, flat)
    contiguous = value.relabel(range(value.rank)) is not None
    assert (seen is not None) == contiguous
    if seen is not None:
        assert np.array_equal(_read(seen, memory), _read(value, memory).reshape(flat))


@given(_SHAPES, st.data())
def test_the_order_for_a_reshape_allows_it(shape: tuple[int, ...], data: st.DataObject) -> None:
    value = _value(shape).permute(data.draw(st.permutations(range(len(shape)))))
    target = data.draw(st.permutations(value.shape).map(tuple))
    order = order_for_reshape(value, target)
    assert sorted(order) == list(range(value.rank))
    moved = Value(value.tensor, tuple(value.shape[d] for d in order), permutation(order))
    seen = reshaped(moved, target)
    assert seen is not None
    memory = np.arange(math.prod(shape))
    logical = _read(value, memory)
    assert np.array_equal(_read(seen, logical.transpose(order).ravel()), logical.reshape(target))


@given(_SHAPES, st.data())
def test_merged_permutations_move_the_same_bytes(shape: tuple[int, ...], data: st.DataObject) -> None:
    perm = data.draw(st.permutations(range(len(shape))))
    merged, short = merged_permutation(shape, perm)
    memory = np.arange(math.prod(shape))
    assert np.array_equal(
        memory.reshape(merged).transpose(short).ravel(), memory.reshape(shape).transpose(perm).ravel()
    )
    assert 1 not in merged
    assert not any(b == a + 1 for a, b in itertools.pairwise(short))


def test_a_window_partition_needs_four_dimensions() -> None:
    assert merged_permutation((1, 3, 2, 2, 4, 8), (0, 1, 3, 2, 4, 5)) == ((3, 2, 2, 32), (0, 2, 1, 3))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((2, 6), (2, 2, 3), [((0,), (0,)), ((1,), (1, 2))]),
        ((1, 4, 1, 6), (4, 6), [((1,), (0,)), ((3,), (1,))]),
        ((6, 4), (8, 3), [((0, 1), (0, 1))]),
        ((1, 1), (1,), []),
    ],
)
def test_runs(old: tuple[int, ...], new: tuple[int, ...], expected: list[tuple[tuple[int, ...], ...]]) -> None:
    assert [(run.old, run.new) for run in runs(old, new)] == expected
