"""Which layers' results are read by activation functions alone, and from where on they matter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgevit.quantize.floors import floors


class Followed(nn.Module):
    """Layers with different readers."""

    def __init__(self) -> None:
        super().__init__()
        names = ("relu", "gelu", "hardswish", "both", "added", "shifted", "chained", "last")
        self.of = nn.ModuleDict({name: nn.Conv2d(3, 3, 1) for name in names})

    def forward(self, x: Tensor) -> Tensor:
        x = F.hardswish(self.of["hardswish"](F.gelu(self.of["gelu"](torch.relu(self.of["relu"](x))))))
        both = self.of["both"](x)
        x = torch.relu(both) + F.gelu(both)
        added = self.of["added"](x)
        x = torch.relu(added) + added
        x = torch.relu(self.of["shifted"](x) - 1.0)
        last: Tensor = self.of["last"](self.of["chained"](x))
        torch.relu(last)  # the caller gets what is below zero
        return last


def test_floors_are_where_activation_functions_alone_read_a_result() -> None:
    found = floors(Followed().eval(), torch.randn(1, 3, 4, 4))
    assert found == {"of.relu": 0.0, "of.gelu": -3.0, "of.hardswish": -3.0, "of.both": -3.0}


@pytest.mark.parametrize("function", [F.gelu, F.hardswish])
def test_below_the_floor_nothing_changes_noticeably(function: Callable[[Tensor], Tensor]) -> None:
    values = torch.linspace(-20.0, 2.0, 2201)
    assert (function(values.clamp(min=-3.0)) - function(values)).abs().max() < 0.0041


def test_watching_leaves_the_network_alone() -> None:
    network = Followed().eval()
    floors(network, torch.randn(1, 3, 4, 4))
    assert not any(layer._forward_hooks for layer in network.modules())
