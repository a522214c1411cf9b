"""Sums inside operations, against sums over every term."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from edgevit.verification.ops import linear, normalization, reduction  # noqa: F401 - registers the operators
from edgevit.verification.ops.registry import OPS, Arguments, Value
from edgevit.verification.sums import largest_sum

NOTHING = -1.0
"""No bound is good enough: the exact sum is asked for."""


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def integers(*values: int) -> Tensor:
    return torch.tensor(values)


def sum_in(op: str, arguments: dict[str, Value], enough: float = NOTHING) -> float:
    return largest_sum(op, OPS[op], Arguments(arguments), enough)


def test_a_convolution_adds_products_and_bias() -> None:
    x, weight, bias = noise(1, 4, 6, 6), noise(8, 2, 3, 3), noise(8)
    arguments: dict[str, Value] = {
        "x": x, "weight": weight, "bias": bias, "groups": torch.tensor(2), "pad_type": "custom",
        "pad": integers(1, 1, 1, 1), "strides": integers(1, 1), "dilations": integers(1, 1),
    }  # fmt: skip
    exact = sum_in("conv", arguments)
    columns = torch.nn.functional.unfold(x.abs(), 3, padding=1).reshape(2, 18, 36)
    terms = torch.einsum("gok,gkp->gop", weight.abs().reshape(2, 4, 18), columns) + bias.abs().reshape(2, 4, 1)
    assert exact == pytest.approx(float(terms.max()), rel=1e-5)
    assert exact <= sum_in("conv", arguments, math.inf), "a bound is no less"


def test_a_quick_bound_is_not_trusted_beyond_the_limit() -> None:
    x, weight = noise(2, 32), noise(16, 32)
    bound = sum_in("linear", {"x": x, "weight": weight}, math.inf)
    exact = sum_in("linear", {"x": x, "weight": weight}, bound * 0.99)
    assert exact == pytest.approx(float((x.abs() @ weight.abs().T).max()), rel=1e-5)
    assert exact < bound


@pytest.mark.parametrize(("flip_x", "flip_y"), [(False, False), (True, False), (False, True)])
def test_matrix_products(flip_x: bool, flip_y: bool) -> None:
    x, y = noise(3, 5, 7), noise(3, 7, 4)
    arguments: dict[str, Value] = {
        "x": x.transpose(1, 2) if flip_x else x, "y": y.transpose(1, 2) if flip_y else y,
        "transpose_x": torch.tensor(flip_x), "transpose_y": torch.tensor(flip_y),
    }  # fmt: skip
    exact = sum_in("matmul", arguments)
    assert exact == pytest.approx(float((x.abs() @ y.abs()).max()), rel=1e-5)
    assert exact <= sum_in("matmul", arguments, math.inf)


def test_attention_adds_products_before_its_scale() -> None:
    query, key = noise(1, 2, 5, 8), noise(1, 2, 6, 8)
    found = sum_in("scaled_dot_product_attention", {"query": query, "key": key, "value": noise(1, 2, 6, 8)})
    assert found == pytest.approx(float((query.abs() @ key.abs().transpose(-1, -2)).max()), rel=1e-5)


def test_a_mean_is_a_sum_first() -> None:
    x = noise(1, 3, 40, 40)
    found = sum_in("reduce_mean", {"x": x, "axes": integers(2, 3), "keep_dims": torch.tensor(True)})
    assert found == pytest.approx(float(x.abs().sum((2, 3)).max()), rel=1e-5)
    assert abs(float(x.mean((2, 3)).max())) < 0.01 * found, "the result shows nothing of it"


def test_a_variance_is_a_sum_of_squares() -> None:
    x = noise(1, 16, 5, 5) * 10 + 3
    found = sum_in("layer_norm", {"x": x, "axes": integers(1)})
    squares = (x - x.mean(1, keepdim=True)).square().sum(1)
    assert found == pytest.approx(max(float(squares.max()), float(x.abs().sum(1).max())), rel=1e-5)


def test_what_adds_nothing_up() -> None:
    assert sum_in("softmax", {"x": noise(4, 4), "axis": torch.tensor(-1)}) == 0.0
    assert sum_in("add", {"x": noise(4), "y": noise(4)}) == 0.0
