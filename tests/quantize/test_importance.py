"""How much an error of each weight counts."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from edgevit.errors import InputError
from edgevit.quantize.apply import quantize
from edgevit.quantize.encoding import Encoding
from edgevit.quantize.importance import channel_sensitivities, importance
from edgevit.quantize.layers import network_inputs
from edgevit.quantize.schemes import Granularity, WeightFormat, get_scheme
from edgevit.quantize.sensitivity import Evidence
from edgevit.quantize.statistics import LayerStatistics, layer_statistics
from edgevit.quantize.weights import encode
from edgevit.types import Head
from tests.quantize.networks import small
from tests.quantize.pictures import images, opinionated

PALETTE = WeightFormat("palette", 4, granularity=Granularity.TENSOR)


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_what_an_element_is_multiplied_with_says_how_much_it_counts() -> None:
    weight = noise(4, 1, 3, 3)
    squares = torch.arange(18.0, dtype=torch.float64).reshape(2, 9)
    found = importance(weight, torch.diag_embed(squares))
    assert found.shape == (4, 1, 3, 3)
    assert found.min() > 0
    assert np.allclose(np.diff(found[1].ravel()), 1.0), "of the first group"
    assert np.allclose(found[2] - found[0], 9.0), "each group has its own"


def test_values_that_meet_padding_only_take_nothing_from_a_palette() -> None:
    kernels = noise(32, 1, 7, 7)
    seen = torch.zeros(32, 49, 49, dtype=torch.float64)
    seen[:, 24, 24] = 1.0
    fmt = PALETTE
    plain = encode(kernels.numpy(), fmt)
    chosen = encode(kernels.numpy(), fmt, importance=importance(kernels, seen))
    centre = kernels[:, 0, 3, 3]

    def error(encoding: Encoding) -> float:
        return float((torch.from_numpy(encoding.decode())[:, 0, 3, 3] - centre).square().mean())

    assert error(chosen) < error(plain) / 2


def test_channels_that_answers_follow_count_more() -> None:
    weight, squares = noise(4, 8), torch.arange(1.0, 9.0, dtype=torch.float64)
    sensitivity = torch.tensor([1.0, 2.0, 4.0, 8.0], dtype=torch.float64)
    found = importance(weight, torch.diag_embed(squares[None]), sensitivity)
    damped = sensitivity + 0.01 * sensitivity.mean()
    assert np.allclose(found.sum(1), damped.numpy()), "a channel's weights share what it counts"
    assert np.allclose(found[0] / found[0].sum(), found[3] / found[3].sum()), "as their inputs are large"


def test_a_channel_that_nothing_follows_still_counts_a_little() -> None:
    found = importance(noise(2, 4), torch.eye(4, dtype=torch.float64)[None], torch.tensor([0.0, 1.0]).double())
    assert 0 < found[0].max() < 0.01 * found[1].min()
    alike = importance(noise(2, 4), torch.eye(4, dtype=torch.float64)[None], torch.zeros(2).double())
    assert np.ptp(alike) == 0.0


def of_linear(logits: nn.Linear, head: Head, pixels: int = 4) -> tuple[Tensor, list[Tensor]]:
    """Return the sensitivities of a network that is one linear layer, and what that layer reads."""
    body = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), logits)
    module = body if head is not Head.PROBABILITIES else nn.Sequential(*body, nn.Softmax(1))
    adapted = dataclasses.replace(small(), module=module.eval(), head=head)
    name = "2"
    seen = images(pixels)
    read = [body[:2](values)[0] for values in network_inputs(adapted, seen)]
    return channel_sensitivities(adapted, seen)[name], read


@pytest.mark.parametrize("head", [Head.EMBEDDING, Head.FEATURES])
def test_it_is_the_squared_gradient_of_the_outputs(head: Head) -> None:
    found, read = of_linear(nn.Linear(3, 5), head)
    expected = float(np.mean([float(values.double().square().sum()) for values in read]))
    assert torch.allclose(found, torch.full((5,), expected, dtype=torch.float64), rtol=1e-5)


def test_what_all_logits_share_does_not_count() -> None:
    layer = nn.Linear(3, 2)
    found, read = of_linear(layer, Head.LOGITS, pixels=64)
    # Two signs alike leave nothing of two centred logits, two that differ twice the gradient: half the mean square.
    every = [float(values.double().square().sum()) for values in read]
    assert torch.equal(found[0], found[1])
    assert 0.3 * np.mean(every) < float(found[0]) < 0.7 * np.mean(every)
    as_probabilities, _ = of_linear(layer, Head.PROBABILITIES, pixels=64)
    assert torch.allclose(as_probabilities, found, rtol=1e-4), "of a softmax as well"


def test_the_network_is_left_as_it_is() -> None:
    model = small()
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    asked = {name: value.requires_grad for name, value in model.module.named_parameters()}
    first, second = (channel_sensitivities(model, images(3)) for _ in range(2))
    assert set(first) == {"stem", "block.0", "block.2", "classifier"}
    for name, value in first.items():
        assert torch.equal(value, second[name]), "the same images give the same"
    for name, value in model.module.named_parameters():
        assert torch.equal(value, before[name])
        assert value.requires_grad is asked[name]
        assert value.grad is None


def test_gradients_that_overflow_are_refused() -> None:
    broken = small()
    with torch.no_grad():
        broken.module.get_parameter("classifier.weight").fill_(torch.nan)
    with pytest.raises(InputError, match="not finite"):
        channel_sensitivities(broken, images(1))


def test_only_palettes_ask_for_gradients() -> None:
    model, pixels = small(), images(2)
    linear = layer_statistics(model, pixels, [get_scheme("w8").formats["mlpackage"]])
    both = layer_statistics(model, pixels, [get_scheme(name).formats["mlpackage"] for name in ("w8", "pal4")])
    assert not linear.sensitivities
    assert set(both.sensitivities) == set(both.moments) == set(linear.moments)
    for statistics in (linear, both):
        found = quantize(model, get_scheme("w8"), "mlpackage", calibration=pixels, statistics=statistics)
        alone = quantize(model, get_scheme("w8"), "mlpackage", calibration=pixels)
        assert all(np.array_equal(found.encodings[name].codes, each.codes) for name, each in alone.encodings.items())


def test_a_palette_is_made_for_the_channels_that_are_read() -> None:
    model, seen = opinionated(images(16)), images(16)
    with torch.no_grad():  # half of the channels are larger, and hardly read
        model.module.get_parameter("second.weight")[32:] *= 8.0
        model.module.get_parameter("classifier.weight")[:, 32:] *= 1e-3
    known = layer_statistics(model, seen, [get_scheme("pal4").formats["mlpackage"]])
    unseen = Evidence(model, images(16, seed=9))
    made, alike = (
        unseen.of(quantize(model, get_scheme("pal4"), "mlpackage", calibration=seen, statistics=each)).sqnr_db
        for each in (known, LayerStatistics(known.moments))
    )
    assert made > alike + 3.0


@pytest.mark.parametrize("count", [16, 64])
def test_one_weight_that_has_all_the_importance_is_kept(count: int) -> None:
    weight = noise(16, 64)
    shares = np.full(weight.shape, 1e-9)
    shares[3, 5] = 1.0
    encoding = encode(
        weight.numpy(),
        WeightFormat("palette", count.bit_length() - 1, granularity=Granularity.TENSOR),
        importance=shares,
    )
    assert float(encoding.decode()[3, 5]) == float(weight[3, 5].half())
