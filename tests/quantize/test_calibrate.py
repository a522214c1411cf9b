"""Ranges for a scheme: the observer that costs least, and the integers of what a ReLU follows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from edgevit.errors import InputError
from edgevit.quantize.apply import quantize
from edgevit.quantize.fidelity import answer, compare_answers
from edgevit.quantize.grid import activation_grid
from edgevit.quantize.layers import network_inputs
from edgevit.quantize.model import QuantizedModel
from edgevit.quantize.schemes import Observer, Scheme, get_scheme
from edgevit.quantize.simulation import simulated
from edgevit.types import AdaptedModel
from tests.quantize.networks import small
from tests.quantize.pictures import images

TRIED = (Observer.MIN_MAX, Observer.PERCENTILE, Observer.MSE)


def with_observer(form: str, observer: Observer) -> Scheme:
    scheme = get_scheme("w8a8")
    found = scheme.formats[form]
    assert found.activations is not None
    activations = dataclasses.replace(found.activations, observer=observer, percentile=99.99)
    return dataclasses.replace(scheme, formats={form: dataclasses.replace(found, activations=activations)})


def rectified() -> AdaptedModel:
    """Return the small network with a ReLU behind its first convolution."""
    model = small()
    block = model.module.get_submodule("block")
    assert isinstance(block, nn.Sequential)
    model.module.block = nn.Sequential(nn.ReLU(), *block)
    return model


def decibels(model: QuantizedModel, pixels: np.ndarray) -> float:
    source = model.source
    before, after = (
        answer(network, source.head, network_inputs(source, pixels)) for network in (source.module, simulated(model))
    )
    return compare_answers(before, after, source.head).sqnr_db


@pytest.mark.parametrize("form", ["tflite", "mlpackage"])
def test_the_observer_that_costs_least_is_taken(form: str) -> None:
    pixels = images(6)
    found = {
        observer: decibels(quantize(small(), with_observer(form, observer), form, calibration=pixels), pixels)
        for observer in (*TRIED, Observer.BEST)
    }
    assert len({found[observer] for observer in TRIED}) == 3, "the observers differ on this network"
    assert found[Observer.BEST] == pytest.approx(max(found[observer] for observer in TRIED))


@pytest.mark.parametrize("form", ["tflite", "mlpackage"])
def test_no_integers_are_spent_below_a_relu(form: str) -> None:
    model = quantize(rectified(), get_scheme("w8a8"), form, calibration=images(4))
    fmt = model.form.activations
    assert fmt is not None
    assert model.outputs["stem"].low == 0.0
    grid = activation_grid(model.outputs["stem"], fmt)
    assert grid.zero_point == grid.least
    assert grid.most - grid.least == 255
    assert grid.scale * 255 == pytest.approx(model.outputs["stem"].high)


def test_values_that_are_not_finite_are_refused_by_name() -> None:
    model = small()
    with torch.no_grad():
        model.module.get_submodule("stem").get_parameter("bias").fill_(torch.inf)
    with pytest.raises(InputError, match="not finite") as caught:
        quantize(model, get_scheme("w8"), "tflite", calibration=images(2))
    assert "'block.1'" in str(caught.value) or "'block.0'" in str(caught.value)
