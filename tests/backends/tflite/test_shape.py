from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from tests.backends.tflite.harness import check, images

_VIEWS: dict[str, Callable[[Any], Tensor]] = {
    "view": lambda x: x.view(4, -1),
    "reshape": lambda x: x.permute(0, 2, 3, 1).reshape(2, -1, 3),
    "flatten": lambda x: x.flatten(1, 2),
    "unflatten": lambda x: x.unflatten(1, (2, 2)),
    "unsqueeze": lambda x: x.unsqueeze(2),
    "unsqueeze from the end": lambda x: x.unsqueeze(-1),
    "squeeze": lambda x: x.squeeze(),
    "squeeze a dimension": lambda x: x.squeeze(0),
    "squeeze nothing": lambda x: x.squeeze(1),
    "squeeze several": lambda x: x.unsqueeze(2).squeeze((0, 2)),
    "permute": lambda x: x.permute(0, -1, 1, 2),
    "transpose": lambda x: x.transpose(1, -1),
    "mT": lambda x: x.mT,
    "expand": lambda x: x[:, :, :1].expand(2, 4, 7, -1),
    "expand_as": lambda x: x[:, :1].expand_as(x),
}


@pytest.mark.parametrize("view", _VIEWS.values(), ids=_VIEWS)
@pytest.mark.parametrize("channels_last", [False, True])
def test_views(tmp_path: Path, view: Callable[[Any], Tensor], channels_last: bool) -> None:
    check(tmp_path, lambda x: view(x) + 1.0, images(1, 4, 6, 3), channels_last=channels_last, tolerance=0)


def test_constants_take_the_shape_of_values(tmp_path: Path) -> None:
    token = images(1, 1, 4)
    check(tmp_path, lambda x: torch.cat([token.expand_as(x[:, :1]), x], 1), images(2, 5, 4), tolerance=0)
    check(tmp_path, lambda x: x.view_as(x.flatten(1)) * 2.0, images(2, 5, 4), tolerance=0)


def test_heads_of_channels_last_maps_need_one_transpose(tmp_path: Path) -> None:
    conv = nn.Conv2d(8, 8, 3, padding=1)
    ran = check(tmp_path, lambda x: conv(x).reshape(1, 2, 4, 36).transpose(2, 3).contiguous(), images(1, 8, 6, 6))
    assert ran.ops["TRANSPOSE"] == 1


def test_window_partition_of_six_dimensions_stays_at_four(tmp_path: Path) -> None:
    conv = nn.Conv2d(3, 4, 1)

    def windows(x: Tensor) -> Tensor:
        y: Tensor = conv(x).permute(0, 2, 3, 1)
        return y.reshape(1, 3, 2, 2, 4, 4).transpose(2, 3).reshape(6, 8, 4)

    ran = check(tmp_path, windows, images(1, 3, 6, 8))
    assert ran.ops["TRANSPOSE"] == 1
    assert ran.planned["DELEGATE"] == 1


_STEPS = st.lists(st.integers(min_value=0, max_value=2**31), min_size=1, max_size=8)


def _random_view(x: Tensor, seed: int) -> Tensor:
    """Permute or reshape, chosen by the seed; the reshapes split and merge dimensions in every way that divides."""
    if seed % 2:
        dims = list(range(x.dim()))
        random.Random(seed).shuffle(dims)  # noqa: S311 - not for secrets
        return x.permute(*dims)
    sizes: list[int] = []
    left = x.numel()
    while left > 1 and len(sizes) < 5:
        divisors = [d for d in range(1, left + 1) if left % d == 0]
        sizes.append(divisors[(seed // 2) % len(divisors)])
        left //= sizes[-1]
        seed //= 3
    return x.reshape(*sizes, left)


@settings(max_examples=40)
@given(steps=_STEPS)
def test_any_chain_of_views_is_what_pytorch_says(tmp_path: Path, steps: list[int]) -> None:
    def network(x: Tensor) -> Tensor:
        for step in steps:
            x = _random_view(x, step)
        return x + 1.0

    check(tmp_path, network, images(2, 12, 1, 6), tolerance=0)
