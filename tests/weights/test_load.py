from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import Tensor

from edgevit.errors import (
    CheckpointCorruptError,
    CheckpointNotFoundError,
    KeyMismatchError,
    NonFiniteWeightsError,
    UnknownModelError,
    UnsupportedError,
    UsageError,
    WeightsUnavailableError,
)
from edgevit.models.registry import create, resolve
from edgevit.types import Event, Form, LoadedModel
from edgevit.weights import load_model
from edgevit.weights.safetensors_file import write_safetensors
from edgevit.weights.state_digest import state_digest
from tests.support.golden import Entry, fused_keys, training_keys

SMALL = ["fastvit_t8", "efficientvit_m0", "sepvit_lite", pytest.param("nextvit_small", marks=pytest.mark.slow)]


@cache
def _random(name: str) -> LoadedModel:
    return load_model(name, "random")


def _state(name: str) -> dict[str, Tensor]:
    return dict(_random(name).module.state_dict())


def _saved(folder: Path, content: object, name: str = "weights.pth") -> str:
    path = folder / name
    torch.save(content, path)
    return str(path)


def _official(entries: list[Entry], own: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return a checkpoint with the official code's tensors; integers are the architecture's."""
    generator = torch.Generator().manual_seed(0)
    return {
        entry.name: own[entry.name] if entry.is_integer else torch.rand(entry.shape, generator=generator) + 0.1
        for entry in entries
    }


@pytest.mark.parametrize("name", SMALL)
def test_official_training_checkpoints_load_into_the_training_form(tmp_path: Path, name: str) -> None:
    state = _official(training_keys(name), _state(name))
    content = {"model": state, "epoch": 300, "args": argparse.Namespace(lr=1e-3)}
    model = load_model(name, _saved(tmp_path, content, f"{name}.pth"))
    assert model.form is Form.TRAINING
    assert not model.module.training
    assert model.weights.kind == "file"
    assert model.weights.source == f"{name}.pth"
    assert model.weights.trained
    loaded = model.module.state_dict()
    assert list(loaded) == list(state)
    assert all(torch.equal(loaded[key], value) for key, value in state.items())


@pytest.mark.parametrize("name", ["fastvit_t8", "efficientvit_m0"])
def test_official_inference_checkpoints_load_into_the_fused_form(tmp_path: Path, name: str) -> None:
    own = create(resolve(name), fused=True).state_dict()
    state = _official(fused_keys(name), own)
    model = load_model(name, _saved(tmp_path, {"state_dict": state}))
    assert model.form is Form.FUSED
    loaded = model.module.state_dict()
    assert all(torch.equal(loaded[key], value) for key, value in state.items())


TIMM_FASTVIT = [
    ("patch_embed.", "stem."),
    *((f"network.{2 * stage}.", f"stages.{stage}.blocks.") for stage in range(4)),
    *((f"network.{2 * stage - 1}.", f"stages.{stage}.downsample.") for stage in range(1, 4)),
    ("conv_exp.", "final_conv."),
    ("rbr_conv.", "conv_kxk."),
    ("rbr_scale.", "conv_scale."),
    ("rbr_skip.", "identity."),
    ("lkb_origin.", "large_conv."),
    ("lkb_reparam.", "reparam_conv."),
    ("convffn.", "mlp."),
    ("se.reduce.", "se.fc1."),
    ("se.expand.", "se.fc2."),
    ("layer_scale", "layer_scale.gamma"),
]


def timm_named(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return FastViT tensors (no attention stage) under the names of timm's releases."""
    renamed = {}
    for name, tensor in state.items():
        target = name.replace("head.", "head.fc.") if name.startswith("head.") else name
        for old, new in TIMM_FASTVIT:
            target = target.replace(old, new)
        renamed[target] = tensor
    return renamed


@pytest.mark.parametrize("fused", [False, True])
def test_timm_names_are_recognised_in_both_forms(tmp_path: Path, fused: bool) -> None:
    network = create(resolve("fastvit_t8"), fused=fused)
    path = tmp_path / "model.safetensors"
    path.write_bytes(write_safetensors(timm_named(network.state_dict()), {}))
    model = load_model("fastvit_t8", str(path))
    assert model.form is (Form.FUSED if fused else Form.TRAINING)
    assert state_digest(model.module.state_dict()) == state_digest(network.state_dict())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_become_float32(tmp_path: Path, dtype: torch.dtype) -> None:
    state = {name: t.to(dtype) if t.is_floating_point() else t for name, t in _state("efficientvit_m0").items()}
    loaded = load_model("efficientvit_m0", _saved(tmp_path, state)).module.state_dict()
    for name, tensor in loaded.items():
        assert tensor.dtype in (torch.float32, torch.int64)
        assert torch.equal(tensor, state[name].to(tensor.dtype))


def test_counters_and_index_tables_may_be_absent(tmp_path: Path) -> None:
    state = {name: tensor for name, tensor in _state("efficientvit_m0").items() if tensor.is_floating_point()}
    model = load_model("efficientvit_m0", _saved(tmp_path, state))
    assert state_digest(model.module.state_dict()) == _random("efficientvit_m0").weights.sha256


def test_efficientvit_bias_tables_are_resized_to_the_input(tmp_path: Path) -> None:
    model = load_model("efficientvit_m0", _saved(tmp_path, _state("efficientvit_m0")), input_size=288)
    assert model.spec.input_size == (288, 288)
    with torch.no_grad():
        assert model.module(torch.zeros(1, 3, 288, 288)).isfinite().all()


Damage = Callable[[dict[str, Tensor]], None]


def _drop(state: dict[str, Tensor]) -> None:
    del state["head.l.bias"]


def _add(state: dict[str, Tensor]) -> None:
    state["extra\x1b[31m"] = torch.ones(2, 3)


def _reshape(state: dict[str, Tensor]) -> None:
    state["patch_embed.0.c.weight"] = torch.ones(8, 3, 5, 5)


def _retype(state: dict[str, Tensor]) -> None:
    state["patch_embed.0.bn.bias"] = torch.ones(8, dtype=torch.int8)


def _poison(state: dict[str, Tensor]) -> None:
    state["head.bn.weight"] = state["head.bn.weight"].index_fill(0, torch.tensor([3, 5]), float("nan"))


@pytest.mark.parametrize(
    ("damages", "lines"),
    [
        ([_drop], ["missing: head.l.bias (1000)"]),
        ([_add], ["unknown: extra\\x1b[31m (2, 3)"]),
        ([_reshape], ["misshapen: patch_embed.0.c.weight is (8, 3, 5, 5), but should be (8, 3, 3, 3)"]),
        ([_retype], ["wrong type: patch_embed.0.bn.bias is int8, but should be float32"]),
        (
            [_drop, _add, _reshape, _retype, _poison],
            ["missing: ", "unknown: ", "misshapen: ", "wrong type: ", "not finite: head.bn.weight holds 2 NaN"],
        ),
    ],
    ids=["missing", "unknown", "misshapen", "wrong type", "all of it"],
)
def test_everything_that_does_not_fit_is_in_one_error(tmp_path: Path, damages: list[Damage], lines: list[str]) -> None:
    state = _state("efficientvit_m0")
    for damage in damages:
        damage(state)
    with pytest.raises(KeyMismatchError, match="do not fit EfficientViT-M0") as caught:
        load_model("efficientvit_m0", _saved(tmp_path, state))
    assert len(caught.value.why.splitlines()) == len(lines)
    for line in lines:
        assert line in caught.value.why


def test_nan_and_overflow_to_infinity_are_refused(tmp_path: Path) -> None:
    state = _state("efficientvit_m0")
    _poison(state)
    state["head.l.bias"] = torch.full((1000,), 1e300, dtype=torch.float64)
    with pytest.raises(NonFiniteWeightsError) as caught:
        load_model("efficientvit_m0", _saved(tmp_path, state))
    assert "head.bn.weight holds 2 NaN" in caught.value.why
    assert "head.l.bias holds 1000 NaN or infinite" in caught.value.why


def test_index_tables_of_another_architecture_are_refused(tmp_path: Path) -> None:
    state = _state("efficientvit_m0")
    name = next(key for key in state if key.endswith("attention_bias_idxs"))
    state[name] = state[name].flip(0)
    with pytest.raises(CheckpointCorruptError):
        load_model("efficientvit_m0", _saved(tmp_path, state))


def test_a_checkpoint_of_another_variant_is_listed_within_bounds(tmp_path: Path) -> None:
    with pytest.raises(KeyMismatchError, match="do not fit FastViT-T8 at 256x256") as caught:
        load_model("fastvit_t8", _saved(tmp_path, _state("efficientvit_m0")))
    assert len(caught.value.why.splitlines()) == 21
    assert caught.value.why.splitlines()[-1].startswith("... and ")


def test_another_class_count_says_how_to_choose(tmp_path: Path) -> None:
    fine_tuned = load_model("efficientvit_m0", "random", num_classes=37)
    path = _saved(tmp_path, fine_tuned.module.state_dict())
    with pytest.raises(KeyMismatchError, match="has 37 classes, but 1000 were asked for") as caught:
        load_model("efficientvit_m0", path)
    assert "--num-classes 37" in caught.value.help
    assert load_model("efficientvit_m0", path, num_classes=37).spec.num_classes == 37


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("fastvit_t9",), UnknownModelError, "no model named"),
        (("fastvit_t8", ""), UsageError, "--weights is empty"),
        (("fastvit_t8", "hf:nonsense"), UsageError, "names no file of a hub repository"),
        (("fastvit_t8", "hf:a/b:../../etc/passwd"), UsageError, "names no file of a hub repository"),
        (("fastvit_t8", "pretrained:nope"), UsageError, "has no release 'nope'"),
        (("fastvit_t8", "nowhere.pth"), CheckpointNotFoundError, "does not exist"),
        (("fastvit_t8", "random", 0), UsageError, "at least 1"),
        (("fastvit_t8", "pretrained", 10), UsageError, "has 1000 classes, but 10 were asked for"),
        (("efficientvit_m0", "random", None, 100), UnsupportedError, "cannot take 100x100"),
        (("sepvit_lite", "pretrained"), WeightsUnavailableError, "no public weights of SepViT"),
    ],
)
def test_requests_that_cannot_be_met_say_why(arguments: tuple[str, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        load_model(*arguments)  # type: ignore[arg-type]  # a table of positional arguments


def test_auto_without_public_weights_is_random_and_says_so() -> None:
    events: list[Event] = []
    model = load_model("sepvit_lite", on_event=events.append)
    assert not model.weights.trained
    assert "no public weights" in model.weights.note
    assert [event.kind for event in events] == ["warning"]
    assert "Random weights: predictions mean nothing." in events[0].message


def test_auto_with_other_classes_is_random_and_says_so() -> None:
    model = load_model("efficientvit_m0", num_classes=5)
    assert not model.weights.trained
    assert "has 1000 classes, but 5 were asked for" in model.weights.note


def test_loading_leaves_the_global_random_generator_alone(tmp_path: Path) -> None:
    path = _saved(tmp_path, _state("efficientvit_m0"))
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    load_model("efficientvit_m0", path)
    load_model("efficientvit_m0", "random")
    assert torch.equal(torch.rand(3), expected)


def test_the_package_loads_without_torch() -> None:
    code = "import sys, edgevit.weights; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
