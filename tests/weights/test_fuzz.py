"""Mutated files: always an error of ours or the very same weights, never another exception, never a silent change."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from edgevit.errors import EdgeVitError
from edgevit.weights.checkpoint import read_checkpoint
from edgevit.weights.safetensors_file import write_safetensors
from tests.weights.archives import member, rewritten, saved

MUTATIONS = 300


def _state() -> dict[str, Tensor]:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2))
    return dict(net.state_dict())


def _rng(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - repeatable, not secret


def _mutate(data: bytes, rng: random.Random) -> bytes:
    """Return ``data`` with one accident: flipped or random bytes, a cut, a hole, a repetition, or a swap."""
    changed = bytearray(data)
    at, to = sorted(rng.randrange(len(data)) for _ in range(2))
    accident = rng.randrange(6)
    if accident == 0:
        changed[at] ^= 1 << rng.randrange(8)
    elif accident == 1:
        for _ in range(rng.randrange(1, 8)):
            changed[rng.randrange(len(data))] = rng.randrange(256)
    elif accident == 2:
        del changed[at:]
    elif accident == 3:
        del changed[at : at + rng.randrange(1, 64)]
    elif accident == 4:
        changed[at:at] = changed[at : at + rng.randrange(1, 64)]
    else:
        changed[at], changed[to] = changed[to], changed[at]
    return bytes(changed)


def _outcome(path: Path, data: bytes) -> dict[str, Tensor] | None:
    path.write_bytes(data)
    try:
        return read_checkpoint(path).tensors
    except EdgeVitError:
        return None


@pytest.mark.parametrize("seed", range(2))
def test_mutated_torch_checkpoints_never_load_as_other_weights(tmp_path: Path, seed: int) -> None:
    rng, original, refused = _rng(seed), saved({"model": _state(), "epoch": 3}), 0
    for _ in range(MUTATIONS):
        tensors = _outcome(tmp_path / "weights.pth", _mutate(original, rng))
        if tensors is None:
            refused += 1
            continue
        assert set(tensors) == set(_state())
        for name, tensor in _state().items():
            assert torch.equal(tensors[name], tensor)
    assert refused > MUTATIONS / 2


@pytest.mark.parametrize("seed", range(2))
def test_mutated_streams_with_right_checksums_never_crash(tmp_path: Path, seed: int) -> None:
    rng, original = _rng(seed), saved({"model": _state(), "epoch": 3})
    stream = member(original, "data.pkl")
    for _ in range(MUTATIONS):
        data = rewritten(original, {"archive/data.pkl": _mutate(stream, rng)})
        for tensor in (_outcome(tmp_path / "weights.pth", data) or {}).values():
            assert tensor.numel() <= 108


def test_mutated_safetensors_change_nothing_beyond_the_mutated_bytes(tmp_path: Path) -> None:
    """The format has no checksum: weights may differ, but only where the file's bytes do."""
    rng, state = _rng(0), _state()
    original = write_safetensors(state, {"format": "pt"})
    refused = 0
    for _ in range(MUTATIONS):
        data = _mutate(original, rng)
        tensors = _outcome(tmp_path / "weights.safetensors", data)
        refused += tensors is None
        body = data[8 + int.from_bytes(data[:8], "little") :]
        for tensor in (tensors or {}).values():
            assert tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes() in body
    assert refused > MUTATIONS / 4


@pytest.mark.parametrize(
    "make", [lambda: saved(_state()), lambda: write_safetensors(_state(), {})], ids=["pth", "safetensors"]
)
def test_every_truncation_is_refused(tmp_path: Path, make: Callable[[], bytes]) -> None:
    data = make()
    for length in range(0, len(data), 7):
        assert _outcome(tmp_path / "weights.safetensors", data[:length]) is None
