"""What the authors' own code computes, and the deterministic weights under which it was recorded.

``tests/golden/values.json`` holds logits of ten variants, ``counts.json`` parameters and multiply-accumulates, and
``state_dict_keys.json.gz`` every tensor of every official checkpoint, in order. Rule ``b`` tells layers apart: each
tensor's numbers depend on its name alone, and every branch stays alive.
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import torch
from torch import Tensor, nn

__all__ = [
    "Counts",
    "Entry",
    "Golden",
    "counts",
    "fill",
    "fused_keys",
    "golden_values",
    "input_image",
    "norm_scales",
    "official_name",
    "timm_keys",
    "training_keys",
]

Array = np.ndarray[Any, np.dtype[np.float64]]

_FOLDER = Path(__file__).parents[1] / "golden"


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor of an official checkpoint."""

    name: str
    shape: tuple[int, ...]
    is_integer: bool
    is_norm_scale: bool


class Golden(TypedDict):
    """One row of ``values.json``: the official logits of one variant under one rule."""

    variant: str
    input_size: int
    rule: str
    gain: float
    mean: float
    std: float
    min: float
    max: float
    first5: list[float]
    argmax: int


class Counts(TypedDict):
    """One form of one row of ``counts.json``."""

    params: int
    macs: int


def official_name(name: str) -> str:
    """Return how the golden files spell a registry name, for example ``EfficientViT_M0``."""
    known = {key.lower(): key for key in _keys()}
    return known[name]


def training_keys(name: str) -> list[Entry]:
    """Return the tensors of the official checkpoint of a registry name, in state_dict order."""
    return [_entry(row) for row in _keys()[official_name(name)]["keys"]]


def fused_keys(name: str) -> list[Entry]:
    """Return the tensors of the official inference form of a registry name, in state_dict order."""
    return [_entry(row) for row in _keys()[official_name(name)]["fused_keys"]]


def timm_keys(name: str, form: str) -> list[str]:
    """Return the tensor names of timm 1.0.31's network; ``form`` is ``keys`` or ``fused_keys``."""
    names: list[str] = _compressed("timm_keys.json.gz")[name][form]
    return names


def golden_values(name: str) -> list[Golden]:
    """Return the recorded logits of a registry name, one row a rule; empty where none were recorded."""
    rows = json.loads((_FOLDER / "values.json").read_text())["values"]
    return [row for row in rows if row["variant"].lower() == name]


def counts(name: str, form: str) -> Counts:
    """Return parameters and MACs of a registry name; ``form`` is ``train`` or ``fused``."""
    rows = json.loads((_FOLDER / "counts.json").read_text())
    found: Counts = next(row for row in rows if row["variant"].lower() == name)[form]
    return found


def norm_scales(module: nn.Module) -> set[str]:
    """Return the names of the scale vectors of all normalization layers."""
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm)
    return {f"{path}.weight" for path, child in module.named_modules() if isinstance(child, norms)}


def fill(module: nn.Module, rule: str = "b", gain: float = 0.75) -> None:
    """Give every floating tensor of ``module`` the numbers that the rule assigns to its name, in place."""
    state, scales = module.state_dict(), norm_scales(module)
    filled = {}
    for index, name in enumerate(sorted(state)):
        value = state[name]
        if not value.is_floating_point():
            filled[name] = value
            continue
        shape = tuple(value.shape)
        numbers = (
            _rule_a(name, index, shape, name in scales) if rule == "a" else _rule_b(name, shape, gain, name in scales)
        )
        filled[name] = torch.from_numpy(numbers.astype(np.float32)).reshape(shape)
    module.load_state_dict(filled)


def input_image(size: int | tuple[int, int]) -> Tensor:
    """Return the recorded input (1, 3, H, W), float32."""
    height, width = (size, size) if isinstance(size, int) else size
    wave = np.sin(np.arange(3 * height * width, dtype=np.float64) * 0.01)
    return torch.from_numpy(wave.astype(np.float32)).reshape(1, 3, height, width)


def _noise(name: str, count: int) -> Array:
    """Return numbers in [-1, 1): splitmix64 of (index, crc32 of the name)."""
    with np.errstate(over="ignore"):
        state = (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        state += (np.uint64(zlib.crc32(name.encode())) + np.uint64(1)) * np.uint64(0xBF58476D1CE4E5B9)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
        state ^= state >> np.uint64(31)
    numbers: Array = (state >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1
    return numbers


def _rule_a(name: str, index: int, shape: tuple[int, ...], is_scale: bool) -> Array:
    """Return a small sine whose phase is the key's position among the sorted names."""
    wave: Array = np.sin(np.arange(math.prod(shape), dtype=np.float64) * 0.37 + index)
    if name.endswith("running_var"):
        return 1 + 0.1 * np.abs(wave)
    return 1 + 0.02 * wave if is_scale else 0.02 * wave


_SPREADS = (
    ("running_var", 1.0, 0.5),
    ("running_mean", 0.0, 0.03),
    ("attention_biases", 0.0, 0.5),
    ("win_tokens", 0.0, 1.0),
)


def _rule_b(name: str, shape: tuple[int, ...], gain: float, is_scale: bool) -> Array:
    """Return ``centre + spread * noise`` with a spread that keeps signals of order one."""
    centre, spread = 0.0, 0.03
    if is_scale:
        centre, spread = 1.0, 0.25
    elif "layer_scale" in name:
        centre, spread = 0.5, 0.25
    elif named := [row for row in _SPREADS if name.endswith(row[0])]:
        _, centre, spread = named[0]
    elif len(shape) >= 2:
        spread = gain * math.sqrt(3.0 / math.prod(shape[1:]))
    return centre + spread * _noise(name, math.prod(shape))


def _keys() -> dict[str, dict[str, Any]]:
    return _compressed("state_dict_keys.json.gz")


@cache
def _compressed(file: str) -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = json.loads(gzip.decompress((_FOLDER / file).read_bytes()))
    return content


def _entry(row: list[Any]) -> Entry:
    return Entry(row[0], tuple(row[1]), bool(row[2]), bool(row[3]))
