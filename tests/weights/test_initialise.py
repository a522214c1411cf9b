from __future__ import annotations

import copy
import os
import subprocess
import sys
import time
from functools import cache

import pytest
import torch
from torch import Tensor, nn

from edgevit.images.photos import photos
from edgevit.images.preprocess import normalize
from edgevit.models.registry import list_models
from edgevit.types import LoadedModel, ModelSpec
from edgevit.weights import load_model
from edgevit.weights.state_digest import state_digest

SMALL = ["fastvit_t8", "efficientvit_m0", "sepvit_lite"]
LARGE = [spec.name for spec in list_models() if spec.name not in SMALL]


@cache
def _random(name: str) -> LoadedModel:
    return load_model(name, "random")


def _photographs(spec: ModelSpec, count: int = 4) -> Tensor:
    pixels = [photo.pixels(spec.input_size, spec.preprocessing) for photo in photos()[:count]]
    return torch.cat([torch.from_numpy(normalize(each, spec.preprocessing)) for each in pixels])


def test_equal_seeds_give_equal_weights_in_every_process_and_on_any_number_of_threads() -> None:
    here = load_model("efficientvit_m0", "random", seed=3)
    code = (
        "import torch, sys; torch.set_num_threads(1); from edgevit.weights import load_model;"
        "sys.stdout.write(load_model('efficientvit_m0', 'random', seed=3).weights.sha256)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "5"}
    there = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert there == here.weights.sha256 == state_digest(here.module.state_dict())
    assert load_model("efficientvit_m0", "random", seed=4).weights.sha256 != here.weights.sha256


def test_random_weights_are_described_as_such() -> None:
    weights = load_model("efficientvit_m0", "random").weights
    assert (weights.kind, weights.source, weights.trained) == ("random", "seed 0", False)
    assert "predictions mean nothing" in weights.note


@pytest.mark.parametrize("name", [*SMALL, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)])
def test_logits_are_well_scaled_and_nothing_is_at_a_default(name: str) -> None:
    model = load_model(name, "random")
    with torch.no_grad():
        logits = model.module(_photographs(model.spec))
    assert logits.isfinite().all()
    assert 0.5 < float(logits.std()) < 8
    for key, value in model.module.state_dict().items():
        if value.is_floating_point() and value.numel() > 1:
            assert not torch.all(value == value.flatten()[0]), f"{key} is constant"


@pytest.mark.parametrize("name", ["fastvit_t8", "efficientvit_m0"])
def test_running_statistics_match_what_each_norm_sees(name: str) -> None:
    model = copy.deepcopy(_random(name).module)
    ratios = []

    def watch(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        assert isinstance(layer.running_var, Tensor)
        seen = inputs[0].transpose(0, 1).flatten(1).var(1, correction=0).mean()
        ratios.append(float(seen / layer.running_var.mean()))

    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.register_forward_pre_hook(watch)
    with torch.no_grad():
        model(_photographs(_random(name).spec))
    ratios.sort()
    assert ratios[0] > 0.2
    assert ratios[-1] < 5


@pytest.mark.parametrize("name", ["fastvit_t8", "efficientvit_m0", "sepvit_lite"])
def test_every_parameter_matters(name: str) -> None:
    """Zeroing any one tensor moves the logits, so no later check is blind to it."""
    model = copy.deepcopy(_random(name).module)
    image = _photographs(_random(name).spec, 1)
    with torch.no_grad():
        before = model(image)
        parameters = dict(model.named_parameters())
        for key in list(parameters)[:: len(parameters) // 12]:
            kept = parameters[key].clone()
            parameters[key].zero_()
            change = (model(image) - before).abs().max() / before.abs().max()
            parameters[key].copy_(kept)
            assert change > 1e-4, f"{key} hardly matters"


@pytest.mark.parametrize("name", ["fastvit_t8", "efficientvit_m0"])
def test_rounding_the_weights_to_half_precision_changes_little_on_photographs(name: str) -> None:
    """A network that amplified rounding would fail every fidelity budget for no fault of the file."""
    module, images = _random(name).module, _photographs(_random(name).spec)
    with torch.no_grad():
        logits = module(images)
        error = copy.deepcopy(module).half().float()(images) - logits
    spans = logits.amax(1) - logits.amin(1)
    decibels = 20 * torch.log10(spans / error.square().mean(1).sqrt())
    assert float(decibels.min()) > 55


def test_a_small_network_takes_about_a_second() -> None:
    start = time.process_time()
    load_model("efficientvit_m0", "random")
    assert time.process_time() - start < 3  # processor time of all threads together
