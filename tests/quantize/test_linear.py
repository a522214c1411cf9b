"""Even steps: every value within half a step, few bits used well, zero exact."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgevit.quantize.encoding import LinearEncoding, spread
from edgevit.quantize.linear import ScaleType
from edgevit.quantize.schemes import Granularity, Observer, WeightFormat
from edgevit.quantize.weights import encode

FORMATS = [
    WeightFormat("linear", bits, symmetric=symmetric, granularity=granularity, block=4)
    for bits in (8, 4)
    for symmetric in (True, False)
    for granularity in Granularity
]

weights = arrays(
    np.float32,
    st.sampled_from([(3, 8), (2, 4, 3, 3), (5, 1, 3, 3), (1, 12)]),
    elements=st.floats(-8, 8, width=32),
)


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: f"{fmt.bits}-{fmt.granularity}-{fmt.symmetric}")
@given(values=weights, scales=st.sampled_from(ScaleType))
def test_values_decode_to_within_half_a_step(fmt: WeightFormat, values: np.ndarray, scales: ScaleType) -> None:
    encoding = encode(values, fmt, scales=scales)
    assert isinstance(encoding, LinearEncoding)
    step = spread(encoding.scale, values.shape)
    assert (np.abs(encoding.decode() - values) <= step * (0.5 + 1e-5)).all()
    assert np.array_equal(encoding.decode()[values == 0], values[values == 0])
    if scales is not ScaleType.SINGLE:
        assert np.array_equal(encoding.scale, encoding.scale.astype(np.float16).astype(np.float32))
    if scales is ScaleType.SHORT:
        normal = encoding.scale >= 2.0**-14
        assert not (encoding.scale[normal].view(np.uint32) & 0xFFFF).any()


@given(values=weights)
def test_codes_stay_within_their_bits(values: np.ndarray) -> None:
    for fmt in FORMATS:
        encoding = encode(values, fmt)
        assert isinstance(encoding, LinearEncoding)
        least, largest = {(8, True): (-127, 127), (4, True): (-8, 7)}.get(
            (encoding.bits, fmt.symmetric), (0, 2**encoding.bits - 1)
        )
        assert encoding.codes.min() >= least
        assert encoding.codes.max() <= largest
        assert fmt.symmetric == (not encoding.zero_point.any() and encoding.codes.dtype == np.int8)


@pytest.mark.parametrize("shape", [(4, 64), (8, 32, 3, 3)])
def test_the_least_squared_error_is_never_above_that_of_the_whole_range(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).standard_t(3, shape).astype(np.float32)
    errors = {
        observer: np.square(encode(values, WeightFormat("linear", 4, observer=observer)).decode() - values).sum()
        for observer in (Observer.MIN_MAX, Observer.MSE)
    }
    assert errors[Observer.MSE] < 0.9 * errors[Observer.MIN_MAX]


def test_a_percentile_leaves_outliers_out() -> None:
    values = np.linspace(-1, 1, 1001, dtype=np.float32).reshape(1, -1)
    values[0, -1] = 1000.0
    fmt = WeightFormat("linear", 8, granularity=Granularity.TENSOR, observer=Observer.PERCENTILE, percentile=99.5)
    decoded = encode(values, fmt).decode()
    assert decoded.max() < 1.0
    assert np.abs(decoded - values)[0, 10:990].max() < 0.005


def test_blocks_that_do_not_divide_the_inputs_become_8_bit_channels() -> None:
    values = np.random.default_rng(0).standard_normal((6, 48, 1, 1)).astype(np.float32)
    fmt = WeightFormat("linear", 4, granularity=Granularity.BLOCK, block=32)
    encoding = encode(values, fmt)
    assert isinstance(encoding, LinearEncoding)
    assert (encoding.bits, encoding.scale.shape) == (8, (6, 1, 1, 1))
    encoding = encode(np.ascontiguousarray(values[:, :32]), fmt)
    assert isinstance(encoding, LinearEncoding)
    assert (encoding.bits, encoding.scale.shape) == (4, (6, 1, 1, 1))


@pytest.mark.parametrize("values", [np.ones(4), np.array([[np.nan, 1]]), np.array([[np.inf, 1]])])
def test_what_is_no_weight_is_refused(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="not finite"):
        encode(values.astype(np.float32), FORMATS[0])
