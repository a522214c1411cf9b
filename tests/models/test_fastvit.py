"""FastViT beyond its native size, its feature maps, and what training needs."""

from __future__ import annotations

import pytest
import torch

from edgevit.errors import UnsupportedError
from edgevit.models.drop_path import DropPath
from edgevit.models.fastvit.net import FastViT
from edgevit.models.fastvit.variants import LAYOUTS
from edgevit.models.registry import create, resolve
from edgevit.types import Head
from tests.support import golden


@pytest.mark.parametrize("size", [(32, 32), (63, 33), (96, 160)])
def test_one_network_runs_at_any_size(size: tuple[int, int]) -> None:
    network = create(resolve("fastvit_sa12", num_classes=7))
    with torch.no_grad():
        assert network(torch.zeros(2, 3, *size)).shape == (2, 7)


def test_sizes_outside_the_range_are_refused_with_the_nearest() -> None:
    with pytest.raises(UnsupportedError, match="FastViT-T8 cannot take 16x4096") as caught:
        resolve("fastvit_t8", input_size=(16, 4096))
    assert "32x2048" in caught.value.help


def test_feature_maps_have_the_strides_that_are_promised() -> None:
    network = create(resolve("fastvit_sa12"))
    network.output = Head.FEATURES
    with torch.no_grad():
        maps = network(torch.zeros(1, 3, 70, 96))
    assert [tuple(m.shape[1:]) for m in maps] == [(64, 18, 24), (128, 9, 12), (256, 5, 6), (512, 3, 3)]
    assert network.stage_strides() == (4, 8, 16, 32)


def test_embedding_is_what_the_classifier_reads() -> None:
    network = create(resolve("fastvit_t8", num_classes=5))
    golden.fill(network)
    x = golden.input_image(64)
    with torch.no_grad():
        logits = network(x)
        network.output = Head.EMBEDDING
        embedding = network(x)
    assert embedding.shape == (1, 768)
    torch.testing.assert_close(network.classify(embedding), logits)


def test_attention_scores_stay_in_the_range_of_half_precision() -> None:
    """Queries are scaled before the product: scores of 32-channel heads are 5.7 times larger otherwise."""
    network = create(resolve("fastvit_sa12")).half()
    for name, parameter in network.named_parameters():
        if name.endswith("token_mixer.qkv.weight"):
            torch.nn.init.eye_(parameter[:512])
            torch.nn.init.eye_(parameter[512:1024])
    block = network.get_submodule("network.7.0.token_mixer")
    x = torch.full((1, 512, 2, 2), 60.0).half()
    with torch.no_grad():
        assert torch.isfinite(block(x)).all()


def test_dropped_paths_vanish_in_eval_mode_and_grow_with_depth() -> None:
    network = FastViT(LAYOUTS["fastvit_t8"], 3, drop_path=0.5)
    rates = [module.rate for module in network.modules() if isinstance(module, DropPath)]
    assert rates[0] == 0
    assert rates[-1] == pytest.approx(0.5)
    assert rates == sorted(rates)
    golden.fill(network)
    x = golden.input_image(32)
    with torch.no_grad():
        torch.testing.assert_close(network.eval()(x), network.eval()(x), rtol=0, atol=0)


def test_drop_path_drops_whole_samples_and_keeps_the_expectation() -> None:
    torch.manual_seed(0)
    dropped = DropPath(0.25).train()(torch.ones(4000, 2, 3))
    per_sample = dropped.flatten(1)
    assert ((per_sample == 0).all(1) | (per_sample == 1 / 0.75).all(1)).all()
    assert dropped.mean().item() == pytest.approx(1, abs=0.03)


def test_a_drop_rate_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        DropPath(1.0)
