"""The proof notices what is wrong, and says where."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

from edgevit.errors import FoldingError
from edgevit.models.base import ImageNet
from edgevit.models.registry import create, resolve
from edgevit.reparam import fold as engine
from edgevit.reparam.proof import reparameterize, smooth_noise, white_noise
from edgevit.types import Form, LoadedModel, ModelSpec, Preprocessing, WeightsInfo
from tests.support import golden

_WEIGHTS = WeightsInfo("random", "", "")


class _Double(nn.Module):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor


class _Toy(ImageNet):
    """Three blocks; the rule of the test changes the second, and the pooling between blocks is no block."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList([nn.Conv2d(3, 4, 1), _Double(2.0), nn.Conv2d(4, 4, 1)])
        self.glue = nn.Identity()

    def stages(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        for part in self.parts:
            x = part(x)
        return x, x, x, x

    def pool(self, x: Tensor) -> Tensor:
        pooled: Tensor = self.glue(x).mean((2, 3))
        return pooled

    def classify(self, x: Tensor) -> Tensor:
        return x

    def block_paths(self) -> list[str]:
        return [f"parts.{i}" for i in range(len(self.parts))]

    def stem_convolution(self) -> str:
        return "parts.0"


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> LoadedModel:
    monkeypatch.setitem(sys.modules, "edgevit.reparam.toy", ModuleType("edgevit.reparam.toy"))
    monkeypatch.setattr(engine, "_RULES", dict(engine._RULES))
    spec = ModelSpec("toy", "toy", "Toy", 0, 0, 0, Preprocessing(), (8, 8), "any", "none", paper="", input_size=(8, 8))
    return LoadedModel(spec, _Toy().eval(), Form.TRAINING, _WEIGHTS)


def test_a_wrong_rule_is_named_by_its_block(toy: LoadedModel) -> None:
    engine.folds(_Double)(lambda block: _Double(block.factor * (1 + 1e-8)))
    with pytest.raises(FoldingError) as caught:
        reparameterize(toy)
    assert "parts.1: relative error 1.0e-08" in caught.value.why
    assert "parts.0" not in caught.value.why
    assert "parts.2" not in caught.value.why
    assert "network" in caught.value.why


def test_a_wrong_rule_outside_the_blocks_is_noticed_on_the_whole(toy: LoadedModel) -> None:
    engine.folds(nn.Identity)(lambda _: _Double(1 + 1e-8))
    with pytest.raises(FoldingError) as caught:
        reparameterize(toy)
    assert "parts" not in caught.value.why
    assert "network" in caught.value.why


def test_rounding_passes(toy: LoadedModel) -> None:
    engine.folds(_Double)(lambda block: _Double(block.factor * (1 + 1e-14)))
    folded = reparameterize(toy)
    assert 0 < folded.max_rel_error <= 1e-13
    assert [row.block for row in folded.blocks] == ["parts.0", "parts.1", "parts.2"]


def test_given_inputs_replace_the_smooth_noise(toy: LoadedModel) -> None:
    class Picky(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x + (x > 100)

    engine.folds(nn.Identity)(lambda _: Picky())
    assert reparameterize(toy).max_rel_error <= 1e-13
    with pytest.raises(FoldingError):
        reparameterize(toy, inputs=[torch.full((1, 3, 8, 8), 1e4)])


def test_numbers_that_are_none_fail_the_proof() -> None:
    spec = resolve("efficientvit_m0", input_size=32)
    network = create(spec)
    golden.fill(network)
    network.state_dict()["blocks2.3.dw0.m.bn.running_var"].fill_(-1)
    with pytest.raises(FoldingError, match="EfficientViT-M0") as caught:
        reparameterize(LoadedModel(spec, network, Form.TRAINING, _WEIGHTS))
    assert "blocks2.3: relative error nan" in caught.value.why


def test_a_module_that_names_no_blocks_is_refused() -> None:
    spec = resolve("fastvit_t8")
    with pytest.raises(TypeError, match="Linear"):
        reparameterize(LoadedModel(spec, nn.Linear(2, 2), Form.TRAINING, _WEIGHTS))


def test_the_number_of_threads_is_restored() -> None:
    spec = resolve("efficientvit_m0", input_size=16)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        reparameterize(LoadedModel(spec, create(spec), Form.TRAINING, _WEIGHTS))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_smooth_noise_falls_with_frequency_and_white_noise_does_not() -> None:
    def low_share(image: Tensor) -> float:
        power = torch.fft.rfft2(image).abs().square()
        low: Tensor = power[..., :8, :8].sum() + power[..., -8:, :8].sum()
        return float(low / power.sum())

    size = (64, 64)
    assert low_share(smooth_noise(size)) > 0.5
    assert low_share(white_noise(size)) < 0.2
    assert float(smooth_noise(size).std()) == pytest.approx(1, abs=1e-6)
