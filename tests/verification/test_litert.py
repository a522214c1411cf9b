from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from edgevit.backends.tflite.emission import emit
from edgevit.backends.tflite.graph import DType
from edgevit.backends.tflite.inputs import InputSpec
from edgevit.errors import ArtifactCorruptError, EdgeVitError, InputError, UnsupportedError
from edgevit.verification.litert import run_tflite


@pytest.fixture(scope="module")
def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(64, 5)).eval()


@pytest.fixture(scope="module")
def content(network: nn.Module) -> bytes:
    program = torch.export.export(network, (torch.zeros(1, 3, 8, 8),))
    image = InputSpec("image", channels_last=True, dtype=DType.UINT8, offset=(100.0, 110.0, 120.0))
    return emit(program, inputs=[image], outputs=["logits"])


@pytest.fixture
def file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "model.tflite"
    path.write_bytes(content)
    return path


def _pixels(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 256, (1, 8, 8, 3), np.uint8)


def test_outputs_of_several_runs_are_pytorchs(file: Path, network: nn.Module) -> None:
    images = [_pixels(seed) for seed in range(3)]
    results = run_tflite(file, [{"image": image} for image in images])
    for image, result in zip(images, results, strict=True):
        centred = torch.from_numpy(image.astype(np.float32)) - torch.tensor([100.0, 110.0, 120.0])
        expected = network(centred.permute(0, 3, 1, 2)).detach().numpy()
        assert result.keys() == {"logits"}
        np.testing.assert_allclose(result["logits"], expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    "inputs",
    [
        {"picture": _pixels(0)},
        {},
        {"image": _pixels(0).astype(np.float32)},
        {"image": _pixels(0)[:, :7]},
    ],
    ids=["name", "none", "type", "shape"],
)
def test_wrong_inputs(file: Path, inputs: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]) -> None:
    with pytest.raises(UnsupportedError):
        run_tflite(file, [inputs or {"other": np.zeros(1, np.float32)}])


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        run_tflite(tmp_path / "none.tflite", [])


@pytest.mark.parametrize("damaged", [b"", b"TFL3", b"\x00" * 4096, b"PK\x03\x04 not a model"])
def test_foreign_bytes(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(damaged)
    with pytest.raises(ArtifactCorruptError):
        run_tflite(path, [{"image": _pixels(0)}])


@pytest.mark.parametrize("seed", range(12))
def test_damaged_files_never_take_this_process_along(tmp_path: Path, content: bytes, seed: int) -> None:
    """Bytes of the structure are overwritten; what runs nevertheless gives an answer, all else edgevit's own error."""
    generator = random.Random(seed)  # noqa: S311 - seeded damage, no secret
    damaged = bytearray(content)
    for _ in range(6):
        damaged[generator.randrange(8, len(damaged))] = generator.randrange(256)
    path = tmp_path / "model.tflite"
    path.write_bytes(damaged[: len(damaged) // 2] if seed == 0 else damaged)
    try:
        (result,) = run_tflite(path, [{"image": _pixels(0)}], timeout=60)
    except EdgeVitError:
        return
    assert all(array.size for array in result.values())


def test_an_endless_run_is_cut_off(file: Path) -> None:
    with pytest.raises(ArtifactCorruptError, match="cannot be run"):
        run_tflite(file, [{"image": _pixels(0)}], timeout=0.01)
