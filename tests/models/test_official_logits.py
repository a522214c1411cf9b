"""FastViT and EfficientViT-M compute what the authors' code computes."""

from __future__ import annotations

import pytest
import torch

from edgevit.models.registry import create
from edgevit.types import ModelSpec
from tests.support import golden
from tests.support.variants import family_params

_TOLERANCE = 1e-4
"""Of the logits' standard deviation."""

_RECORDED = [
    case
    for case in family_params("fastvit", "efficientvit_m")
    if golden.golden_values(case.values[0].name)  # type: ignore[attr-defined]
]


@pytest.mark.parametrize("spec", _RECORDED)
@pytest.mark.parametrize("rule", ["a", "b"])
def test_logits_are_the_official_ones(spec: ModelSpec, rule: str) -> None:
    row = next(row for row in golden.golden_values(spec.name) if row["rule"] == rule)
    network = create(spec)
    golden.fill(network, rule, row.get("gain", 1.0))
    with torch.no_grad():
        logits = network(golden.input_image(row["input_size"]))[0]
    measured = [*logits[:5].tolist(), *(x.item() for x in (logits.min(), logits.max(), logits.mean()))]
    expected = [*row["first5"], row["min"], row["max"], row["mean"]]
    assert measured == pytest.approx(expected, rel=0, abs=_TOLERANCE * row["std"])
    assert logits.std(correction=0).item() == pytest.approx(row["std"], rel=_TOLERANCE)
    assert int(logits.argmax()) == row["argmax"]
