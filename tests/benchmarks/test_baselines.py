"""The baselines are the networks that the papers mean, and a claim is judged by its number."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from benchmarks.baselines.layers import fused, head_major, token_major
from benchmarks.baselines.mobilenetv3 import MobileNetV3Large
from benchmarks.baselines.mobilevit import MobileViTXXS
from benchmarks.baselines.pooling import PoolingMixer
from benchmarks.baselines.windows import GlobalSubsampledBlock, WindowBlock
from benchmarks.claims import Result
from benchmarks.rates import macs
from benchmarks.runners import write_tflite
from edgevit.models.sepvit.windows import WindowGrid
from edgevit.verification.tflite.model import read_tflite

_PUBLISHED = [(MobileNetV3Large, 224, 5_483_032, 219e6), (MobileViTXXS, 256, 1_272_024, 0.42e9)]


@pytest.mark.parametrize(("network", "size", "parameters", "published_macs"), _PUBLISHED)
def test_networks_have_the_published_size(
    network: type[nn.Module], size: int, parameters: int, published_macs: float, tmp_path: Path
) -> None:
    """Parameters as in timm and torchvision; multiply-accumulates as the papers round them."""
    torch.manual_seed(0)
    module = network().eval()
    assert sum(parameter.numel() for parameter in module.parameters()) == parameters
    path = write_tflite(module, torch.zeros(1, 3, size, size), tmp_path / "network.tflite")
    assert macs(read_tflite(path)) == pytest.approx(published_macs, rel=0.1)


def test_fused_networks_compute_the_same() -> None:
    torch.manual_seed(0)
    network = MobileNetV3Large()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.1, 0.1)  # type: ignore[arg-type]  # torch says it may be None
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        expected = network.eval()(x)
        torch.testing.assert_close(fused(network)(x), expected, rtol=1e-3, atol=1e-4)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())


def test_pooling_takes_the_mean_of_the_pixels_that_there_are() -> None:
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    mixed = PoolingMixer(1)(x)
    assert mixed[0, 0, 0, 0].item() == pytest.approx(0 + 0.1 * ((0 + 1 + 4 + 5) / 4 - 0))
    assert mixed[0, 0, 1, 1].item() == pytest.approx(5.0)


def test_heads_come_back_where_they_were() -> None:
    x = torch.randn(3, 5, 8)
    heads = head_major(x, 2)
    assert torch.equal(heads[1, 2, 4], x[2, 4, 4:])
    assert torch.equal(token_major(heads), x)


def test_windows_do_not_see_each_other_and_the_global_block_sees_all() -> None:
    torch.manual_seed(0)
    grid = WindowGrid.of((8, 8), 4, 32)
    x = torch.randn(1, 8, 8, 32)
    changed = x.clone()
    changed[0, 0, 0, 0] += 1
    for block, reached in (
        (WindowBlock(grid, biased=True), (slice(0, 4), slice(0, 4))),
        (GlobalSubsampledBlock(grid, ratio=2), (slice(0, 8), slice(0, 8))),
    ):
        moved = (block(changed) - block(x)).abs().sum(-1)[0] > 1e-6
        expected = torch.zeros(8, 8, dtype=torch.bool)
        expected[reached] = True
        assert torch.equal(moved, expected)


@pytest.mark.parametrize(
    ("expected", "factor", "verdict"),
    [(1.45, 1.43, "holds"), (1.45, 1.2, "direction"), (1.45, 0.5, "does not hold"), (1.0, 0.9, "does not hold")],
)
def test_a_claim_is_judged_by_its_number(expected: float, factor: float, verdict: str) -> None:
    row = Result("A vs B", "text", expected, factor, "reasons")
    assert verdict in row.verdict
    assert (row.verdict == "holds") == (verdict == "holds")
