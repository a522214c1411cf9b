"""SepViT against the authors' code."""

from __future__ import annotations

import pytest
import torch

from edgevit.errors import UnsupportedError
from edgevit.models import registry
from edgevit.models.sepvit.windows import WindowGrid
from edgevit.types import Head
from tests.support import golden
from tests.support.ranks import highest_rank

SLOW = pytest.mark.slow
VARIANTS = [
    "sepvit_lite",
    *(pytest.param(f"sepvit_{scale}", marks=SLOW) for scale in ("tiny", "small", "base")),
]


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


def test_no_tensor_has_more_than_five_dimensions() -> None:
    net = registry.create(registry.resolve("sepvit_lite"))
    assert highest_rank(net, golden.input_image(224)) == 5


def test_a_batch_gives_what_its_images_give() -> None:
    net = registry.create(registry.resolve("sepvit_lite"))
    golden.fill(net, "b", 0.75)
    batch = torch.cat([golden.input_image(224), golden.input_image(224).flip(-1)])
    with torch.no_grad():
        torch.testing.assert_close(net(batch), torch.cat([net(batch[:1]), net(batch[1:])]))


def test_window_order_is_raster_and_joining_undoes_splitting() -> None:
    grid = WindowGrid(rows=2, columns=3, side=2, channels=1)
    x = torch.arange(24.0).reshape(1, 4, 6, 1)
    windows = grid.split(x)
    assert windows[0, :, :, 0].tolist() == [
        [0, 1, 6, 7],
        [2, 3, 8, 9],
        [4, 5, 10, 11],
        [12, 13, 18, 19],
        [14, 15, 20, 21],
        [16, 17, 22, 23],
    ]
    assert torch.equal(grid.join(windows), x)


def test_blocks_with_several_windows_alone_have_window_tokens() -> None:
    small = registry.create(registry.resolve("sepvit_lite")).state_dict()
    large = registry.create(registry.resolve("sepvit_lite", input_size=(224, 448))).state_dict()
    counts = [{k: v.shape[1] for k, v in state.items() if k.endswith("win_tokens")} for state in (small, large)]
    assert [len(found) for found in counts] == [6, 11]
    assert counts[0]["blocks.1.1.win_tokens"] == 4
    assert counts[1]["blocks.1.1.win_tokens"] == 8
    assert counts[1]["blocks.3.1.win_tokens"] == 2


def test_outputs_at_three_depths() -> None:
    net = registry.create(registry.resolve("sepvit_lite", num_classes=7))
    x = golden.input_image(224)
    with torch.no_grad():
        logits = net(x)
        net.output = Head.EMBEDDING
        embedding = net(x)
        net.output = Head.FEATURES
        maps = net(x)
    assert isinstance(logits, torch.Tensor)
    assert isinstance(embedding, torch.Tensor)
    assert logits.shape == (1, 7)
    assert embedding.shape == (1, 256)
    assert [tuple(y.shape[1:]) for y in maps] == [(32, 56, 56), (64, 28, 28), (128, 14, 14), (256, 7, 7)]
    torch.testing.assert_close(net.classify(net.pool(maps[-1])), logits)


def test_there_is_no_fused_form() -> None:
    with pytest.raises(UnsupportedError, match="no fused form"):
        registry.create(registry.resolve("sepvit_lite"), fused=True)


def test_a_size_that_windows_do_not_tile_is_refused_with_its_neighbours() -> None:
    with pytest.raises(UnsupportedError) as caught:
        registry.resolve("sepvit_lite", input_size=256)
    assert "224x224 or 448x448" in caught.value.help


def test_lite_claims_no_accuracy_and_no_variant_has_a_release() -> None:
    specs = {spec.name: spec for spec in registry.list_models() if spec.family == "sepvit"}
    assert specs["sepvit_lite"].top1 is None
    assert all(not spec.releases for spec in specs.values())
