"""FastViT and EfficientViT-M against the authors' code: tensors and their order, counts, and timm's names for them."""

from __future__ import annotations

import importlib

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from edgevit.models.base import ImageNet
from edgevit.models.registry import create, list_models
from edgevit.types import ModelSpec
from tests.support import golden

_SPECS = [spec for spec in list_models() if spec.family in ("fastvit", "efficientvit_m")]
_variants = pytest.mark.parametrize("spec", _SPECS, ids=lambda spec: spec.name)
_forms = pytest.mark.parametrize("fused", [False, True], ids=["training", "fused"])


def _without_storage(spec: ModelSpec, *, fused: bool) -> ImageNet:
    with torch.device("meta"):
        return create(spec, fused=fused)


@_variants
@_forms
def test_tensors_have_the_official_names_shapes_types_and_order(spec: ModelSpec, fused: bool) -> None:
    entries = golden.fused_keys(spec.name) if fused else golden.training_keys(spec.name)
    state = _without_storage(spec, fused=fused).state_dict()
    assert [(name, tuple(value.shape), not value.is_floating_point()) for name, value in state.items()] == [
        (entry.name, entry.shape, entry.is_integer) for entry in entries
    ]


@_variants
@_forms
def test_parameters_and_macs_are_the_official_ones(spec: ModelSpec, fused: bool) -> None:
    network = _without_storage(spec, fused=fused)
    with FlopCounterMode(display=False) as counter:
        network(torch.empty(1, 3, *spec.native_size, device="meta"))
    expected = golden.counts(spec.name, "fused" if fused else "train")
    assert sum(p.numel() for p in network.parameters()) == expected["params"]
    assert counter.get_total_flops() == 2 * expected["macs"]


@_variants
def test_the_table_states_the_official_counts(spec: ModelSpec) -> None:
    expected = golden.counts(spec.name, "train")
    assert (spec.params, spec.macs) == (expected["params"], expected["macs"])


@_variants
@_forms
def test_timm_names_map_onto_the_official_ones(spec: ModelSpec, fused: bool) -> None:
    keys = importlib.import_module(f"edgevit.models.{spec.family}.keys")
    mapped = keys.timm_to_official(golden.timm_keys(spec.name, "fused_keys" if fused else "keys"), spec)
    entries = golden.fused_keys(spec.name) if fused else golden.training_keys(spec.name)
    missing_in_timm = {entry.name for entry in entries if entry.name.endswith("attention_bias_idxs")}
    assert len(set(mapped.values())) == len(mapped)
    assert set(mapped.values()) == {entry.name for entry in entries} - missing_in_timm


def test_names_that_timm_does_not_have_stay_as_they_are() -> None:
    keys = importlib.import_module("edgevit.models.fastvit.keys")
    spec = next(spec for spec in _SPECS if spec.name == "fastvit_t8")
    assert keys.timm_to_official(["optimizer.step", "stages.9.blocks.0.x"], spec) == {
        "optimizer.step": "optimizer.step",
        "stages.9.blocks.0.x": "stages.9.blocks.0.x",
    }
