from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from edgevit.errors import UnsupportedOpError
from tests.backends.tflite.harness import check, graph_of, images

_PARTS: dict[str, Callable[[Tensor], Any]] = {
    "start": lambda x: x[:, 1:],
    "end": lambda x: x[:, :, :-2],
    "negative start": lambda x: x[..., -3:],
    "too far": lambda x: x[:, 2:100],
    "two axes": lambda x: x[:, :, 1:5, :4],
    "step": lambda x: x[:, ::2],
    "start and step": lambda x: x[:, :, 1:6:3],
    "narrow": lambda x: x.narrow(2, 1, 3),
    "select": lambda x: x[:, 2],
    "select from the end": lambda x: x[..., -1],
    "split": lambda x: torch.split(x, 2, 1),
    "split with a rest": lambda x: torch.split(x, 4, 3),
    "split with sizes": lambda x: torch.split(x, [1, 4, 1], 1),
    "chunk": lambda x: x.chunk(3, 1),
    "chunk with a rest": lambda x: x.chunk(2, -1),
    "one part": lambda x: torch.split(x, 6, 1),
    "unbind": lambda x: x.unbind(2),
}


@pytest.mark.parametrize("parts", _PARTS.values(), ids=_PARTS)
@pytest.mark.parametrize("channels_last", [False, True])
def test_parts(tmp_path: Path, parts: Callable[[Tensor], Any], channels_last: bool) -> None:
    def network(x: Tensor) -> Any:
        result = parts(x)
        return result + 1.0 if isinstance(result, Tensor) else tuple(part + 1.0 for part in result)

    check(tmp_path, network, images(1, 6, 7, 5), channels_last=channels_last, tolerance=0)


def test_a_slice_of_a_slice_is_one(tmp_path: Path) -> None:
    assert check(tmp_path, lambda x: x[:, :, 1:5, 2:][:, 1:] + 1.0, images(1, 6, 7, 5)).ops["SLICE"] == 1


def test_parts_that_nobody_reads_are_not_cut(tmp_path: Path) -> None:
    assert check(tmp_path, lambda x: x.split([1, 4, 1], 1)[1] + 1.0, images(1, 6, 7, 5)).ops["SLICE"] == 1


def test_parts_of_an_image_stay_where_they_are(tmp_path: Path) -> None:
    conv = nn.Conv2d(6, 6, 3, padding=1)

    def network(x: Tensor) -> Tensor:
        a, b = conv(x).chunk(2, 1)
        return (torch.cat([b, a], 1)[:, :, :4, :4] * 2.0).mean((2, 3))

    ran = check(tmp_path, network, images(1, 6, 5, 5))
    assert not ran.ops["TRANSPOSE"]
    assert ran.planned["DELEGATE"] == 1


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("count", [1, 2, 5, 6, 16, 26])
def test_cat(tmp_path: Path, dim: int, count: int) -> None:
    def network(x: Tensor) -> Tensor:
        return torch.cat([x * float(i + 1) for i in range(count)], dim)

    check(tmp_path, network, images(2, 3, 4), tolerance=0)


def test_no_concatenation_has_more_than_five_inputs() -> None:
    graph = graph_of(lambda x: torch.cat([x * float(i + 1) for i in range(33)], 1), images(1, 3, 4, 4))
    sizes = [len(op.inputs) for op in graph.operators if op.kind == "CONCATENATION"]
    assert max(sizes) <= 5
    assert sum(sizes) - len(sizes) == 32


def test_cat_of_layouts_and_constants(tmp_path: Path) -> None:
    conv, constant = nn.Conv2d(3, 4, 1), images(1, 2, 5, 6)
    check(tmp_path, lambda x: torch.cat([conv(x), constant, x.transpose(2, 3).transpose(2, 3)], 1), images(1, 3, 5, 6))


def test_stack(tmp_path: Path) -> None:
    check(tmp_path, lambda x: torch.stack([x, x * 2.0], 1), images(2, 3), tolerance=0)
    check(tmp_path, lambda x: torch.stack([x, x * 2.0], -1), images(2, 3), tolerance=0)


@pytest.mark.parametrize(("shifts", "dims"), [((1,), (1,)), ((-2, 3), (2, 3)), ((5,), (2,)), ((0,), (1,))])
def test_roll(tmp_path: Path, shifts: tuple[int, ...], dims: tuple[int, ...]) -> None:
    check(tmp_path, lambda x: torch.roll(x, shifts, dims) + 0.0, images(1, 4, 5, 6), tolerance=0)


@pytest.mark.parametrize("amounts", [(1, 2), (0, 1, 2, 0), (0, 0, 0, 0, 1, 1), (0, 0), (-1, 2), (-1, -1, 0, 3)])
@pytest.mark.parametrize("value", [0.0, 1.5])
def test_pad(tmp_path: Path, amounts: tuple[int, ...], value: float) -> None:
    check(tmp_path, lambda x: nn.functional.pad(x, amounts, value=value) + 0.0, images(1, 4, 5, 6), tolerance=0)


@pytest.mark.parametrize("at", [slice(1, 3), slice(None, 2), slice(2, None), slice(None)])
def test_assignment_to_a_slice(tmp_path: Path, at: slice) -> None:
    def network(x: Tensor) -> Tensor:
        y = x * 2.0
        y[:, at] = x[:, at] - 1.0
        return y

    check(tmp_path, network, images(2, 4, 3))


def test_refusals() -> None:
    with pytest.raises(UnsupportedOpError) as caught:
        graph_of(lambda x: nn.functional.pad(x, (1, 1), mode="reflect"), images(1, 4, 5))
    assert "reflect" in caught.value.why
    with pytest.raises(UnsupportedOpError):
        graph_of(lambda x: torch.roll(x, 1), images(4, 5))
