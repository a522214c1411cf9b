"""Folding SepViT and Next-ViT: exact, complete, at every output, once and again."""

from __future__ import annotations

import copy
from functools import cache

import pytest
import torch
from torch import nn

import edgevit.reparam.nextvit
import edgevit.reparam.sepvit  # noqa: F401 - registers the rules
from edgevit.errors import UnsupportedError
from edgevit.models.base import ImageNet
from edgevit.models.outputs import select_output
from edgevit.models.registry import create, resolve
from edgevit.reparam.fold import fold
from edgevit.reparam.proof import reparameterize
from edgevit.types import FoldedModel, Form, Head, LoadedModel, WeightsInfo
from tests.support import golden

_ROUNDING = 1e-12
"""Far below the tolerance of the proof, far above float64's rounding in the deepest variant."""

_SIZES = {"sepvit": (224, 224), "nextvit": (72, 104)}
"""Next-ViT's has odd maps in stages 2 to 4, and tokens left over by key pooling."""

_QUICK = ["sepvit_lite", "nextvit_small"]
_LARGE = ["sepvit_tiny", "sepvit_small", "sepvit_base", "nextvit_base", "nextvit_large"]
_all_variants = pytest.mark.parametrize("name", [*_QUICK, *(pytest.param(n, marks=pytest.mark.slow) for n in _LARGE)])
_families = pytest.mark.parametrize("name", _QUICK)


@cache
def _loaded(name: str) -> LoadedModel:
    spec = resolve(name, input_size=_SIZES[name.split("_", maxsplit=1)[0]])
    network = create(spec)
    golden.fill(network)
    return LoadedModel(spec, network, Form.TRAINING, WeightsInfo("random", "", ""))


@cache
def _folded(name: str) -> FoldedModel:
    return reparameterize(_loaded(name))


def _network(model: LoadedModel | FoldedModel) -> ImageNet:
    assert isinstance(model.module, ImageNet)
    return model.module


@_all_variants
def test_everything_folds_exactly(name: str) -> None:
    folded = _folded(name)
    network = _network(folded)
    assert folded.max_rel_error <= _ROUNDING
    assert [row.block for row in folded.blocks] == _network(_loaded(name)).block_paths()
    assert not [m for m in network.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
    assert sum(p.numel() for p in network.parameters()) == folded.spec.folded_params


@_families
@pytest.mark.parametrize("head", [Head.EMBEDDING, Head.FEATURES])
def test_embedding_and_features_survive_folding(name: str, head: Head) -> None:
    folded = reparameterize(select_output(_loaded(name), head))
    assert folded.max_rel_error <= _ROUNDING
    assert _network(folded).output is head
    assert not [m for m in folded.module.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]


@_families
def test_folding_leaves_the_source_intact_and_folding_again_changes_nothing(name: str) -> None:
    model = _loaded(name)
    before = copy.deepcopy(model.module.state_dict())
    once = fold(model.module)
    expected = copy.deepcopy(once.state_dict())
    twice = fold(once).state_dict()
    assert list(twice) == list(expected)
    assert all(torch.equal(twice[key], value) for key, value in expected.items())
    for tensor in once.state_dict().values():
        tensor.zero_()
    after = model.module.state_dict()
    assert all(torch.equal(after[key], value) for key, value in before.items())


@_families
def test_a_network_folded_for_logits_does_not_pretend_to_have_its_embedding(name: str) -> None:
    folded = _folded(name)
    again = LoadedModel(folded.spec, folded.module, Form.FOLDED, folded.weights)
    with pytest.raises(UnsupportedError, match="cannot return its embedding"):
        reparameterize(select_output(again, Head.EMBEDDING))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("nextvit_small", "stem.0"),
        ("nextvit_small", "features.3"),
        ("nextvit_small", "features.6"),
        ("sepvit_lite", "patch_embeds.1"),
        ("sepvit_lite", "pos_block.1"),
        ("sepvit_lite", "blocks.1.1"),
        ("sepvit_lite", "blocks.3.0"),
    ],
)
def test_every_tensor_of_a_block_reaches_the_folded_weights(name: str, path: str) -> None:
    block = copy.deepcopy(_network(_loaded(name)).get_submodule(path)).double()
    reference = fold(block).state_dict()
    for key, value in block.state_dict().items():
        if not value.is_floating_point():
            continue
        changed = copy.deepcopy(block)
        changed.state_dict()[key].mul_(1.5).add_(0.125)
        assert any(not torch.equal(new, reference[k]) for k, new in fold(changed).state_dict().items()), key


@pytest.mark.parametrize(("name", "path"), [("nextvit_small", "features.6.e_mhsa"), ("sepvit_lite", "blocks.1.1.attn")])
def test_the_attention_scale_moves_into_the_queries(name: str, path: str) -> None:
    attention = _folded(name).module.get_submodule(path)
    assert _network(_loaded(name)).get_submodule(path).scale == 32**-0.5
    assert attention.scale == 1


def test_only_norms_that_more_than_a_linear_layer_reads_keep_their_affine() -> None:
    network = _folded("sepvit_lite").module
    norms = {path: m for path, m in network.named_modules() if isinstance(m, nn.LayerNorm)}
    plain = {path for path, norm in norms.items() if not norm.elementwise_affine}
    assert plain == {path for path in norms if path == "norm" or path.endswith("norm2")}


def test_positional_convolutions_absorb_their_shortcut() -> None:
    network = _folded("sepvit_lite").module
    assert all(isinstance(network.get_submodule(f"pos_block.{stage}"), nn.Conv2d) for stage in range(4))
