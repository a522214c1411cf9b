"""A network whose planted weights leave half precision's range: refused as it is, built with float32 islands."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from edgevit.errors import ParityError
from edgevit.models.registry import create, resolve
from edgevit.pipeline import build
from edgevit.types import BuildSpec
from edgevit.weights import load_model

GAIN = 1e5


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return weights whose first map is ``GAIN`` times larger, and the next convolution's as much smaller."""
    state = load_model("efficientvit_m0", "random", 10).module.state_dict()
    for name in ("patch_embed.0.bn.weight", "patch_embed.0.bn.bias"):
        state[name] *= GAIN
    state["patch_embed.2.c.weight"] /= GAIN
    path = tmp_path_factory.mktemp("planted") / "planted.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, path)
    return path


def request(weights: Path, out: Path, *, islands: bool) -> BuildSpec:
    labels = out.with_suffix(".txt")
    labels.write_text("\n".join(f"class {place}" for place in range(10)), "utf-8")
    return BuildSpec("efficientvit_m0", out=out, weights=str(weights), labels=labels, islands=islands)


def test_the_planted_network_is_the_same_function(planted: Path) -> None:
    source = load_model("efficientvit_m0", "random", 10).module
    other = load_model("efficientvit_m0", str(planted), 10).module
    x = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.allclose(source(x), other(x), atol=1e-3)
    assert create(resolve("efficientvit_m0", num_classes=10)).state_dict().keys() == source.state_dict().keys()


@pytest.mark.slow
def test_without_islands_the_build_is_refused(planted: Path, tmp_path: Path) -> None:
    with pytest.raises(ParityError, match="does not compute what PyTorch computes") as caught:
        build(request(planted, tmp_path / "out", islands=False))
    assert "fp16's range" in caught.value.why
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_with_islands_the_build_passes(planted: Path, tmp_path: Path) -> None:
    report = build(request(planted, tmp_path / "out", islands=True))
    assert report.verdict.passed
    assert any("stay in float32" in warning for warning in report.warnings)
    rows = report.verdict.range_report["operations"]
    assert isinstance(rows, list)
    assert 0 < sum(row["dtype"] == "fp32" for row in rows) < 0.2 * len(rows)
