from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from edgevit.errors import UnsupportedOpError
from tests.backends.tflite.harness import check, graph_of, images


@pytest.mark.parametrize("shape", [(3, 8), (2, 5, 8), (1, 2, 5, 8), (1, 2, 3, 5, 8)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear(tmp_path: Path, shape: tuple[int, ...], bias: bool) -> None:
    ran = check(tmp_path, nn.Linear(8, 6, bias=bias), images(*shape), channels_last=False)
    assert ran.ops["FULLY_CONNECTED"] == 1
    assert ran.planned["DELEGATE"] == 1


def test_linear_on_channels_last_maps_moves_nothing(tmp_path: Path) -> None:
    conv, linear = nn.Conv2d(3, 8, 3), nn.Linear(8, 4)
    tokens = check(tmp_path, lambda x: linear(conv(x).flatten(2).transpose(1, 2)), images(1, 3, 8, 8))
    assert not tokens.ops["TRANSPOSE"]
    pooled = check(tmp_path, lambda x: linear(conv(x).mean((2, 3))), images(1, 3, 8, 8))
    assert sum(pooled.ops.values()) == 4  # CONV_2D, MEAN, FULLY_CONNECTED, RESHAPE to the output's shape


def _held(x: Tensor, columns_first: bool) -> Tensor:
    """The same matrix, lying across in memory."""
    return x.transpose(-1, -2).contiguous() if columns_first else x


@pytest.mark.parametrize(("first", "second"), [(a, b) for a in (False, True) for b in (False, True)])
@pytest.mark.parametrize("batch", [(), (1,), (3,), (2, 3)])
def test_product_of_values(tmp_path: Path, first: bool, second: bool, batch: tuple[int, ...]) -> None:
    def network(a: Tensor, b: Tensor) -> Tensor:
        left = a.transpose(-1, -2) if first else a
        right = b.transpose(-1, -2) if second else b
        return left @ right

    a, b = _held(images(*batch, 4, 5), first), _held(images(*batch, 5, 6, seed=1), second)
    ran = check(tmp_path, network, a, b, channels_last=False)
    across = first and not second
    swapped = first and second
    assert ran.ops["TRANSPOSE"] == (across or swapped)  # swapped: only because the output is asked for row-major
    assert ran.planned["DELEGATE"] == 1
    assert not ran.ops["FULLY_CONNECTED"]


def test_product_with_broadcast_batches(tmp_path: Path) -> None:
    check(tmp_path, torch.matmul, images(1, 3, 4, 5), images(2, 1, 5, 6), channels_last=False)
    check(tmp_path, torch.matmul, images(3, 4, 5), images(5, 6), channels_last=False)


def test_product_of_five_dimensions_stays_at_four(tmp_path: Path) -> None:
    a, b = images(1, 2, 3, 4, 5), images(1, 2, 3, 5, 6)
    graph = graph_of(torch.matmul, a, b)
    assert all(len(op.inputs[0].shape) <= 4 for op in graph.operators if op.kind == "BATCH_MATMUL")
    check(tmp_path, torch.matmul, a, b)


def test_products_with_constants(tmp_path: Path) -> None:
    left, right, batch = images(4, 5), images(5, 6), images(3, 5, 6)
    assert check(tmp_path, lambda x: x @ right, images(2, 3, 5)).ops["FULLY_CONNECTED"] == 1
    assert check(tmp_path, lambda x: left @ x, images(2, 5, 3)).ops["FULLY_CONNECTED"] == 1
    assert check(tmp_path, lambda x: x @ batch, images(3, 4, 5)).ops["BATCH_MATMUL"] == 1
    check(tmp_path, lambda x: F.linear(left, x), images(3, 5))


def test_mm_bmm_addmm(tmp_path: Path) -> None:
    weight, bias = images(5, 6), images(6)
    check(tmp_path, torch.mm, images(4, 5), images(5, 6))
    check(tmp_path, torch.bmm, images(2, 4, 5), images(2, 5, 6))
    ran = check(tmp_path, lambda x: torch.addmm(bias, x, weight), images(4, 5))
    assert ran.ops == {"FULLY_CONNECTED": 1}
    check(tmp_path, torch.addmm, images(4, 6), images(4, 5), images(5, 6))


def test_a_product_with_one_window_is_no_fully_connected(tmp_path: Path) -> None:
    """Converters turn products of batch 1 into FULLY_CONNECTED with computed weights, which nothing delegates."""
    ran = check(tmp_path, lambda q, k: q @ k.transpose(-1, -2), images(1, 49, 16), images(1, 49, 16))
    assert ran.ops == {"BATCH_MATMUL": 1}
    assert ran.planned["DELEGATE"] == 1


@pytest.mark.parametrize("scale", [None, 1.0, 0.3])
@pytest.mark.parametrize("mask", [False, True])
def test_attention(tmp_path: Path, scale: float | None, mask: bool) -> None:
    bias = images(1, 2, 5, 7) if mask else None

    def network(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=scale)

    q, k, v = images(1, 2, 5, 8), images(1, 2, 7, 8, seed=1), images(1, 2, 7, 6, seed=2)
    check(tmp_path, network, q, k, v, channels_last=False)


def test_channel_first_attention_moves_nothing(tmp_path: Path) -> None:
    """One head on a channels-last map: every product fits as the convolutions leave their results."""
    q, k, v, proj = (nn.Conv2d(8, n, 1) for n in (4, 4, 8, 8))

    def network(x: Tensor) -> Tensor:
        scores = q(x).flatten(2).transpose(1, 2) @ k(x).flatten(2)
        mixed = v(x).flatten(2) @ scores.softmax(-1).transpose(1, 2)
        out: Tensor = proj(mixed.reshape(1, 8, 6, 6))
        return out.mean((2, 3))

    ran = check(tmp_path, network, images(1, 8, 6, 6))
    assert not ran.ops["TRANSPOSE"]
    assert ran.planned["DELEGATE"] == 1


def test_refusals() -> None:
    x = images(1, 2, 5, 8)
    with pytest.raises(UnsupportedOpError) as caught:
        graph_of(lambda q: F.scaled_dot_product_attention(q, q, q, is_causal=True), x)
    assert "causal" in caught.value.why
    with pytest.raises(UnsupportedOpError):
        graph_of(torch.matmul, images(3, 4), images(4))


def test_operands_of_heads_move_in_runs_of_a_whole_head() -> None:
    """Keys lie with their channels innermost; turned into columns they would move one value at a time."""

    def scores(q: Tensor, k: Tensor) -> Tensor:
        q, k = (x.reshape(6, 3, 8).transpose(0, 1) for x in (q, k))
        return q @ k.transpose(-1, -2)

    graph = graph_of(scores, images(1, 6, 24), images(1, 6, 24))
    moves = [op.inputs[1].data for op in graph.operators if op.kind == "TRANSPOSE"]
    assert [list(move) for move in moves if move is not None] == [[1, 0, 2], [1, 0, 2]]
