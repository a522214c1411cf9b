"""Operations that leave half precision's range: found in float32, kept in float32, and the package passes."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert
from edgevit.errors import ConversionError
from edgevit.images.photos import photos
from edgevit.mobile.halves import half_weights
from edgevit.types import AdaptedModel, Artifact, Head, Verdict
from edgevit.verification.islands import find_islands
from edgevit.verification.package import read_package
from edgevit.verification.verdict import judge
from tests.backends.coreml.toy import SIDE, toy
from tests.verification.packages import Normalized

PHOTOS = photos()[:2]


class Hot(nn.Module):
    """A detour over large values: weights times ``gain``, a ReLU, and back, by a factor or by small weights."""

    def __init__(self, gain: float, *, small_weights: bool = False) -> None:
        super().__init__()
        self.up = nn.Conv2d(16, 16, 1)
        self.down = nn.Conv2d(16, 16, 1)
        self.factor = 1.0 if small_weights else 1 / gain
        with torch.no_grad():
            self.up.weight.mul_(gain)
            self.down.weight.div_(gain if small_weights else 1.0)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.down(self.up(x).relu() * self.factor)
        return result


def hot(gain: float, *, small_weights: bool = False) -> AdaptedModel:
    torch.manual_seed(11)
    return toy(Head.LOGITS, middle=Hot(gain, small_weights=small_weights))


def written(model: AdaptedModel, folder: Path, islands: Collection[str] = ()) -> tuple[Artifact, Path]:
    folder.mkdir()
    twin = folder / "Twin.mlpackage"
    request = ConversionRequest(islands=frozenset(islands))
    return convert(model, request, folder / "Hot.mlpackage", twin=twin), twin


def verdict(model: AdaptedModel, artifact: Artifact, twin: Path) -> Verdict:
    return judge(
        artifact, spec=model.spec, head=model.head, reference=Normalized(model.module),
        half_reference=half_weights(model.module), twin=twin, photos=PHOTOS,
    )  # fmt: skip


def found(model: AdaptedModel, twin: Path) -> dict[str, tuple[str, str]]:
    pixels = [photo.pixels((SIDE, SIDE), model.spec.preprocessing) for photo in PHOTOS]
    islands = find_islands(twin, pixels, model.head, model.spec.preprocessing)
    return {island.value: (island.op, island.reason) for island in islands}


@pytest.mark.parametrize(
    ("gain", "small_weights"),
    [(1e5, False), (1e7, False), (1e5, True)],
    ids=["values overflow", "weights overflow", "weights underflow"],
)
def test_planted_large_weights_overflow_without_islands_and_pass_with_them(
    gain: float, small_weights: bool, tmp_path: Path
) -> None:
    model = hot(gain, small_weights=small_weights)
    artifact, twin = written(model, tmp_path / "plain")
    without = verdict(model, artifact, twin)
    assert not without.passed
    assert without.graph_max_rel is not None
    assert without.graph_max_rel < 1e-5, "the graph is right; half precision is not enough"
    islands = found(model, twin)
    assert [op for op, _ in islands.values()] == ["conv", "relu", "conv" if small_weights else "mul"]
    artifact, twin = written(model, tmp_path / "islands", islands)
    with_islands = verdict(model, artifact, twin)
    assert with_islands.failures == ()
    assert with_islands.passed
    types = {
        output.name: output.type.dtype
        for step in read_package(artifact.path).main.operations
        for output in step.outputs
    }
    assert all(types[name] == "fp32" for name in islands)
    assert list(types.values()).count("fp16") > 5, "the others stay in half precision"
    assert any("3 operations stay in float32" in note for note in artifact.notes)


def test_a_sum_is_enough_for_an_island(tmp_path: Path) -> None:
    class Cancelling(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pair = nn.Conv2d(16, 16, 1, bias=False)
            with torch.no_grad():
                self.pair.weight[:, 1::2] = -self.pair.weight[:, ::2]
                self.pair.weight.mul_(2e3)

        def forward(self, x: Tensor) -> Tensor:
            same = x[:, ::2].repeat_interleave(2, 1)
            result: Tensor = self.pair(same + 8.0)
            return result

    torch.manual_seed(2)
    model = toy(Head.LOGITS, middle=Cancelling())
    _, twin = written(model, tmp_path / "plain")
    reasons = [reason for op, reason in found(model, twin).values() if op == "conv"]
    assert len(reasons) == 1
    assert reasons[0].startswith("sums inside it may reach")


def test_an_ordinary_network_has_no_islands(tmp_path: Path) -> None:
    model = toy(Head.LOGITS)
    _, twin = written(model, tmp_path / "plain")
    assert found(model, twin) == {}


def test_weights_of_islands_are_those_of_the_other_package(tmp_path: Path) -> None:
    model = hot(1.0)
    artifact, _ = written(model, tmp_path / "plain")
    operations = read_package(written(model, tmp_path / "twin")[1]).main.operations
    convolutions = [operation.outputs[0].name for operation in operations if operation.type == "conv"]
    islands, _ = written(model, tmp_path / "islands", convolutions[-1:])
    assert islands.size_bytes > artifact.size_bytes
    shown = verdict(model, islands, tmp_path / "islands" / "Twin.mlpackage")
    assert shown.rounding_max_rel is not None
    assert shown.rounding_max_rel < 1e-5


def test_names_that_no_operation_has_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="not in the program"):
        written(toy(Head.LOGITS), tmp_path / "plain", ["nowhere"])
