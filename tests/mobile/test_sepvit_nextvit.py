"""Phone rewrites of SepViT and Next-ViT: same function, rank 4, epsilons that half precision holds."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from torch import Tensor, nn

from edgevit.mobile.adapt import adapt, rewrite_names
from edgevit.mobile.channel_norm import ChannelLayerNorm
from edgevit.mobile.image_input import centred_from_normalized
from edgevit.mobile.nextvit import EvenMap
from edgevit.mobile.sepvit_range import STREAM_SCALE
from edgevit.models.outputs import select_output
from edgevit.models.registry import create, resolve
from edgevit.reparam.difference import relative_difference
from edgevit.reparam.proof import reparameterize
from edgevit.types import AdaptedModel, Form, Head, LoadedModel, Size, WeightsInfo
from tests.support import golden
from tests.support.ranks import highest_rank

_ROUNDING = 1e-12
_SMALLEST_NORMAL_HALF = 2.0**-14
_NATIVE: Size = (224, 224)
_EVEN: Size = (64, 64)
_ODD: Size = (72, 104)
"""Odd maps in stages 2 to 4 of Next-ViT, and tokens left over by its key pooling."""

_CASES = [("sepvit_lite", _NATIVE), ("sepvit_lite", (224, 448)), ("nextvit_small", _EVEN), ("nextvit_small", _ODD)]
_cases = pytest.mark.parametrize(("name", "size"), _CASES, ids=str)


@cache
def _loaded(name: str, size: Size) -> LoadedModel:
    spec = resolve(name, input_size=size)
    network = create(spec)
    golden.fill(network)
    return LoadedModel(spec, network, Form.TRAINING, WeightsInfo("random", "", ""))


@cache
def _adapted(name: str, size: Size, head: Head = Head.LOGITS, skip: frozenset[str] = frozenset()) -> AdaptedModel:
    return adapt(reparameterize(select_output(_loaded(name, size), head)), head=head, skip=skip)


def _run(model: AdaptedModel, x: Tensor) -> tuple[Tensor, ...]:
    """Return what the adapted network gives, in float64, for normalized ``x``."""
    if model.input_kind == "centred_pixels":
        x = centred_from_normalized(x, model.spec.preprocessing)
    with torch.no_grad():
        result = model.module.double()(x)
    model.module.float()
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize(
    ("name", "size", "head"),
    [
        *((name, size, Head.LOGITS) for name, size in _CASES),
        *((name, size, head) for name, size in _CASES[::3] for head in (Head.EMBEDDING, Head.FEATURES)),
    ],
    ids=str,
)
def test_rewritten_networks_compute_what_the_source_computes(name: str, size: Size, head: Head) -> None:
    model = _adapted(name, size, head)
    assert all(proof.max_rel_error <= _ROUNDING for proof in model.rewrites)
    x = golden.input_image(size).double()
    source = select_output(_loaded(name, size), head).module
    with torch.no_grad():
        expected = source.double()(x)
    source.float()
    for want, got in zip(expected if head is Head.FEATURES else (expected,), _run(model, x), strict=True):
        assert relative_difference(want, got) < 2e-5  # the weights were rounded to float32 in between


@_cases
def test_no_tensor_has_more_than_four_dimensions(name: str, size: Size) -> None:
    assert highest_rank(_adapted(name, size).module, golden.input_image(size)) == 4


@pytest.mark.parametrize(
    ("name", "size", "counts"),
    [
        ("sepvit_lite", _NATIVE, {"layer-norm-epsilon": 1, "channel-first": 1, "image-input": 1}),
        ("nextvit_small", _EVEN, {"pooling-without-ceil": 3, "attention-channel-first": 4, "image-input": 1}),
    ],
)
def test_every_rewrite_applies_where_it_should_and_can_be_left_out(
    name: str, size: Size, counts: dict[str, int]
) -> None:
    assert {proof.name: proof.count for proof in _adapted(name, size).rewrites} == counts
    assert set(rewrite_names(resolve(name))) == set(counts)
    x = golden.input_image(size).double()
    (expected,) = _run(_adapted(name, size), x)
    for left_out in counts:
        model = _adapted(name, size, skip=frozenset({left_out}))
        assert left_out not in {proof.name for proof in model.rewrites}
        (actual,) = _run(model, x)
        assert relative_difference(expected, actual) < 2e-5


@pytest.mark.parametrize("skip", [frozenset(), frozenset({"channel-first"})], ids=["rewritten", "channel-last"])
def test_every_epsilon_is_a_normal_half_and_none_was_before(skip: frozenset[str]) -> None:
    norms = [m for m in _loaded("sepvit_lite", _NATIVE).module.modules() if isinstance(m, nn.LayerNorm)]
    assert max(norm.eps for norm in norms) < _SMALLEST_NORMAL_HALF
    adapted = _adapted("sepvit_lite", _NATIVE, skip=skip).module
    scaled = [m.eps for m in adapted.modules() if isinstance(m, ChannelLayerNorm | nn.LayerNorm)]
    assert len(scaled) == len(norms)
    assert float(torch.tensor(min(scaled)).half()) > _SMALLEST_NORMAL_HALF


def test_rescaling_for_half_precision_rounds_nothing() -> None:
    """All factors are powers of two, so float32 results agree to the last bit."""
    assert STREAM_SCALE.is_integer()
    assert int(STREAM_SCALE).bit_count() == 1
    proofs = {proof.name: proof for proof in _adapted("sepvit_lite", _NATIVE).rewrites}
    assert proofs["layer-norm-epsilon"].max_rel_error == 0
    plain = _adapted("sepvit_lite", _NATIVE, skip=frozenset({"layer-norm-epsilon"})).module
    scaled = _adapted("sepvit_lite", _NATIVE).module
    x = 50 * golden.input_image(224)
    with torch.no_grad():
        torch.testing.assert_close(scaled(x), plain(x), rtol=0, atol=0)


@pytest.mark.parametrize("muted", [False, True])
def test_channel_layer_norm_is_layer_norm_over_axis_1(muted: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    norm = nn.LayerNorm(6, eps=1e-3).double()
    with torch.no_grad():
        norm.weight.copy_(torch.randn(6, generator=generator) + 0.01)
        norm.bias.copy_(torch.randn(6, generator=generator))
        if muted:
            norm.weight[2] = 0
    x = torch.randn(2, 6, 3, 5, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        expected = norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        torch.testing.assert_close(ChannelLayerNorm(norm)(x), expected)


@pytest.mark.parametrize("size", [(5, 7), (4, 7), (5, 8), (4, 8)])
def test_pooling_a_padded_map_is_pooling_with_ceil_mode(size: Size) -> None:
    x = torch.randn(1, 2, *size, generator=torch.Generator().manual_seed(0))
    expected = nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False)(x)
    torch.testing.assert_close(nn.AvgPool2d(2, 2)(EvenMap(*size)(x)), expected)


def test_an_unfolded_attention_is_refused() -> None:
    from edgevit.mobile.rewrite import rewrite

    network = _loaded("nextvit_small", _ODD).module
    with pytest.raises(TypeError, match="fold the network first"):
        rewrite(network, golden.input_image(_ODD))
