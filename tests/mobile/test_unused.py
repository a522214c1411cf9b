"""A network that returns embeddings or maps has no layers that only its classifier needs."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from edgevit.mobile.adapt import adapt
from edgevit.mobile.rewrite import Target
from edgevit.mobile.unused import drop_unused
from edgevit.models.outputs import select_output
from edgevit.models.registry import create, resolve
from edgevit.quantize.layers import weighted_layers
from edgevit.reparam.proof import reparameterize
from edgevit.types import Form, Head, LoadedModel, WeightsInfo
from tests.support import golden

_SIZES = {"fastvit_t8": 64, "efficientvit_m0": 64, "sepvit_lite": 224, "nextvit_small": 64}


@pytest.mark.parametrize("target", list(Target))
@pytest.mark.parametrize("head", [Head.EMBEDDING, Head.FEATURES])
@pytest.mark.parametrize("name", list(_SIZES))
def test_every_layer_of_an_adapted_network_runs(name: str, head: Head, target: Target) -> None:
    spec = resolve(name, input_size=_SIZES[name])
    network = create(spec)
    golden.fill(network)
    loaded = LoadedModel(spec, network, Form.TRAINING, WeightsInfo("random", "", ""))
    adapted = adapt(reparameterize(select_output(loaded, head)), head=head, target=target)
    layers = weighted_layers(adapted.module)
    ran: list[nn.Module] = []
    for layer in layers.values():
        layer.register_forward_hook(lambda layer, *_: ran.append(layer))
    with torch.no_grad():
        adapted.module(torch.zeros(1, 3, *spec.input_size))
    assert len(layers) > 20
    assert {id(layer) for layer in ran} == {id(layer) for layer in layers.values()}


class _Two(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.read = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU())
        self.forgotten = nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.read(x)
        return y


def test_only_what_never_runs_goes() -> None:
    network, example = _Two().eval(), torch.randn(1, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    before = network(example)
    drop_unused(network, example)
    assert torch.equal(network(example), before)
    assert list(dict(network.named_parameters())) == ["read.0.weight", "read.0.bias"]
