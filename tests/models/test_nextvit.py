"""Next-ViT against the authors' code, and against timm's at odd sizes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import torch

from edgevit.errors import UnsupportedError
from edgevit.models import registry
from edgevit.models.nextvit.keys import timm_to_official
from edgevit.types import Head
from tests.support import golden

SLOW = pytest.mark.slow
VARIANTS = ["nextvit_small", pytest.param("nextvit_base", marks=SLOW), pytest.param("nextvit_large", marks=SLOW)]

TIMM_LOGITS = {
    (200, 232): ([0.576253, -0.250912, -0.266022, -0.575879, 0.242513], 822),
    (97, 161): ([0.483242, -0.230173, -0.213377, -0.56593, -0.03861], 822),
    (32, 40): ([0.213325, -0.286388, -0.15439, -0.062854, 0.106148], 87),
}
"""First logits and arg max of timm 1.0.31's nextvit_small by input size, rule b, gain 0.75: maps of odd height and
width, tokens left over by key pooling, and a map of a single key."""


@pytest.mark.parametrize("name", VARIANTS)
def test_checkpoint_names_shapes_and_order_are_official(name: str) -> None:
    state = registry.create(registry.resolve(name)).state_dict()
    expected = [(entry.name, entry.shape) for entry in golden.training_keys(name)]
    assert [(key, tuple(value.shape)) for key, value in state.items()] == expected


@pytest.mark.parametrize("name", VARIANTS)
def test_logits_are_those_of_the_authors_code(name: str) -> None:
    net = registry.create(registry.resolve(name))
    for row in golden.golden_values(name):
        golden.fill(net, row["rule"], row.get("gain", 1.0))
        with torch.no_grad():
            logits = net(golden.input_image(row["input_size"]))[0]
        tolerance = 1e-5 * row["std"]
        assert logits[:5].tolist() == pytest.approx(row["first5"], abs=tolerance)
        assert float(logits.std(unbiased=False)) == pytest.approx(row["std"], abs=tolerance)
        assert int(logits.argmax()) == row["argmax"]


@pytest.mark.parametrize("size", list(TIMM_LOGITS))
def test_logits_at_odd_sizes_are_those_of_timm(size: tuple[int, int]) -> None:
    expected, best = TIMM_LOGITS[size]
    net = registry.create(registry.resolve("nextvit_small"))
    golden.fill(net, "b", 0.75)
    with torch.no_grad():
        logits = net(golden.input_image(size))[0]
    assert logits[:5].tolist() == pytest.approx(expected, abs=5e-6)
    assert int(logits.argmax()) == best


def test_keys_average_consecutive_tokens_and_not_squares_of_the_map() -> None:
    net = registry.create(registry.resolve("nextvit_small"))
    attention = net.get_submodule("features.6.e_mhsa")
    x = torch.randn(1, 192, 4, 8, generator=torch.Generator().manual_seed(0))
    swapped = x.clone()
    swapped[:, :, [1, 2]] = x[:, :, [2, 1]]  # moves pixels between the first two runs of 16, not between 4x4 squares
    with torch.no_grad():
        before, after = attention(x), attention(swapped)
    assert not torch.allclose(before[:, :, 0], after[:, :, 0], atol=1e-6)


@pytest.mark.parametrize("name", ["nextvit_small", "nextvit_base", "nextvit_large"])
def test_every_timm_name_maps_to_the_official_name_at_its_place(name: str) -> None:
    path = Path(__file__).parents[1] / "golden" / "timm_nextvit_keys.json.gz"
    timm_keys = json.loads(gzip.decompress(path.read_bytes()))[name]
    mapped = timm_to_official(timm_keys, registry.resolve(name))
    assert list(mapped) == timm_keys
    assert list(mapped.values()) == [entry.name for entry in golden.training_keys(name)]


def test_a_name_that_timm_does_not_have_maps_to_itself() -> None:
    spec = registry.resolve("nextvit_small")
    unknown = ["stages.4.blocks.0.norm.weight", "optimizer.step", "features.0.norm.weight"]
    assert timm_to_official(unknown, spec) == {name: name for name in unknown}


def test_outputs_at_three_depths() -> None:
    net = registry.create(registry.resolve("nextvit_small", num_classes=7, input_size=(64, 96)))
    x = golden.input_image((64, 96))
    with torch.no_grad():
        logits = net(x)
        net.output = Head.EMBEDDING
        embedding = net(x)
        net.output = Head.FEATURES
        maps = net(x)
    assert isinstance(logits, torch.Tensor)
    assert isinstance(embedding, torch.Tensor)
    assert logits.shape == (1, 7)
    assert embedding.shape == (1, 1024)
    assert [tuple(y.shape[1:]) for y in maps] == [(96, 16, 24), (256, 8, 12), (512, 4, 6), (1024, 2, 3)]
    torch.testing.assert_close(net.classify(net.pool(maps[-1])), logits)


def test_there_is_no_fused_form() -> None:
    with pytest.raises(UnsupportedError, match="no fused form"):
        registry.create(registry.resolve("nextvit_small"), fused=True)


@pytest.mark.parametrize(("size", "nearest"), [((31, 224), "32x224"), ((224, 4000), "224x2048")])
def test_a_size_that_leaves_no_keys_or_is_huge_is_refused(size: tuple[int, int], nearest: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        registry.resolve("nextvit_small", input_size=size)
    assert nearest in caught.value.help
