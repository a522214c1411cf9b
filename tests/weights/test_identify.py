from __future__ import annotations

from pathlib import Path

import pytest
import torch

from edgevit.models.registry import create, list_models, resolve
from edgevit.types import Form
from edgevit.weights.checkpoint import Checkpoint
from edgevit.weights.identify import Identity, identify

SMALLEST = ("fastvit_t8", "efficientvit_m1", "sepvit_tiny", "nextvit_small")
REST = [spec.name for spec in list_models() if spec.name not in SMALLEST]
NAMES = [*SMALLEST, *(pytest.param(name, marks=pytest.mark.slow) for name in REST)]


def _checkpoint(name: str, *, num_classes: int = 1000, fused: bool = False) -> Checkpoint:
    """Return a checkpoint of the right names, shapes and types that takes no memory."""
    with torch.device("meta"):
        state = create(resolve(name, num_classes=num_classes), fused=fused).state_dict()
    tensors = {key: torch.zeros((), dtype=value.dtype).expand(value.shape) for key, value in state.items()}
    return Checkpoint("file", tensors, "0" * 64)


@pytest.mark.parametrize("name", NAMES)
def test_each_variant_is_told_from_all_others(name: str) -> None:
    assert identify(_checkpoint(name, num_classes=10)) == (Identity(name, Form.TRAINING, "official", 10),)


def test_the_fused_form_is_recognized() -> None:
    found = identify(_checkpoint("fastvit_t8", fused=True))
    assert found == (Identity("fastvit_t8", Form.FUSED, "official", 1000),)


def test_a_checkpoint_that_lacks_a_tensor_fits_nothing() -> None:
    checkpoint = _checkpoint("fastvit_t8")
    del checkpoint.tensors["head.weight"]
    assert identify(checkpoint) == ()


def test_a_checkpoint_with_one_wrong_shape_fits_nothing() -> None:
    checkpoint = _checkpoint("fastvit_t8")
    checkpoint.tensors["head.weight"] = torch.zeros(1000, 3)
    assert identify(checkpoint) == ()


def test_a_folded_file_says_what_it_is(tmp_path: Path) -> None:
    metadata = {"format": "edgevit-folded", "model": "nextvit_base", "num_classes": "5"}
    assert identify(Checkpoint(tmp_path.name, {}, "0" * 64, metadata)) == (
        Identity("nextvit_base", Form.FOLDED, "edgevit", 5),
    )
