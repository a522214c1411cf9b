"""What layers read."""

from __future__ import annotations

import torch
from torch import Tensor

from edgevit.quantize.layers import network_inputs, weighted_layers
from edgevit.quantize.moments import input_moments
from tests.quantize.networks import small
from tests.quantize.pictures import images


def test_moments_are_those_of_what_each_layer_reads() -> None:
    model, pixels = small(), images(2)
    found = input_moments(model, pixels)
    assert {name: tuple(each.shape) for name, each in found.items()} == {
        "stem": (1, 27, 27), "block.0": (32, 9, 9), "block.2": (1, 32, 32), "classifier": (1, 64, 64),
    }  # fmt: skip
    for name, layer in weighted_layers(model.module).items():
        bias = layer.bias
        assert bias is not None
        outputs: list[Tensor] = []
        hook = layer.register_forward_hook(lambda _, __, result, seen=outputs: seen.append(result))
        with torch.no_grad():
            for values in network_inputs(model, pixels):
                model.module(values)
            shape = (1, -1, 1, 1) if outputs[0].dim() == 4 else (1, -1)
            squares = torch.cat([(each - bias.reshape(shape)).double().square() for each in outputs])
            rows = layer.weight.double().reshape(len(found[name]), -1, found[name].shape[1])
            expected = torch.einsum("gok,gkl,gol->go", rows, found[name], rows).flatten()
        hook.remove()
        means = squares.mean((0, 2, 3)) if squares.dim() == 4 else squares.mean(0)
        assert torch.allclose(means, expected, rtol=1e-4), name
