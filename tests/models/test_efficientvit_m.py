"""EfficientViT-M beyond its native size: windows, bias tables, checkpoints of other sizes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from edgevit.errors import CheckpointCorruptError, UnknownModelError, UnsupportedError
from edgevit.models.efficientvit_m.adapt import adapt_state
from edgevit.models.efficientvit_m.attention import WindowAttention, bias_indices
from edgevit.models.efficientvit_m.blocks import ConvNorm
from edgevit.models.efficientvit_m.windows import join_windows, split_windows
from edgevit.models.registry import create, get_spec, resolve
from edgevit.types import Head
from tests.support import golden

_BIASES = "blocks3.3.mixer.m.attn.attention_biases"


def _logits(network: torch.nn.Module, size: int = 224) -> Tensor:
    with torch.no_grad():
        logits: Tensor = network(golden.input_image(size))
    return logits


def test_biases_loaded_after_eval_are_used() -> None:
    network = create(resolve("efficientvit_m0"))
    golden.fill(network)
    before = _logits(network)
    state = network.state_dict()
    network.load_state_dict(state | {_BIASES: state[_BIASES] + torch.linspace(-2, 2, 16)})
    assert (_logits(network) - before).abs().max() > 1e-3 * before.std()


def test_biases_follow_a_change_of_type() -> None:
    network = create(resolve("efficientvit_m0"))
    golden.fill(network)
    single = _logits(network)
    with torch.no_grad():
        double = network.double()(golden.input_image(224).double())
    assert double.dtype == torch.float64
    torch.testing.assert_close(double.float(), single, rtol=0, atol=1e-4)


def test_biases_learn() -> None:
    network = create(resolve("efficientvit_m0", input_size=64)).train()
    network(torch.randn(2, 3, 64, 64)).square().sum().backward()
    gradient = network.get_parameter("blocks1.0.mixer.m.attn.attention_biases").grad
    assert gradient is not None
    assert gradient.abs().max() > 0


def test_bias_indices_are_distances() -> None:
    indices = bias_indices(3)
    assert indices[0, 8] == 2 * 3 + 2  # opposite corners
    assert indices[4].tolist() == [4, 3, 4, 1, 0, 1, 4, 3, 4]  # from the centre
    assert torch.equal(indices, indices.T)


@pytest.mark.parametrize("resolution", [9, 14, 16])
def test_windows_are_partitioned_as_by_views(resolution: int) -> None:
    """The authors partition by a rank-6 view, after padding right and bottom with zeros that are not masked."""
    torch.manual_seed(0)
    attention = WindowAttention(32, (5, 3), resolution, ConvNorm).eval()
    torch.nn.init.normal_(attention.attn.attention_biases)
    x = torch.randn(2, 32, resolution, resolution)
    count = -(-resolution // 7)
    padding = count * 7 - resolution
    views = F.pad(x, (0, padding, 0, padding)).reshape(2, 32, count, 7, count, 7).permute(0, 2, 4, 1, 3, 5)
    with torch.no_grad():
        windows = attention.attn(views.reshape(-1, 32, 7, 7)).reshape(2, count, count, 32, 7, 7)
        expected = windows.permute(0, 3, 1, 4, 2, 5).reshape(2, 32, count * 7, count * 7)
        torch.testing.assert_close(attention(x), expected[:, :, :resolution, :resolution])


def test_joining_undoes_splitting() -> None:
    x = torch.arange(2 * 3 * 5 * 8, dtype=torch.float32).reshape(2, 3, 5, 8)
    windows = split_windows(x, 3, right=1, bottom=1)
    assert windows.shape == (2 * 2 * 3, 3, 3, 3)
    assert torch.equal(join_windows(windows, 2, 3, right=1, bottom=1), x)


@pytest.mark.parametrize("side", [16, 160, 256])
def test_any_multiple_of_16_can_be_built(side: int) -> None:
    network = create(resolve("efficientvit_m1", num_classes=4, input_size=side))
    network.output = Head.FEATURES
    with torch.no_grad():
        maps = network(torch.zeros(1, 3, side, side))
    expected = [max(1, -(-side // stride)) for stride in network.stage_strides()]
    assert [m.shape[-1] for m in maps] == expected


@pytest.mark.parametrize(("size", "nearest"), [(225, "224x224 or 240x240"), ((224, 256), "224x224 or 256x256")])
def test_other_sizes_are_refused_with_the_nearest(size: int | tuple[int, int], nearest: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        resolve("efficientvit_m0", input_size=size)
    assert nearest in caught.value.help


def test_the_bare_name_is_refused_as_ambiguous() -> None:
    with pytest.raises(UnknownModelError, match="ambiguous") as caught:
        get_spec("efficientvit")
    assert "MIT" in caught.value.why


@pytest.mark.parametrize("side", [208, 240, 256])
def test_released_tables_fit_sizes_near_the_native_one(side: int) -> None:
    native = create(resolve("efficientvit_m0"))
    golden.fill(native)
    state = native.state_dict()
    adapted = adapt_state(state, resolve("efficientvit_m0", input_size=side))
    assert torch.equal(adapted[_BIASES], state[_BIASES])
    create(resolve("efficientvit_m0", input_size=side)).load_state_dict(adapted)


def test_released_tables_are_resized_for_far_sizes() -> None:
    """A table that is linear in dx stays linear inside when it is stretched bicubically."""
    spec = resolve("efficientvit_m0", input_size=448)
    state = create(resolve("efficientvit_m0")).state_dict()
    state[_BIASES] = torch.arange(4.0).repeat(4, 4)  # entry |dy| * 4 + |dx| is |dx|
    adapted = adapt_state(state, spec)
    create(spec).load_state_dict(adapted)
    table = adapted[_BIASES].reshape(4, 7, 7)
    torch.testing.assert_close(table, table[:, :1].expand(4, 7, 7))
    centre = (torch.arange(7) + 0.5) * 4 / 7 - 0.5
    torch.testing.assert_close(table[0, 0, 3], centre[3])
    assert (table[0, 0].diff() > 0).all()


def test_checkpoints_without_indices_and_unit_axes_fit() -> None:
    spec = resolve("efficientvit_m0")
    state = create(spec).state_dict()
    stripped = {name: value for name, value in state.items() if not name.endswith("attention_bias_idxs")}
    matrix = "blocks1.0.ffn0.m.pw1.c.weight"
    adapted = adapt_state(stripped | {matrix: state[matrix].flatten(1)}, spec)
    assert adapted.keys() == state.keys()
    assert all(torch.equal(adapted[name], value) for name, value in state.items())


def test_foreign_indices_are_refused() -> None:
    spec = resolve("efficientvit_m0")
    state = create(spec).state_dict()
    name = _BIASES.replace("biases", "bias_idxs")
    with pytest.raises(CheckpointCorruptError, match="bias_idxs"):
        adapt_state(state | {name: state[name].flip(0)}, spec)
