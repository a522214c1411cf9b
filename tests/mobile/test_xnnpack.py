"""The rewrites for TFLite's CPU kernels: the same function in float64, in kernels that XNNPACK has."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from edgevit.mobile.adapt import adapt, rewrite_names
from edgevit.mobile.rewrite import Target, rewrite
from edgevit.mobile.xnnpack import MAX_TAPS, RowSplit, interleaving, row_parts
from edgevit.models.outputs import select_output
from edgevit.models.registry import create, resolve
from edgevit.reparam.proof import reparameterize
from edgevit.types import AdaptedModel, Form, Head, LoadedModel, WeightsInfo
from tests.support import golden


@pytest.mark.parametrize("side", [7, 9, 11])
def test_every_row_is_in_one_part_that_fits(side: int) -> None:
    parts = row_parts(side)
    assert sorted(row for part in parts for row in part.indices) == list(range(side))
    assert all(part.count * side <= MAX_TAPS for part in parts)


def test_a_7x7_kernel_is_three_parts() -> None:
    assert [part.indices for part in row_parts(7)] == [(0, 3, 6), (1, 5), (2, 4)]


@pytest.mark.parametrize("side", [7, 9, 11])
@pytest.mark.parametrize("stride", [1, 2, (2, 1)])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("size", [(5, 16), (13, 12)])
def test_the_sum_of_the_parts_is_the_convolution(side: int, stride: int, bias: bool, size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(4, 4, side, stride, side // 2, groups=4, bias=bias).double()
    x = torch.randn(2, 4, *size, dtype=torch.float64)
    torch.testing.assert_close(RowSplit(conv)(x), conv(x), rtol=1e-12, atol=1e-12)


_KEPT = {
    "5x5": nn.Conv2d(4, 4, 5, padding=2, groups=4),
    "dense": nn.Conv2d(4, 4, 7, padding=3),
    "multiplier 2": nn.Conv2d(4, 8, 7, padding=3, groups=4),
    "other padding": nn.Conv2d(4, 4, 7, padding=2, groups=4),
    "dilated": nn.Conv2d(4, 4, 7, padding=3, dilation=2, groups=4),
    "reflecting": nn.Conv2d(4, 4, 7, padding=3, groups=4, padding_mode="reflect"),
}


@pytest.mark.parametrize("conv", _KEPT.values(), ids=_KEPT)
def test_other_convolutions_stay(conv: nn.Conv2d) -> None:
    _, applications = rewrite(nn.Sequential(conv), torch.randn(1, 4, 16, 16), target=Target.TFLITE)
    assert not applications


def test_other_formats_keep_large_kernels() -> None:
    conv = nn.Sequential(nn.Conv2d(4, 4, 7, padding=3, groups=4))
    assert not rewrite(conv, torch.randn(1, 4, 9, 9), target=Target.COREML)[1]
    assert len(rewrite(conv, torch.randn(1, 4, 9, 9), target=Target.TFLITE)[1]) == 1


def test_interleaving_takes_results_to_multiplier_major_order() -> None:
    assert interleaving(3, 2).tolist() == [0, 2, 4, 1, 3, 5]


def _adapted(name: str, size: int, head: Head = Head.LOGITS, skip: tuple[str, ...] = ()) -> AdaptedModel:
    spec = resolve(name, input_size=size)
    network = create(spec)
    golden.fill(network)
    loaded = select_output(LoadedModel(spec, network, Form.TRAINING, WeightsInfo("random", "", "")), head)
    return adapt(reparameterize(loaded), head=head, target=Target.TFLITE, skip=skip)


_CASES = [
    ("fastvit_t8", 64, {"depthwise-row-split": 10 + 6, "depthwise-multiplier-split": 3 + 1}),
    ("fastvit_sa12", 64, {"depthwise-row-split": 12 + 1 + 6, "depthwise-multiplier-split": 3 + 1}),
    ("efficientvit_m1", 224, {"depthwise-row-split": 6}),
    ("sepvit_lite", 224, {"attention-head-major": 1 + 2 + 6 + 2}),
]


@pytest.mark.parametrize(("name", "size", "counts"), _CASES)
def test_networks_keep_their_function_in_float64(name: str, size: int, counts: dict[str, int]) -> None:
    proofs = {proof.name: proof for proof in _adapted(name, size).rewrites}
    for rule, count in counts.items():
        assert proofs[rule].count == count
        assert proofs[rule].max_rel_error < 1e-12


@pytest.mark.parametrize("head", [Head.LOGITS, Head.EMBEDDING, Head.FEATURES])
def test_every_head_keeps_the_order_of_its_channels(head: Head) -> None:
    with_rules = _adapted("fastvit_t8", 64, head).module
    without = _adapted("fastvit_t8", 64, head, skip=("depthwise-multiplier-split", "depthwise-row-split")).module
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(with_rules(x), without(x), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["fastvit_t8", "fastvit_sa12", "efficientvit_m5"])
def test_no_depthwise_convolution_is_left_that_xnnpack_has_no_kernel_for(name: str) -> None:
    size = 224 if name.startswith("efficientvit") else 64
    for module in _adapted(name, size).module.modules():
        if isinstance(module, nn.Conv2d) and module.groups == module.in_channels > 1:
            assert module.out_channels == module.in_channels
            assert module.kernel_size[0] * module.kernel_size[1] <= MAX_TAPS


def test_rules_for_tflite_are_named_for_tflite_only() -> None:
    for name in ("fastvit_t8", "nextvit_small"):
        spec = resolve(name)
        assert "depthwise-row-split" in rewrite_names(spec, Target.TFLITE)
        assert "depthwise-row-split" not in rewrite_names(spec)
    assert "depthwise-multiplier-split" in rewrite_names(resolve("fastvit_t8"), Target.TFLITE)
    assert "depthwise-multiplier-split" not in rewrite_names(resolve("sepvit_lite"), Target.TFLITE)
    assert "attention-head-major" in rewrite_names(resolve("sepvit_lite"), Target.TFLITE)
    assert "attention-head-major" not in rewrite_names(resolve("sepvit_lite"))
    assert "channel-first" not in rewrite_names(resolve("sepvit_lite"), Target.TFLITE)
