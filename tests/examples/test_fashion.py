from __future__ import annotations

import gzip
import importlib
import math
import struct
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

import edgevit
from edgevit.datasets import labelled_images
from edgevit.models.registry import resolve
from edgevit.weights.checkpoint import read_checkpoint
from edgevit.weights.described_file import describe

FASHION = Path(__file__).resolve().parents[2] / "examples" / "fashion"
RIGHT = {"efficientvit_m0": 19, "fastvit_t8": 19, "sepvit_lite": 19}
"""Images of the sample that each checkpoint classifies right, of 20."""

MODELS = ("efficientvit_m0", "fastvit_t8", "sepvit_lite")


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a script of the example by its name."""
    monkeypatch.syspath_prepend(str(FASHION))

    def load(name: str) -> ModuleType:
        return importlib.import_module(name)

    return load


def write_idx(path: Path, values: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
    header = struct.pack(f">{1 + values.ndim}I", 0x800 | values.ndim, *values.shape)
    path.write_bytes(gzip.compress(header + values.tobytes()))


def write_data(folder: Path, count: int) -> Path:
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (count, 28, 28), np.uint8)
    for prefix in ("train", "t10k"):
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", np.arange(count, dtype=np.uint8) % 10)
    return folder


def test_idx_files_are_read_and_get_a_margin(tmp_path: Path, example: Any) -> None:
    images, labels = example("get_data").load_split(write_data(tmp_path, 12), "test")
    assert images.shape == (12, 32, 32)
    assert not images[:, :2].any()
    assert images[:, 2:30, 2:30].any()
    assert labels.tolist() == [*range(10), 0, 1]
    write_idx(tmp_path / "t10k-images-idx3-ubyte.gz", np.zeros((3, 4), np.uint8))
    with pytest.raises(ValueError, match="not the IDX file"):
        example("get_data").load_split(tmp_path, "test")


def test_pngs_are_what_edgevit_reads(tmp_path: Path, example: Any) -> None:
    data = example("get_data")
    images, labels = data.load_split(write_data(tmp_path, 12), "test")
    data.write_pngs(tmp_path / "png", images, labels)
    found = labelled_images(tmp_path / "png", data.LABELS)
    assert sorted(image.label for image in found) == sorted(labels.tolist())
    data.write_pngs(tmp_path / "few", images, labels, each=1)
    assert len(labelled_images(tmp_path / "few", data.LABELS)) == 10


@pytest.mark.parametrize("name", MODELS)
def test_networks_pass_through_all_sizes_of_their_recipe(name: str, example: Any) -> None:
    networks, phases = example("networks"), example("recipes").RECIPES[name].phases
    network = networks.make_network(name, phases[0].size, 10)
    for phase in phases:
        network = networks.resized(network, name, phase.size, 10).eval()
        assert network(torch.zeros(1, 3, phase.size, phase.size)).shape == (1, 10)
    last = phases[-1]
    assert resolve(name, input_size=last.size).input_size == (last.size, last.size)
    assert last.until == 1


def test_a_run_stops_resumes_and_becomes_a_checkpoint(tmp_path: Path, example: Any) -> None:
    train, export = example("train"), example("export")
    data = write_data(tmp_path, 1000)
    images, labels = (torch.from_numpy(values) for values in example("get_data").load_split(data, "train"))
    recipe = example("recipes").RECIPES["efficientvit_m0"]

    def run(total: int) -> Any:
        trainer = train.Trainer("efficientvit_m0", recipe, train.Clock(total, math.inf, math.inf), seed=0, device="cpu")
        if (tmp_path / "state.pt").is_file():
            trainer.resume(torch.load(tmp_path / "state.pt", weights_only=True))
        train.train(trainer, images, labels, tmp_path / "state.pt")
        return trainer

    assert run(128).clock.seen == 128
    trainer = run(256)
    assert trainer.clock.seen == 256
    export.export(trainer.state(), tmp_path / "net.safetensors", {})
    loaded = edgevit.load_model("efficientvit_m0", tmp_path / "net.safetensors")
    assert loaded.labels == example("get_data").LABELS
    wanted = trainer.average.state_dict()["head.l.weight"].half().float()
    assert torch.equal(loaded.module.state_dict()["head.l.weight"], wanted)


@pytest.mark.parametrize("name", RIGHT)
def test_checkpoints_classify_the_sample_as_recorded(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = FASHION / f"{name}.safetensors"
    assert path.stat().st_size <= 8_000_000
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = edgevit.evaluate(path, FASHION / "sample")
    assert (found.images, round(found.top1 * found.images)) == (20, RIGHT[name])
    about = describe(read_checkpoint(path))
    assert about is not None
    assert about.labels == tuple((FASHION / "labels.txt").read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("platform", ["android", pytest.param("ios", marks=pytest.mark.slow)])
def test_a_checkpoint_becomes_an_app_that_classifies(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path, sample = FASHION / "efficientvit_m0.safetensors", FASHION / "sample"
    request = edgevit.BuildSpec(
        path.stem, out=tmp_path / "sdk", weights=str(path), ios=platform == "ios", android=platform == "android"
    )
    built = edgevit.evaluate(edgevit.build(request).sdk, sample)
    source = edgevit.evaluate(path, sample)
    assert built.top1 == source.top1
    assert built.classes == source.classes
