from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
import torch
from torch import Tensor, nn

from edgevit.models.registry import list_models
from edgevit.types import LoadedModel
from edgevit.weights import load_model
from edgevit.weights.state_digest import state_digest

SMALL = ["fastvit_t8", "efficientvit_m0", "sepvit_lite", "nextvit_small"]
LARGE = [spec.name for spec in list_models() if spec.name not in SMALL]


def _images(model: LoadedModel, count: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(7)
    coarse = torch.randn((count, 3, 8, 8), generator=generator)
    return nn.functional.interpolate(coarse, size=model.spec.input_size, mode="bicubic")


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
        logits = model.module(_images(model))
    assert logits.isfinite().all()
    assert 0.3 < float(logits.std()) < 15
    for key, value in model.module.state_dict().items():
        if value.is_floating_point() and value.numel() > 1:
            assert not torch.all(value == value.flatten()[0]), f"{key} is constant"


@pytest.mark.parametrize("name", ["fastvit_t8", "efficientvit_m0", "nextvit_small"])
def test_running_statistics_match_what_each_norm_sees(name: str) -> None:
    model = load_model(name, "random")
    ratios = []

    def watch(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        assert isinstance(layer.running_var, Tensor)
        seen = inputs[0].transpose(0, 1).flatten(1).var(1, correction=0).mean()
        ratios.append(float(seen / layer.running_var.mean()))

    for layer in model.module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.register_forward_pre_hook(watch)
    with torch.no_grad():
        model.module(_images(model))
    ratios.sort()
    assert 0.3 < ratios[len(ratios) // 2] < 3


@pytest.mark.parametrize("name", SMALL)
def test_every_block_matters(name: str) -> None:
    """Zeroing any one weight matrix or scale of a block moves the logits, so no later check is blind to it."""
    model = load_model(name, "random")
    images = _images(model, 1)
    with torch.no_grad():
        before = model.module(images)
        parameters = dict(model.module.named_parameters())
        for key in list(parameters)[:: max(1, len(parameters) // 12)]:
            kept = parameters[key].clone()
            parameters[key].zero_()
            change = (model.module(images) - before).abs().max() / before.abs().max()
            parameters[key].copy_(kept)
            assert change > 1e-4, f"{key} hardly matters"


def test_a_small_network_takes_less_than_a_second() -> None:
    load_model("fastvit_t8", "random")
    start = time.process_time()
    load_model("fastvit_t8", "random")
    assert time.process_time() - start < 3  # processor time, of all threads together
