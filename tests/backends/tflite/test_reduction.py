from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from edgevit.errors import UnsupportedOpError
from tests.backends.tflite.harness import Each, check, graph_of, images


@pytest.mark.parametrize("dim", [1, -1, (2, 3), (1, 3), (0, 1, 2, 3)])
@pytest.mark.parametrize("keepdim", [False, True])
def test_reductions(tmp_path: Path, dim: int, keepdim: bool) -> None:
    functions = (torch.mean, torch.sum, torch.amax, torch.amin)
    cases = {f.__name__: functools.partial(_reduced, f, dim, keepdim) for f in functions}
    check(tmp_path, Each(cases), images(1, 4, 5, 6))


def _reduced(function: Callable[..., Tensor], dim: int, keepdim: bool, x: Tensor) -> Tensor:
    return function(x, dim, keepdim)


def test_reduction_of_everything(tmp_path: Path) -> None:
    check(tmp_path, lambda x: (x.mean() + x.sum()).reshape(1, 1), images(3, 4))


@pytest.mark.parametrize("shape", [(6,), (5, 6)])
@pytest.mark.parametrize("affine", [True, False])
def test_layer_norm(tmp_path: Path, shape: tuple[int, ...], affine: bool) -> None:
    layer = nn.LayerNorm(shape, eps=1e-3, elementwise_affine=affine)
    if affine:
        layer.weight.data, layer.bias.data = images(*shape), images(*shape, seed=1)
    check(tmp_path, layer, 5 * images(1, 4, 5, 6) + 3)


def test_layer_norm_of_channels_moves_nothing(tmp_path: Path) -> None:
    conv, norm = nn.Conv2d(3, 8, 3), nn.LayerNorm(8)
    norm.weight.data = images(8)

    def network(x: Tensor) -> Tensor:
        out: Tensor = norm(conv(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return out.mean((2, 3))

    ran = check(tmp_path, network, images(1, 3, 8, 8))
    assert not ran.ops["TRANSPOSE"]
    assert ran.planned["DELEGATE"] == 1


@pytest.mark.parametrize(("layer", "shape"), [(nn.BatchNorm2d, (1, 4, 5, 6)), (nn.BatchNorm1d, (2, 4, 5))])
@pytest.mark.parametrize("affine", [True, False])
def test_batch_norm(tmp_path: Path, layer: type[nn.BatchNorm2d], shape: tuple[int, ...], affine: bool) -> None:
    norm = layer(4, affine=affine)
    norm.running_mean, norm.running_var = images(4), images(4, seed=1).square() + 0.1
    check(tmp_path, norm, images(*shape))


def test_functional_batch_norm(tmp_path: Path) -> None:
    """In-place operators bring the functional form of the exported graph, which has other outputs as well."""
    norm = nn.BatchNorm1d(4)
    norm.running_mean = images(4)

    def network(x: Tensor) -> tuple[Tensor, Tensor]:
        y = norm(x)
        z = y.transpose(0, 1)
        z += 1.0
        return y, z

    check(tmp_path, network, images(3, 4))


def test_batch_statistics_are_refused() -> None:
    norm = nn.BatchNorm1d(4, track_running_stats=False)
    with pytest.raises(UnsupportedOpError) as caught:
        graph_of(norm, images(3, 4))
    assert "eval mode" in caught.value.why
