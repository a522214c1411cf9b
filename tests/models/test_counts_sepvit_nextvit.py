"""Parameters and multiply-accumulates equal those counted on the authors' code, and those of the variant tables."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from edgevit.models import registry
from tests.support import golden

NAMES = [spec.name for spec in registry.list_models() if spec.family in {"sepvit", "nextvit"}]


@pytest.mark.parametrize("name", NAMES)
def test_parameters_and_macs(name: str) -> None:
    spec = registry.resolve(name)
    expected = golden.counts(name, "train")
    with torch.device("meta"):  # shapes are enough
        net = registry.create(spec)
        image = torch.empty(1, 3, *spec.input_size)
    assert sum(p.numel() for p in net.parameters()) == expected["params"] == spec.params
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        net(image)
    assert counter.get_total_flops() == 2 * expected["macs"] == 2 * spec.macs
