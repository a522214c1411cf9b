"""How few Core ML operators the rewritten SepViT and Next-ViT need."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml.convert import convert
from edgevit.mobile.adapt import adapt
from edgevit.models.registry import create, resolve
from edgevit.reparam.proof import reparameterize
from edgevit.types import Form, Head, LoadedModel, WeightsInfo
from tests.support import golden

pytest.importorskip("coremltools")


@pytest.mark.parametrize(
    ("name", "size", "total", "at_most"),
    [
        ("sepvit_lite", 224, 310, {"transpose": 22, "reshape": 57, "layer_norm": 33, "concat": 6, "split": 23}),
        ("nextvit_small", 64, 236, {"transpose": 0, "reshape": 14, "layer_norm": 0, "concat": 4, "split": 4}),
    ],
)
def test_operators(name: str, size: int, total: int, at_most: dict[str, int], tmp_path: Path) -> None:
    spec = resolve(name, input_size=size)
    network = create(spec)
    golden.fill(network)
    folded = reparameterize(LoadedModel(spec, network, Form.TRAINING, WeightsInfo("random", "", "")))
    artifact = convert(adapt(folded, head=Head.LOGITS), ConversionRequest(), tmp_path / "model.mlpackage")
    assert {kind: artifact.ops.get(kind, 0) for kind in at_most} == at_most
    assert sum(artifact.ops.values()) <= total
    # A layer norm whose affine was not taken in, or a gather, would show here.
    assert not {"batch_norm", "gather", "mul", "expand_dims", "squeeze"} & set(artifact.ops)
