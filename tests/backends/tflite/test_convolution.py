from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from edgevit.errors import UnsupportedOpError
from tests.backends.tflite.harness import Each, check, graph_of, images


@pytest.mark.parametrize("size", [(8, 8), (7, 9)], ids=["even", "odd"])
@pytest.mark.parametrize("kernel", [1, 2, 3, (1, 3), (5, 2)])
def test_dense(tmp_path: Path, size: tuple[int, int], kernel: int) -> None:
    strides: list[Any] = [1, 2, (1, 2)]
    paddings: list[Any] = [0, 1, (2, 0)]
    options = itertools.product(strides, paddings)
    layers = {f"{stride=} {padding=}": nn.Conv2d(3, 5, kernel, stride, padding) for stride, padding in options}
    check(tmp_path, Each(layers), images(1, 3, *size))


@pytest.mark.parametrize("groups", [2, 6], ids=["grouped", "depthwise"])
@pytest.mark.parametrize("bias", [True, False])
def test_groups(tmp_path: Path, groups: int, bias: bool) -> None:
    dilations: list[Any] = [1, 2, (3, 1)]
    layers = {
        f"{multiplier=} {stride=} {dilation=}": nn.Conv2d(6, 6 * multiplier, 3, stride, 2, dilation, groups, bias=bias)
        for multiplier, stride, dilation in itertools.product([1, 2], [1, 2], dilations)
    }
    ran = check(tmp_path, Each(layers), images(1, 6, 11, 12))
    assert ran.ops["DEPTHWISE_CONV_2D" if groups == 6 else "CONV_2D"] == len(layers)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kernel", [2, 3])
def test_named_padding(tmp_path: Path, padding: str, kernel: int) -> None:
    ran = check(tmp_path, nn.Conv2d(3, 4, kernel, padding=padding, dilation=2), images(1, 3, 9, 9))
    assert not ran.ops["PAD"]


def test_symmetric_padding_of_stride_1_is_the_builtins_own(tmp_path: Path) -> None:
    assert not check(tmp_path, nn.Conv2d(3, 4, 7, padding=3), images(1, 3, 9, 9)).ops["PAD"]


def test_zero_pad_goes_into_the_convolution(tmp_path: Path) -> None:
    conv = nn.Conv2d(3, 4, 3, stride=2)
    ran = check(tmp_path, nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), conv), images(1, 3, 8, 8))
    assert not ran.ops["PAD"]
    ran = check(tmp_path, nn.Sequential(nn.ZeroPad2d((1, 0, 1, 0)), nn.Conv2d(3, 4, 3, 2, 1)), images(1, 3, 9, 8))
    assert ran.ops["PAD"] == 1


def test_batch_of_several(tmp_path: Path) -> None:
    check(tmp_path, nn.Conv2d(3, 4, 3, 2, 1), images(3, 3, 8, 8))


@pytest.mark.parametrize("channels_last", [True, False])
def test_pointwise_reads_any_layout_with_channels_last(tmp_path: Path, channels_last: bool) -> None:
    layer = nn.Conv2d(4, 6, 1)
    ran = check(
        tmp_path, lambda x: layer(x.transpose(2, 3)).transpose(2, 3), images(1, 4, 5, 6), channels_last=channels_last
    )
    assert ran.ops["TRANSPOSE"] == (1 if channels_last else 2)  # what comes out is channels-first in this test
    tokens = check(tmp_path, lambda x: layer(x.transpose(1, 2).unsqueeze(2)).flatten(2), images(1, 7, 4))
    assert tokens.ops["TRANSPOSE"] == 1


def test_two_convolutions_share_one_layout(tmp_path: Path) -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 1, 1, groups=8), nn.Conv2d(8, 4, 1))
    ran = check(tmp_path, nn.Sequential(net, nn.Flatten(2)), images(1, 3, 8, 8))
    assert ran.ops["TRANSPOSE"] == 1  # of the output, to channels first
    assert ran.planned["DELEGATE"] == 1


def test_batch_norm_and_layer_scale_go_into_the_weights(tmp_path: Path) -> None:
    norm = nn.BatchNorm2d(8)
    nn.init.uniform_(norm.weight, 0.5, 2)
    nn.init.normal_(norm.bias)
    norm.running_mean = images(8)
    norm.running_var = images(8).square() + 0.5
    scale = images(8, 1, 1, seed=1)
    net = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), norm)
    ran = check(tmp_path, lambda x: F.relu(net(x) * scale), images(1, 3, 8, 8))
    assert not ran.ops["MUL"] + ran.ops["ADD"] + ran.ops["RELU"]


def test_a_shared_result_is_not_folded_away(tmp_path: Path) -> None:
    conv = nn.Conv2d(3, 3, 3, padding=1)

    def network(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        y = conv(x)
        return F.relu(y), y * 2.0

    check(tmp_path, network, images(1, 3, 6, 6))


def test_a_computed_kernel_is_refused_with_its_place() -> None:
    class Dynamic(nn.Module):
        def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
            return F.conv2d(x, w)

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stage = nn.ModuleList([Dynamic()])

        def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.stage[0](x, w)
            return out

    with pytest.raises(UnsupportedOpError) as caught:
        graph_of(Network(), images(1, 3, 8, 8), images(4, 3, 3, 3))
    assert "aten.conv2d.default" in caught.value.what
    assert "stage.0 (Dynamic)" in caught.value.what
    assert "kernel is computed" in caught.value.why
    assert "test_convolution.py:" in caught.value.why
