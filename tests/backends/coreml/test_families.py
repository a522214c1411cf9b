"""The four families as phones get them: how much data they move, and that the graph is the network's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert
from edgevit.mobile.adapt import adapt
from edgevit.models.registry import create, resolve
from edgevit.reparam.proof import reparameterize
from edgevit.types import Form, Head, LoadedModel, WeightsInfo
from edgevit.verification.evaluator import Evaluator
from tests.backends.coreml.test_convert import read
from tests.support.golden import fill

CEILINGS = [
    pytest.param("fastvit_t8", {"transpose": 0, "reshape": 0, "split": 0, "concat": 0}, 88),
    pytest.param("efficientvit_m0", {"transpose": 0, "reshape": 72, "split": 34, "concat": 10}, 434),
    pytest.param("sepvit_lite", {"transpose": 22, "reshape": 57, "split": 23, "concat": 6}, 311),
    pytest.param("fastvit_sa12", {"transpose": 0, "reshape": 4, "split": 2, "concat": 0}, 117, marks=pytest.mark.slow),
    pytest.param(
        "nextvit_small", {"transpose": 0, "reshape": 14, "split": 4, "concat": 4}, 237, marks=pytest.mark.slow
    ),
]
"""Variant, most operators that move data, most operators in all; the logits head with image input."""

NEVER = ("expand_dims", "squeeze", "slice_by_index", "gather", "gather_nd", "einsum", "batch_norm", "pad", "tile")


@pytest.mark.parametrize(("name", "moves", "total"), CEILINGS)
def test_data_movement_and_exactness(tmp_path: Path, name: str, moves: Mapping[str, int], total: int) -> None:
    spec = resolve(name)
    network = create(spec)
    fill(network)
    loaded = LoadedModel(spec, network, Form.TRAINING, WeightsInfo("random", "seed 0", "0" * 64, trained=False))
    adapted = adapt(reparameterize(loaded), head=Head.LOGITS)
    twin = tmp_path / "Twin.mlpackage"
    artifact = convert(adapted, ConversionRequest(), tmp_path / "Model.mlpackage", twin=twin)

    assert [kind for kind, most in moves.items() if artifact.ops.get(kind, 0) > most] == []
    assert sum(artifact.ops.values()) <= total
    assert [kind for kind in NEVER if kind in artifact.ops] == []
    assert highest_rank(artifact.path) <= 4

    pixels = torch.randint(0, 256, (1, 3, *spec.input_size), generator=torch.Generator().manual_seed(1)).float()
    mean, std = (torch.tensor(v).reshape(1, 3, 1, 1) for v in (spec.preprocessing.mean, spec.preprocessing.std))
    with torch.no_grad():
        expected = network((pixels / 255 - mean) / std)
    logits = Evaluator(twin).run({"image": pixels})["logits"]
    assert isinstance(logits, torch.Tensor)
    assert float((logits - expected).abs().max() / expected.abs().max()) < 5e-6


def highest_rank(package: Path) -> int:
    (block,) = read(package).mlProgram.functions["main"].block_specializations.values()
    return max(len(output.type.tensorType.dimensions) for op in block.operations for output in op.outputs)
