"""Folding FastViT and EfficientViT-M: exact, complete, from both forms, at every output."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from edgevit.models.base import ImageNet
from edgevit.models.outputs import select_output
from edgevit.models.registry import create, resolve
from edgevit.reparam.proof import reparameterize
from edgevit.types import FoldedModel, Form, Head, LoadedModel, ModelSpec, WeightsInfo
from tests.support import golden
from tests.support.variants import family_params

_variants = pytest.mark.parametrize("variant", family_params("fastvit", "efficientvit_m"))

_ROUNDING = 1e-12
"""Far below the tolerance of the proof, far above float64's rounding in the deepest variant."""

_SIZE = {"fastvit": 64, "efficientvit_m": 224}
"""FastViT's parameters do not depend on the input size; EfficientViT-M's bias tables do."""


def _loaded(name: str, *, size: int, fused: bool = False) -> LoadedModel:
    spec = resolve(name, input_size=size)
    network = create(spec, fused=fused)
    golden.fill(network)
    return LoadedModel(spec, network, Form.FUSED if fused else Form.TRAINING, WeightsInfo("random", "", ""))


def _network(model: LoadedModel | FoldedModel) -> ImageNet:
    assert isinstance(model.module, ImageNet)
    return model.module


@_variants
@pytest.mark.parametrize("fused", [False, True], ids=["training", "fused"])
def test_everything_folds_exactly(variant: ModelSpec, fused: bool) -> None:
    model = _loaded(variant.name, size=_SIZE[variant.family], fused=fused)
    folded = reparameterize(model)
    network = _network(folded)
    assert folded.max_rel_error <= _ROUNDING
    assert [row.block for row in folded.blocks] == network.block_paths()
    assert not [m for m in network.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
    assert sum(p.numel() for p in network.parameters()) == variant.folded_params
    assert {p.dtype for p in network.parameters()} == {torch.float32}
    assert not network.training


@pytest.mark.parametrize(("name", "size"), [("fastvit_sa12", 79), ("efficientvit_m1", 256), ("efficientvit_m0", 16)])
def test_folding_is_exact_at_other_sizes(name: str, size: int) -> None:
    assert reparameterize(_loaded(name, size=size)).max_rel_error <= _ROUNDING


@pytest.mark.parametrize("name", ["fastvit_sa12", "efficientvit_m0"])
def test_both_forms_fold_to_the_same_tensors(name: str) -> None:
    states = [reparameterize(_loaded(name, size=64, fused=fused)).module.state_dict() for fused in (False, True)]
    assert [(k, v.shape) for k, v in states[0].items()] == [(k, v.shape) for k, v in states[1].items()]


@pytest.mark.parametrize("name", ["fastvit_sa12", "efficientvit_m0"])
def test_folded_networks_agree_in_single_precision(name: str) -> None:
    model = _loaded(name, size=64)
    folded = reparameterize(model)
    x = golden.input_image(64)
    with torch.no_grad():
        expected = model.module(x)
        torch.testing.assert_close(folded.module(x), expected, rtol=0, atol=1e-4 * float(expected.std()))


@pytest.mark.parametrize("name", ["fastvit_t8", "efficientvit_m0"])
@pytest.mark.parametrize("head", [Head.EMBEDDING, Head.FEATURES])
def test_embedding_and_features_survive_folding(name: str, head: Head) -> None:
    model = select_output(_loaded(name, size=64), head)
    folded = reparameterize(model)
    assert folded.max_rel_error <= _ROUNDING
    assert _network(folded).output is head


@pytest.mark.parametrize("name", ["fastvit_t8", "efficientvit_m0"])
def test_the_source_is_left_intact(name: str) -> None:
    model = _loaded(name, size=64)
    before = copy.deepcopy(model.module.state_dict())
    folded = reparameterize(model)
    for tensor in folded.module.state_dict().values():
        tensor.zero_()
    after = model.module.state_dict()
    assert all(torch.equal(after[key], value) and after[key].dtype == value.dtype for key, value in before.items())
    assert not [m for m in model.module.modules() if m._forward_hooks]


@pytest.mark.parametrize("name", ["fastvit_sa12", "efficientvit_m0"])
def test_folding_twice_changes_nothing(name: str) -> None:
    once = reparameterize(_loaded(name, size=64))
    twice = reparameterize(LoadedModel(once.spec, once.module, Form.FOLDED, once.weights))
    assert all(torch.equal(v, twice.module.state_dict()[k]) for k, v in once.module.state_dict().items())
