"""FastViT's and EfficientViT-M's rewrites: the same function in float64, in the shapes that phones like."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from edgevit.mobile.adapt import adapt
from edgevit.mobile.efficientvit_m import StaticGroupAttention
from edgevit.mobile.fastvit import ChannelFirstAttention
from edgevit.models.registry import create, resolve
from edgevit.reparam.proof import reparameterize
from edgevit.types import AdaptedModel, FoldedModel, Form, Head, LoadedModel, WeightsInfo
from tests.support import golden

_CASES = [
    ("fastvit_t8", 64, "attention-channel-first", 0),
    ("fastvit_sa12", 96, "attention-channel-first", 2),
    ("efficientvit_m0", 224, "attention-static-heads", 6),
    ("efficientvit_m1", 256, "attention-static-heads", 6),
]


def _folded(name: str, size: int | tuple[int, int]) -> FoldedModel:
    spec = resolve(name, input_size=size)
    network = create(spec)
    golden.fill(network)
    return reparameterize(LoadedModel(spec, network, Form.TRAINING, WeightsInfo("random", "", "")))


def _adapted(name: str, size: int | tuple[int, int], *, skip: tuple[str, ...] = ()) -> AdaptedModel:
    return adapt(_folded(name, size), head=Head.LOGITS, skip=skip)


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes the highest rank of any result, and the operators that move data between axes."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.highest_rank = 0
        self.moves: list[str] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        del types
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor):
            self.highest_rank = max(self.highest_rank, result.ndim)
            if func in (torch.ops.aten.permute.default, torch.ops.aten.clone.default):
                self.moves.append(str(func))
        return result


@pytest.mark.parametrize(("name", "size", "rewrite", "count"), _CASES)
def test_rewrites_apply_everywhere_and_keep_the_function(name: str, size: int, rewrite: str, count: int) -> None:
    proofs = {proof.name: proof for proof in _adapted(name, size).rewrites}
    assert (proofs[rewrite].count if count else 0) == count
    assert (rewrite in proofs) is (count > 0)
    assert all(proof.max_rel_error <= 1e-13 for proof in proofs.values())


@pytest.mark.parametrize(("name", "size", "rewrite", "count"), _CASES)
def test_no_rank_exceeds_four_and_nothing_is_permuted(name: str, size: int, rewrite: str, count: int) -> None:
    del rewrite, count
    model = _adapted(name, size)
    with torch.no_grad(), _Recorder() as recorder:
        model.module(torch.zeros(1, 3, size, size))
    assert recorder.highest_rank == 4
    assert recorder.moves == []


@pytest.mark.parametrize(("name", "size"), [("fastvit_sa12", 64), ("efficientvit_m0", 64)])
def test_the_trace_computes_no_shapes(name: str, size: int) -> None:
    """Shape arithmetic in a trace costs operators, and breaks coremltools with newer releases of numpy."""
    module = _adapted(name, size).module
    with pytest.warns(DeprecationWarning, match="trace"):
        traced = torch.jit.trace(module, torch.zeros(1, 3, size, size))  # type: ignore[no-untyped-call]
    graph = traced.inlined_graph
    assert not [node for node in graph.nodes() if node.kind() in ("aten::size", "aten::Int", "aten::floor_divide")]


@pytest.mark.parametrize(
    ("name", "rewrite", "layer"),
    [
        ("fastvit_sa12", "attention-channel-first", ChannelFirstAttention),
        ("efficientvit_m0", "attention-static-heads", StaticGroupAttention),
    ],
)
def test_rewrites_can_be_left_out(name: str, rewrite: str, layer: type[nn.Module]) -> None:
    skipped, applied = _adapted(name, 64, skip=(rewrite,)), _adapted(name, 64)
    assert not [m for m in skipped.module.modules() if isinstance(m, layer)]
    assert [m for m in applied.module.modules() if isinstance(m, layer)]
    x = golden.input_image(64) * 60
    with torch.no_grad():
        expected = skipped.module(x)
        torch.testing.assert_close(applied.module(x), expected, rtol=0, atol=1e-4 * float(expected.std()))


def test_attention_on_a_map_that_is_not_square_keeps_its_orientation() -> None:
    proofs = {proof.name: proof for proof in _adapted("fastvit_sa12", (64, 160)).rewrites}
    assert proofs["attention-channel-first"].max_rel_error <= 1e-13
