from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from edgevit.backends.tflite.emitter import Runtime
from edgevit.errors import UnsupportedOpError
from tests.backends.tflite.harness import Each, check, graph_of, images

_LAYERS = {
    "relu": nn.ReLU(),
    "relu6": nn.ReLU6(),
    "hardtanh": nn.Hardtanh(),
    "hardtanh 0..6": nn.Hardtanh(0.0, 6.0),
    "hardtanh -2..3": nn.Hardtanh(-2.0, 3.0),
    "gelu tanh": nn.GELU(approximate="tanh"),
    "silu": nn.SiLU(),
    "hardswish": nn.Hardswish(),
    "hardsigmoid": nn.Hardsigmoid(),
    "leaky relu": nn.LeakyReLU(0.2),
    "elu": nn.ELU(),
    "sigmoid": nn.Sigmoid(),
    "tanh": nn.Tanh(),
}


def test_layers(tmp_path: Path) -> None:
    check(tmp_path, Each(_LAYERS), 3 * images(1, 4, 5, 6))


def test_exact_gelu(tmp_path: Path) -> None:
    ran = check(tmp_path, nn.GELU(), 3 * images(1, 4, 5, 6), tolerance=1e-6)
    assert ran.ops["GELU"] == 1


def test_older_runtimes_get_the_tanh_form(tmp_path: Path) -> None:
    x = 3 * images(1, 4, 5, 6)
    ran = check(tmp_path, nn.GELU(), x, runtime=Runtime.TFLITE_2_14, tolerance=1e-3)
    assert abs(ran.outputs[0] - F.gelu(x, approximate="tanh").numpy()).max() < 1e-5


@pytest.mark.parametrize("bounds", [(0, None), (None, 1), (-1, 1), (0.5, 0.75), (0, 6)])
def test_clamp(tmp_path: Path, bounds: tuple[float | None, float | None]) -> None:
    check(tmp_path, lambda x: torch.clamp(x, *bounds), images(3, 4))
    check(tmp_path, lambda x: torch.clamp_min(x, 0.25), images(3, 4))


@pytest.mark.parametrize("parameters", [1, 4])
def test_prelu(tmp_path: Path, parameters: int) -> None:
    layer = nn.PReLU(parameters)
    layer.weight.data = images(parameters)
    check(tmp_path, layer, images(1, 4, 5, 6))
    check(tmp_path, layer, images(3, 4))


@pytest.mark.parametrize("dim", [0, 1, -1, -2])
def test_softmax(tmp_path: Path, dim: int) -> None:
    check(tmp_path, nn.Softmax(dim), images(2, 4, 5, 6))


def test_fusion_into_every_producer(tmp_path: Path) -> None:
    conv, depthwise, linear = nn.Conv2d(4, 4, 3), nn.Conv2d(4, 4, 3, groups=4), nn.Linear(4, 4)

    def network(x: torch.Tensor) -> torch.Tensor:
        y = F.relu6(depthwise(F.relu(conv(x))))
        y = F.relu(y + y.square()) - F.relu(y * 0.5)
        tokens: torch.Tensor = linear(y.flatten(2).transpose(1, 2))
        return F.hardtanh(tokens)

    ran = check(tmp_path, network, images(1, 4, 8, 8))
    assert not any(name.startswith("RELU") for name in ran.ops)


def test_an_activation_of_a_shared_result_stays(tmp_path: Path) -> None:
    conv = nn.Conv2d(4, 4, 1)

    def network(x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = conv(x)
        return F.relu(y) + y

    assert check(tmp_path, network, images(1, 4, 5, 5)).ops["RELU"] == 1


def test_a_second_activation_is_not_lost(tmp_path: Path) -> None:
    conv = nn.Conv2d(4, 4, 1)
    check(tmp_path, lambda x: F.hardtanh(F.relu(conv(x))), 3 * images(1, 4, 5, 5))


def test_scaled_elu_is_refused() -> None:
    with pytest.raises(UnsupportedOpError, match=r"aten\.elu"):
        graph_of(nn.ELU(alpha=2.0), images(2, 3))
