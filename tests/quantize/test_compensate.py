"""Codes chosen for the sum that they are part of."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor

from edgevit.quantize.apply import quantize
from edgevit.quantize.compensate import compensated, rounded_together
from edgevit.quantize.encoding import Encoding, LinearEncoding, PaletteEncoding
from edgevit.quantize.grids import grid_of
from edgevit.quantize.moments import input_moments
from edgevit.quantize.schemes import Granularity, WeightFormat, get_scheme
from edgevit.quantize.sensitivity import Evidence
from edgevit.quantize.weights import encode
from tests.quantize.networks import small
from tests.quantize.pictures import images, opinionated

PLAIN = get_scheme("fp16").formats["tflite"]

FORMATS = {
    "w4": WeightFormat("linear", 4),
    "w4 asymmetric": WeightFormat("linear", 4, symmetric=False),
    "w8": WeightFormat("linear", 8, symmetric=False),
    "w4 blocks": WeightFormat("linear", 4, granularity=Granularity.BLOCK, block=32),
    "palette": WeightFormat("palette", 4, granularity=Granularity.TENSOR),
    "palettes": WeightFormat("palette", 4, granularity=Granularity.BLOCK, block=16),
}
formats = pytest.mark.parametrize("fmt", FORMATS.values(), ids=list(FORMATS))


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def correlated(size: int) -> Tensor:
    """Return inputs (4 * size, size) that share most of what they say, and have a mean."""
    return noise(4 * size, size) + 2 * noise(4 * size, 3, seed=1) @ noise(3, size, seed=2) + 0.5


def moments(inputs: Tensor) -> Tensor:
    return (inputs.double().T @ inputs.double() / len(inputs))[None]


def output_error(inputs: Tensor, weight: Tensor, encoding: Encoding) -> float:
    difference = torch.from_numpy(encoding.decode()).reshape(len(weight), -1) - weight.reshape(len(weight), -1)
    return float((inputs @ difference.T).square().mean())


def allowed(encoding: Encoding) -> list[set[float]]:
    """Return what each output channel's elements may decode to."""
    if isinstance(encoding, PaletteEncoding):
        tables = [set(table.tolist()) for table in encoding.palette]
        return [tables[row * len(tables) // len(encoding.codes)] for row in range(len(encoding.codes))]
    return []


@formats
def test_the_output_is_closer_on_the_same_grid(fmt: WeightFormat) -> None:
    inputs, weight = correlated(64), noise(32, 64, seed=3)
    nearest = encode(weight.numpy(), fmt)
    together = rounded_together(nearest, weight, moments(inputs))
    assert output_error(inputs, weight, together) < 0.5 * output_error(inputs, weight, nearest)
    assert together.size_bits == nearest.size_bits
    assert together.codes.dtype == nearest.codes.dtype
    if isinstance(nearest, LinearEncoding) and isinstance(together, LinearEncoding):
        assert np.array_equal(together.scale, nearest.scale)
        low, high = (
            (0, 2**fmt.bits - 1)
            if nearest.codes.dtype == np.uint8
            else (-(2 ** (fmt.bits - 1)), 2 ** (fmt.bits - 1) - 1)
        )
        assert low <= together.codes.min()
        assert together.codes.max() <= high
    for row, values in zip(together.decode(), allowed(together), strict=False):
        assert set(row.ravel().tolist()) <= values


@formats
def test_inputs_that_have_nothing_in_common_leave_the_nearest_codes(fmt: WeightFormat) -> None:
    weight = noise(32, 64, seed=3)
    nearest = encode(weight.numpy(), fmt)
    alone = rounded_together(nearest, weight, torch.eye(64, dtype=torch.float64)[None])
    assert np.abs(alone.decode() - weight.numpy()).max() <= np.abs(nearest.decode() - weight.numpy()).max() + 1e-6


@formats
def test_a_grid_gives_what_its_codes_stand_for(fmt: WeightFormat) -> None:
    weight = noise(32, 64, seed=4)
    encoding = encode(weight.numpy(), fmt)
    decoded = torch.from_numpy(encoding.decode()).double()
    for column in (0, 33, 63):
        codes, values = grid_of(encoding).nearest(decoded[:, column], column)
        assert torch.allclose(values, decoded[:, column], rtol=1e-6, atol=1e-9)
        if not isinstance(encoding, PaletteEncoding):
            assert np.array_equal(codes.numpy(), encoding.codes[:, column])


def test_groups_of_a_convolution_are_rounded_apart() -> None:
    inputs = [correlated(9), noise(36, 9, seed=5)]
    weight = noise(4, 1, 3, 3, seed=6)
    both = torch.cat([moments(each) for each in inputs])
    nearest = encode(weight.numpy(), FORMATS["w4"])
    assert isinstance(nearest, LinearEncoding)
    together = rounded_together(nearest, weight, both)
    for group in range(2):
        rows = slice(2 * group, 2 * group + 2)
        part = LinearEncoding(nearest.codes[rows], nearest.scale[rows], nearest.zero_point[rows], 4)
        alone = rounded_together(part, weight[rows], both[group : group + 1])
        assert np.array_equal(together.codes[rows], alone.codes)


def column_by_column(encoding: Encoding, weight: Tensor, moments: Tensor) -> Tensor:
    """Return decoded rows as the paper's algorithm 1 has them without blocks, on one group."""
    order = moments.diagonal().argsort(descending=True, stable=True)
    damped = moments[order][:, order] + 0.01 * moments.diagonal().mean() * torch.eye(len(moments))
    factor = torch.linalg.cholesky(torch.linalg.inv(damped), upper=True)
    left, grid = weight.double()[:, order], grid_of(encoding).permuted(order.expand(len(weight), -1))
    found = torch.empty_like(left)
    for column in range(left.shape[1]):
        _, found[:, column] = grid.nearest(left[:, column].clone(), column)
        error = (left[:, column] - found[:, column]) / factor[column, column]
        left -= error[:, None] * torch.where(torch.arange(len(order)) >= column, factor[column], 0.0)
    return found[:, order.argsort()]


@formats
def test_errors_reach_every_later_column(fmt: WeightFormat) -> None:
    size = 160  # more than are rounded at a time, and no multiple of that
    inputs, weight = correlated(size), noise(16, size, seed=8)
    nearest = encode(weight.numpy(), fmt)
    together = torch.from_numpy(rounded_together(nearest, weight, moments(inputs)).decode())
    expected = column_by_column(nearest, weight, moments(inputs)[0])
    assert torch.allclose(together.double(), expected, rtol=1e-6, atol=1e-9)


def test_inputs_that_are_always_zero_do_no_harm() -> None:
    weight = noise(8, 16, seed=7)
    nearest = encode(weight.numpy(), FORMATS["w4"])
    dead = rounded_together(nearest, weight, torch.zeros(1, 16, 16, dtype=torch.float64))
    assert np.array_equal(dead.codes, nearest.codes)


@pytest.mark.parametrize("scheme", ["pal4", "w4-block32"])
def test_a_network_is_closer_on_images_that_were_not_seen(scheme: str) -> None:
    model = opinionated(images(16))
    nearest = quantize(model, get_scheme(scheme), "mlpackage")
    before = {name: encoding.codes.copy() for name, encoding in nearest.encodings.items()}
    together = compensated(nearest, input_moments(model, images(16)))
    unseen = Evidence(model, images(16, seed=9))
    assert unseen.of(together).divergence < 0.7 * unseen.of(nearest).divergence
    for name, encoding in together.encodings.items():
        decoded = torch.from_numpy(encoding.decode())
        assert torch.equal(together.model.module.get_parameter(name), decoded)
        assert np.array_equal(nearest.encodings[name].codes, before[name]), "the argument is left alone"


@pytest.mark.parametrize("scheme", ["w4-block", "w8a8"])
def test_weights_of_integer_schemes_are_rounded_together_too(scheme: str) -> None:
    model, pixels = small(), images(12)
    nearest = quantize(model, get_scheme("w8" if scheme == "w8a8" else scheme), "tflite")
    found = quantize(model, get_scheme(scheme), "tflite", calibration=pixels)
    floating = [dataclasses.replace(each, inputs={}, outputs={}, form=PLAIN) for each in (nearest, found)]
    before, after = (Evidence(model, pixels).of(each).sqnr_db for each in floating)
    assert after > before + 1.0


def test_the_same_images_give_the_same_codes() -> None:
    nearest = quantize(small(), get_scheme("pal4"), "mlpackage")
    first, second = (compensated(nearest, input_moments(nearest.source, images(3))) for _ in range(2))
    for name, encoding in first.encodings.items():
        assert np.array_equal(encoding.codes, second.encodings[name].codes)


def test_nothing_to_round_is_left_as_it_is() -> None:
    plain = quantize(small(), get_scheme("fp16"), "mlpackage")
    assert compensated(plain, {}) is plain
