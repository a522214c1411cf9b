from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from edgevit.errors import UnsupportedOpError
from tests.backends.tflite.harness import Each, check, graph_of, images

_BINARY: dict[str, Callable[[Any, Any], Tensor]] = {
    "add": lambda a, b: a + b,
    "add with alpha": lambda a, b: torch.add(a, b, alpha=0.5),
    "sub": lambda a, b: a - b,
    "sub with alpha": lambda a, b: torch.sub(a, b, alpha=2.0),
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
}
_SHAPES = [((1, 4, 5, 6), (1, 4, 5, 6)), ((1, 4, 5, 6), (4, 1, 1)), ((1, 4, 1, 1), (1, 4, 5, 6)), ((3, 1), (1, 4))]


@pytest.mark.parametrize("shapes", _SHAPES)
def test_two_values(tmp_path: Path, shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    a, b = images(*shapes[0]), images(*shapes[1], seed=1)
    check(tmp_path, Each(_BINARY), a, b.abs() + 0.5)


@pytest.mark.parametrize("shape", [(), (1,), (4, 1, 1), (1, 4, 1, 1), (6,), (5, 6), (1, 4, 5, 6), (2, 1, 1, 1)])
def test_value_and_constant(tmp_path: Path, shape: tuple[int, ...]) -> None:
    constant = images(*shape).abs() + 0.5
    second = {name: functools.partial(_swapped, function, constant) for name, function in _BINARY.items()}
    check(tmp_path, Each(second), images(1, 4, 5, 6))
    first = {name: functools.partial(function, constant) for name, function in _BINARY.items()}
    check(tmp_path, Each(first), images(1, 4, 5, 6).abs() + 0.5)


def _swapped(function: Callable[[Any, Any], Tensor], second: Tensor, first: Tensor) -> Tensor:
    return function(first, second)


@pytest.mark.parametrize("number", [2.0, 3, 0.25, -0.5])
def test_value_and_number(tmp_path: Path, number: float) -> None:
    cases = {
        "after": lambda x: (x + number) * number,
        "before": lambda x: number - x,
        "divisor": lambda x: x / number,
        "dividend": lambda x: number / (x.abs() + 1),
    }
    check(tmp_path, Each(cases), images(2, 3))


def test_constant_of_more_dimensions(tmp_path: Path) -> None:
    constant = images(2, 3, 1, 1)
    check(tmp_path, lambda x: x + constant, images(5, 4))


def test_operands_in_different_layouts_move_the_smaller_one(tmp_path: Path) -> None:
    conv = nn.Conv2d(4, 4, 3, padding=1)
    tokens = check(tmp_path, lambda x, y: (conv(x).flatten(2) + y).mean(2), images(1, 4, 5, 6), images(1, 4, 30))
    assert tokens.ops["TRANSPOSE"] == 1  # of the tokens, which lie channels-first
    gate = check(tmp_path, lambda x: conv(x) * x.mean((2, 3), keepdim=True), images(1, 4, 5, 6), channels_last=False)
    assert gate.ops["TRANSPOSE"] == 2  # into the convolution and out of it: the gate itself is free


def test_unary(tmp_path: Path) -> None:
    names = ("abs", "exp", "neg", "sigmoid", "tanh", "square", "reciprocal")
    check(tmp_path, Each({name: getattr(torch, name) for name in names}), images(2, 3, 4))


def test_unary_above_zero(tmp_path: Path) -> None:
    cases = {name: getattr(torch, name) for name in ("log", "sqrt", "rsqrt")}
    powers = {f"power {p}": functools.partial(_power, p) for p in (2, 0.5, -0.5, 3, 1.5)}
    check(tmp_path, Each(cases | powers), images(2, 3, 4).abs() + 0.1)


def _power(exponent: float, x: Tensor) -> Tensor:
    return x**exponent


def test_operators_of_storage_vanish(tmp_path: Path) -> None:
    dropout = nn.Dropout(0.5)
    ran = check(tmp_path, lambda x: dropout(x.contiguous().clone().detach().float()) + 1.0, images(2, 3))
    assert ran.ops == {"ADD": 1}


def test_other_types_are_refused() -> None:
    with pytest.raises(UnsupportedOpError) as caught:
        graph_of(lambda x: x.double() + 1, images(2, 3))
    assert "float64" in caught.value.why


def test_in_place_operators_behind_dropout(tmp_path: Path) -> None:
    dropout = nn.Dropout(0.5)

    def network(x: Tensor) -> tuple[Tensor, Tensor]:
        y = x * 2.0
        return torch.relu_(dropout(y)), y  # dropout in eval mode is y itself

    with pytest.raises(UnsupportedOpError, match="dropout"):
        graph_of(network, images(3, 4), outputs=2)
    ran = check(tmp_path, lambda x: torch.relu_(dropout(x * 2.0)), images(3, 4))
    assert ran.ops == {"MUL": 1}


def test_in_place_operators(tmp_path: Path) -> None:
    def network(x: Tensor) -> tuple[Tensor, Tensor]:
        y = x * 2.0
        view = y[:, 1:]
        view += 1.0  # changes y as well
        return y, torch.relu_(x - 1.0)

    check(tmp_path, network, images(3, 4))
