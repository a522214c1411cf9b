"""Layers to kernels and back."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from edgevit.reparam.algebra import Kernel
from edgevit.reparam.layers import affine_of, conv_bn_kernel, convolution, convolution_like, kernel_of, linear


def _norm(channels: int) -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(channels).double().eval()
    for tensor in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
        assert tensor is not None
        nn.init.uniform_(tensor, 0.5, 2)
    return norm


@pytest.mark.parametrize("bias", [True, False])
def test_convolution_and_norm_become_one_layer(bias: bool) -> None:
    torch.manual_seed(0)
    source, norm = nn.Conv2d(4, 8, 5, 2, 1, groups=2, bias=bias).double(), _norm(8)
    folded = convolution_like(source, conv_bn_kernel(source, norm))
    x = torch.randn(2, 4, 9, 9, dtype=torch.float64)
    torch.testing.assert_close(folded(x), norm(source(x)), rtol=1e-12, atol=1e-12)


def test_layers_own_their_tensors_and_leave_the_random_state_alone() -> None:
    torch.manual_seed(0)
    kernel = Kernel(torch.randn(4, 4), torch.randn(4))
    state = torch.get_rng_state()
    layer = linear(kernel)
    conv = convolution(Kernel(kernel.weight[:, :, None, None], kernel.bias))
    kernel.weight.zero_()
    assert torch.equal(torch.get_rng_state(), state)
    assert layer.weight.abs().min() > 0
    assert conv.weight.abs().min() > 0


def test_a_missing_bias_is_zero() -> None:
    assert torch.equal(kernel_of(nn.Linear(3, 2, bias=False)).bias, torch.zeros(2))


@pytest.mark.parametrize(
    "layer",
    [nn.Conv2d(2, 2, 3, dilation=2), nn.Conv2d(2, 2, 3, stride=(1, 2)), nn.Conv2d(2, 2, 3, padding="same")],
    ids=["dilated", "uneven", "named-padding"],
)
def test_layers_that_the_algebra_does_not_describe_are_refused(layer: nn.Conv2d) -> None:
    with pytest.raises(ValueError, match="plain square"):
        convolution_like(layer, kernel_of(layer))


def test_a_norm_without_statistics_is_refused() -> None:
    with pytest.raises(ValueError, match="running statistics"):
        affine_of(nn.BatchNorm2d(3, track_running_stats=False))
