"""The algebra of folding against running the layers one after the other, in float64."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from edgevit.reparam.algebra import (
    Affine,
    Kernel,
    add,
    after,
    batch_norm_affine,
    before,
    identity_kernel,
    pad_kernel,
    pointwise,
    scale_columns,
    scale_rows,
    select_rows,
    with_identity,
)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def _random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def _kernel(outputs: int, inputs: int, size: int, groups: int = 1) -> Kernel:
    return Kernel(_random(outputs, inputs // groups, size, size), _random(outputs))


def _run(kernel: Kernel, x: Tensor, groups: int = 1, stride: int = 1) -> Tensor:
    padding = kernel.weight.shape[-1] // 2
    return F.conv2d(x, kernel.weight, kernel.bias, stride=stride, padding=padding, groups=groups)


def _apply(affine: Affine, x: Tensor) -> Tensor:
    return x * affine.scale[:, None, None] + affine.shift[:, None, None]


def _same(actual: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("affine", [True, False])
def test_batch_norm_is_an_affine(affine: bool) -> None:
    mean, variance, x = _random(4), _random(4).abs() + 0.1, _random(2, 4, 3, 3)
    weight, bias = (_random(4), _random(4)) if affine else (None, None)
    expected = F.batch_norm(x, mean, variance, weight, bias, eps=0.25)
    _same(_apply(batch_norm_affine(weight, bias, mean, variance, 0.25), x), expected)


@pytest.mark.parametrize(("size", "groups", "stride"), [(3, 1, 1), (3, 6, 2), (7, 2, 2), (1, 1, 1)])
def test_an_affine_after_a_convolution_moves_into_it(size: int, groups: int, stride: int) -> None:
    kernel, affine, x = _kernel(6, 6, size, groups), Affine(_random(6), _random(6)), _random(2, 6, 8, 9)
    _same(_run(after(kernel, affine), x, groups, stride), _apply(affine, _run(kernel, x, groups, stride)))


def test_an_affine_before_a_pointwise_convolution_moves_into_it() -> None:
    kernel, affine, x = _kernel(5, 6, 1), Affine(_random(6), _random(6)), _random(2, 6, 4, 4)
    _same(_run(before(affine, kernel), x), _run(kernel, _apply(affine, x)))


def test_an_affine_before_a_linear_layer_moves_into_it() -> None:
    kernel, affine, x = Kernel(_random(5, 6), _random(5)), Affine(_random(6), _random(6)), _random(3, 6)
    folded = before(affine, kernel)
    expected = F.linear(x * affine.scale + affine.shift, kernel.weight, kernel.bias)
    _same(F.linear(x, folded.weight, folded.bias), expected)


@pytest.mark.parametrize("kernel", [_kernel(6, 6, 3), _kernel(6, 6, 1, groups=2)], ids=["padded", "grouped"])
def test_an_affine_before_other_convolutions_is_refused(kernel: Kernel) -> None:
    with pytest.raises(ValueError, match=r"cannot move into|do not fit"):
        before(Affine(_random(6), _random(6)), kernel)


def test_scales_of_rows_and_columns_are_those_of_output_and_input() -> None:
    kernel, rows, columns, x = _kernel(5, 6, 3), _random(5), _random(6), _random(2, 6, 4, 4)
    _same(_run(scale_rows(kernel, rows), x), _run(kernel, x) * rows[:, None, None])
    _same(_run(scale_columns(kernel, columns), x), _run(kernel, x * columns[:, None, None]))
    _same(_run(scale_rows(kernel, rows[0]), x), _run(kernel, x) * rows[0])


def test_selected_rows_are_output_channels() -> None:
    kernel, x = _kernel(6, 4, 1), _random(1, 4, 3, 3)
    _same(_run(select_rows(kernel, 2, 5), x), _run(kernel, x)[:, 2:5])


def test_branches_add_up_once_padded() -> None:
    large, small, x = _kernel(4, 4, 7, groups=4), _kernel(4, 4, 3, groups=4), _random(1, 4, 9, 9)
    merged = add(large, pad_kernel(small, 7))
    _same(_run(merged, x, groups=4, stride=2), _run(large, x, 4, 2) + _run(small, x, 4, 2))


@pytest.mark.parametrize("size", [1, 4])
def test_kernels_that_cannot_be_centred_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="cannot be centred"):
        pad_kernel(_kernel(4, 4, 3), size)


@pytest.mark.parametrize("groups", [1, 2, 6])
def test_the_identity_returns_its_input(groups: int) -> None:
    x = _random(2, 6, 5, 5)
    _same(_run(identity_kernel(6, 3, groups=groups, like=x), x, groups), x)


@pytest.mark.parametrize("groups", [1, 3])
def test_a_residual_moves_into_its_convolution(groups: int) -> None:
    kernel, x = _kernel(6, 6, 3, groups), _random(2, 6, 5, 5)
    _same(_run(with_identity(kernel), x, groups), x + _run(kernel, x, groups))


def test_a_linear_layer_is_a_pointwise_convolution() -> None:
    kernel, x = Kernel(_random(5, 6), _random(5)), _random(1, 6, 2, 2)
    expected = F.linear(x.movedim(1, -1), kernel.weight, kernel.bias).movedim(-1, 1)
    _same(_run(pointwise(kernel), x), expected)
