from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from torch import nn
from torch.nn import functional as F

from edgevit.errors import UnsupportedOpError
from tests.backends.tflite.harness import Each, check, graph_of, images

_SIZES = pytest.mark.parametrize("size", [(8, 8), (9, 7)], ids=["even", "odd"])


@_SIZES
def test_average(tmp_path: Path, size: tuple[int, int]) -> None:
    windows: list[Any] = [(2, 2, 0), (3, 1, 1), (3, 2, 1), (3, 2, 0), ((2, 3), 2, 1)]
    layers = {
        f"{window} {ceil=} {count=}": nn.AvgPool2d(window[0], window[1], window[2], ceil, count)
        for window, ceil, count in itertools.product(windows, [False, True], [False, True])
    }
    check(tmp_path, Each(layers), images(1, 3, *size))


def test_average_with_its_own_divisor(tmp_path: Path) -> None:
    check(tmp_path, nn.AvgPool2d(3, 2, 1, divisor_override=5), images(1, 3, 9, 9))
    check(tmp_path, nn.AvgPool2d(2, divisor_override=3), images(1, 3, 8, 8))


def test_ceil_mode_on_even_sizes_is_one_builtin(tmp_path: Path) -> None:
    layer = nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False)
    assert set(check(tmp_path, nn.Sequential(nn.Conv2d(3, 3, 1), layer), images(1, 3, 8, 8)).ops) <= {
        "CONV_2D",
        "AVERAGE_POOL_2D",
        "TRANSPOSE",
    }
    odd = check(tmp_path, layer, images(1, 3, 7, 7)).ops
    assert not odd["PAD"] + odd["MUL"]  # SAME divides by what is there


@pytest.mark.parametrize(
    ("length", "kernel", "stride", "ceil"), [(12, 4, 4, False), (13, 4, 4, False), (13, 3, 2, True)]
)
def test_average_of_sequences(tmp_path: Path, length: int, kernel: int, stride: int, ceil: bool) -> None:
    check(tmp_path, nn.AvgPool1d(kernel, stride, ceil_mode=ceil), images(1, 5, length))


@pytest.mark.parametrize("output", [1, 2, (4, 2)])
def test_adaptive_average(tmp_path: Path, output: int) -> None:
    check(tmp_path, nn.AdaptiveAvgPool2d(output), images(1, 3, 8, 6))


@_SIZES
def test_maximum(tmp_path: Path, size: tuple[int, int]) -> None:
    windows: list[Any] = [(2, 2, 0), (3, 1, 1), (3, 2, 1), ((3, 2), (1, 2), (1, 0))]
    layers = {
        f"{window} {ceil=}": nn.MaxPool2d(window[0], window[1], window[2], ceil_mode=ceil)
        for window, ceil in itertools.product(windows, [False, True])
    }
    below_zero = images(1, 3, *size) - 10  # zeros as padding would win
    check(tmp_path, Each(layers), below_zero)


def test_refusals() -> None:
    with pytest.raises(UnsupportedOpError, match="max_pool2d"):
        graph_of(nn.MaxPool2d(3, dilation=2), images(1, 3, 9, 9))
    with pytest.raises(UnsupportedOpError) as caught:
        graph_of(lambda x: F.adaptive_avg_pool2d(x, 3), images(1, 3, 8, 8))
    assert "8x8 does not divide into 3x3" in caught.value.why
