"""Ranges of activations: what observers choose, and what hooks see."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from edgevit.errors import InputError
from edgevit.images.preprocess import centre, normalize
from edgevit.quantize.model import ActivationRange
from edgevit.quantize.observers import Histogram, choose_range
from edgevit.quantize.ranges import observe
from edgevit.quantize.schemes import ActivationFormat, Observer
from edgevit.types import Preprocessing
from tests.quantize.networks import SIDE, small
from tests.quantize.pictures import images

MIN_MAX = ActivationFormat(8)
PERCENTILE = ActivationFormat(8, observer=Observer.PERCENTILE, percentile=99.0)
MSE = ActivationFormat(8, observer=Observer.MSE)


def symmetric(fmt: ActivationFormat) -> ActivationFormat:
    return ActivationFormat(fmt.bits, True, fmt.observer, fmt.percentile)


def seen(*tensors: Tensor) -> Histogram:
    histogram = Histogram()
    for tensor in tensors:
        histogram.add(tensor)
    return histogram


def ranges(histograms: Mapping[str, Histogram]) -> dict[str, ActivationRange]:
    return {name: choose_range(histogram, MIN_MAX) for name, histogram in histograms.items()}


def test_min_max_holds_everything_and_zero() -> None:
    assert choose_range(seen(torch.tensor([2.0, 5.0])), MIN_MAX) == ActivationRange(0.0, 5.0)
    assert choose_range(seen(torch.tensor([-2.0, -7.0])), MIN_MAX) == ActivationRange(-7.0, 0.0)
    assert choose_range(seen(torch.tensor([-2.0, 5.0])), symmetric(MIN_MAX)) == ActivationRange(-5.0, 5.0)


@pytest.mark.parametrize("fmt", [MIN_MAX, PERCENTILE, MSE])
def test_a_tensor_of_zeros_has_a_range(fmt: ActivationFormat) -> None:
    assert choose_range(seen(torch.zeros(9)), fmt) == ActivationRange(0.0, 1.0)


def test_percentile_leaves_out_the_asked_share_at_each_end() -> None:
    values = torch.linspace(-1.0, 3.0, 40_001)
    chosen = choose_range(seen(values), PERCENTILE)
    assert chosen.low == pytest.approx(-0.98, abs=2e-3)
    assert chosen.high == pytest.approx(2.98, abs=2e-3)
    inside = (values >= chosen.low) & (values <= chosen.high)
    assert inside.float().mean() >= 0.99


def test_percentile_of_magnitudes_for_symmetric_codes() -> None:
    chosen = choose_range(seen(torch.linspace(-1.0, 1.0, 40_001)), symmetric(PERCENTILE))
    assert chosen.low == -chosen.high
    assert chosen.high == pytest.approx(0.99, abs=2e-3)


def stored_error(values: Tensor, chosen: ActivationRange) -> float:
    step = (chosen.high - chosen.low) / 255
    codes = ((values.clamp(chosen.low, chosen.high) - chosen.low) / step).round()
    return float((codes * step + chosen.low - values).square().sum())


@pytest.mark.parametrize(("codes", "extremes"), [(MSE, MIN_MAX), (symmetric(MSE), symmetric(MIN_MAX))])
def test_mse_clips_an_outlier_where_that_loses_less(codes: ActivationFormat, extremes: ActivationFormat) -> None:
    values = torch.cat([torch.randn(200_000, generator=torch.Generator().manual_seed(0)), torch.tensor([60.0])])
    chosen, whole = choose_range(seen(values), codes), choose_range(seen(values), extremes)
    assert chosen.high < 50.0
    assert stored_error(values, chosen) < 0.8 * stored_error(values, whole)


def test_mse_keeps_the_whole_range_of_even_values() -> None:
    chosen = choose_range(seen(torch.linspace(-1.0, 1.0, 10_001)), MSE)
    assert chosen.low < -0.98
    assert chosen.high > 0.98


def test_the_order_of_tensors_does_not_matter() -> None:
    generator = torch.Generator().manual_seed(1)
    tensors = [torch.randn(500, generator=generator) * scale for scale in (1.0, 100.0, 0.01)] + [torch.tensor([8.0])]
    forward, backward = seen(*tensors), seen(*tensors[::-1])
    assert np.array_equal(forward.counts, backward.counts)
    assert forward.counts.sum() == 1501
    assert choose_range(forward, MSE) == choose_range(backward, MSE)


def test_every_layer_reports_what_it_reads_and_returns() -> None:
    model, pixels = small(), images(3)
    found = observe(model, pixels)
    inputs, outputs = ranges(found.inputs), ranges(found.outputs)
    layers = ["stem", "block.0", "block.2", "classifier"]
    assert list(inputs) == layers == list(outputs)
    values = np.concatenate([centre(one, model.spec.preprocessing) for one in pixels])
    assert inputs["stem"] == ActivationRange(float(values.min()), float(values.max()))
    with torch.no_grad():
        logits = torch.cat([model.module(torch.from_numpy(values[i : i + 1])) for i in range(3)])
    assert outputs["classifier"] == ActivationRange(min(0.0, float(logits.min())), max(0.0, float(logits.max())))
    assert -0.2 < inputs["block.2"].low < 0.0, "it reads what a GELU returns"


def test_normalized_values_are_observed_as_such() -> None:
    model, pixels = dataclasses.replace(small(), input_kind="normalized"), images(1)
    inputs = ranges(observe(model, pixels).inputs)
    assert inputs["stem"].high == float(normalize(pixels[0], Preprocessing()).max())


def test_a_shared_layer_has_one_range_over_its_runs() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Conv2d(3, 3, 1, bias=False)

        def forward(self, x: Tensor) -> Tensor:
            first: Tensor = self.layer(x)
            second: Tensor = self.layer(first * 100.0)
            return second.mean((2, 3))

    inputs = ranges(observe(dataclasses.replace(small(), module=Twice()), images(1)).inputs)
    assert inputs["layer"].high > 500.0


def test_observing_leaves_the_network_alone() -> None:
    model = small()
    observe(model, images(1))
    assert not any(layer._forward_hooks for layer in model.module.modules())


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((0, SIDE, SIDE, 3), np.uint8),
        np.zeros((1, SIDE, SIDE + 1, 3), np.uint8),
        np.zeros((1, SIDE, SIDE, 3), np.float32),
        np.zeros((SIDE, SIDE, 3), np.uint8),
    ],
)
def test_images_that_do_not_fit_are_refused(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    with pytest.raises(InputError, match="do not fit"):
        observe(small(), pixels)


def test_values_that_are_not_finite_are_refused_with_their_layer() -> None:
    model = small()
    with torch.no_grad():
        model.module.get_submodule("block.2").get_parameter("bias").fill_(torch.inf)
    with pytest.raises(InputError, match=r"block\.2"):
        observe(model, images(1))
