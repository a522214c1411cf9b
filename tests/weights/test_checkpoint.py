from __future__ import annotations

import gzip
import hashlib
import io
import os
import pickle
import tarfile
import zipfile
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from edgevit.errors import (
    CheckpointCorruptError,
    CheckpointNotFoundError,
    DigestMismatchError,
    EdgeVitError,
    InputError,
    UnsafeInputError,
)
from edgevit.weights.checkpoint import read_checkpoint
from edgevit.weights.safetensors_file import write_safetensors
from tests.weights.archives import archive, flip, member, rewritten, saved, tensor_stream


def _state() -> dict[str, Tensor]:
    torch.manual_seed(0)
    return dict(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).state_dict())


def _write(folder: Path, data: bytes, name: str = "weights.pth") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def _assert_equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert list(one) == list(other)
    for name, tensor in one.items():
        assert tensor.dtype == other[name].dtype
        assert torch.equal(tensor, other[name])


@pytest.mark.parametrize("legacy_types", [False, True], ids=["dict", "ordered dict"])
def test_bare_state_dicts_are_read_as_torch_reads_them(tmp_path: Path, legacy_types: bool) -> None:
    state = nn.BatchNorm2d(4).state_dict() if legacy_types else _state()
    path = _write(tmp_path, saved(state))
    checkpoint = read_checkpoint(path)
    _assert_equal(checkpoint.tensors, torch.load(path, weights_only=True))
    assert checkpoint.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert checkpoint.name == "weights.pth"


def test_views_shared_storages_and_every_dtype_keep_their_values(tmp_path: Path) -> None:
    base = torch.arange(24.0).reshape(4, 6)
    state = {"transposed": base.t(), "slice": base[1:3, ::2], "row": base[2], "empty": torch.empty(0, 3)}
    state |= {str(d): base.to(d) for d in (torch.float64, torch.float16, torch.bfloat16, torch.int32, torch.bool)}
    checkpoint = read_checkpoint(_write(tmp_path, saved(state)))
    _assert_equal(checkpoint.tensors, state)
    checkpoint.tensors["row"].zero_()
    assert checkpoint.tensors["slice"].any()


@pytest.mark.parametrize("entry", ["state_dict", "model", "model_state_dict", "net", "state_dict_ema", "model_ema"])
@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod.", "module._orig_mod.", "model."])
def test_wrappers_of_training_loops_are_taken_off(tmp_path: Path, entry: str, prefix: str) -> None:
    wrapped = {f"{prefix}{name}": tensor for name, tensor in _state().items()}
    content = {
        "epoch": 3,
        "optimizer": {"state": {0: {"exp_avg": torch.ones(3)}}},
        entry: wrapped,
        "loss": torch.ones(()),
    }
    _assert_equal(read_checkpoint(_write(tmp_path, saved(content))).tensors, _state())


def test_plain_weights_come_before_averaged_ones_and_the_note_says_so(tmp_path: Path) -> None:
    averaged = {name: tensor + 1 for name, tensor in _state().items()}
    checkpoint = read_checkpoint(_write(tmp_path, saved({"model_ema": averaged, "model": _state()})))
    _assert_equal(checkpoint.tensors, _state())
    assert checkpoint.note == "The checkpoint also holds model_ema; model was taken."


@pytest.mark.parametrize("content", [{"epoch": 3}, [torch.ones(2)], torch.ones(2), {}, None, {"model": {"lr": 1}}])
def test_checkpoints_without_weights_say_what_they_hold(tmp_path: Path, content: object) -> None:
    with pytest.raises(CheckpointCorruptError, match="holds no state dict"):
        read_checkpoint(_write(tmp_path, saved(content)))


def test_safetensors_are_read_with_their_metadata(tmp_path: Path) -> None:
    data = write_safetensors(_state(), {"b": "2", "a": "ü"})
    checkpoint = read_checkpoint(_write(tmp_path, data, "renamed.bin"))
    assert checkpoint.metadata == {"a": "ü", "b": "2"}
    assert set(checkpoint.tensors) == set(_state())
    for name, tensor in _state().items():
        assert torch.equal(checkpoint.tensors[name], tensor)


def test_a_pinned_digest_comes_before_everything_else(tmp_path: Path) -> None:
    path = _write(tmp_path, b"anything")
    with pytest.raises(DigestMismatchError, match="not the file that was published"):
        read_checkpoint(path, sha256="0" * 64)


def test_paths_that_are_no_files_are_refused(tmp_path: Path) -> None:
    loop, dangling, pipe = tmp_path / "loop", tmp_path / "dangling", tmp_path / "pipe"
    loop.symlink_to(loop)
    dangling.symlink_to(tmp_path / "gone")
    os.mkfifo(pipe)
    cases = {tmp_path / "none.pth": "does not exist", tmp_path: "is a folder", loop: "leads to no file"}
    cases |= {dangling: "leads to no file", pipe: "not a regular file", Path("no\0name"): "does not exist"}
    for path, message in cases.items():
        with pytest.raises(CheckpointNotFoundError, match=message):
            read_checkpoint(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_files_are_an_input_error(tmp_path: Path) -> None:
    path = _write(tmp_path, saved(_state()))
    path.chmod(0)
    with pytest.raises(InputError, match="cannot be read"):
        read_checkpoint(path)


def _torchscript() -> bytes:
    return archive(b"\x80\x02}.", members={"constants.pkl": b"\x80\x02).", "code/model.py": b"import os"})


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as out:
        out.addfile(tarfile.TarInfo("storages"))
    return buffer.getvalue()


def _old_format() -> bytes:
    buffer = io.BytesIO()
    torch.save(_state(), buffer, _use_new_zipfile_serialization=False)
    return buffer.getvalue()


def _npz() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr("w.npy", b"\x93NUMPY")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"", CheckpointCorruptError, "is empty"),
        (_torchscript(), UnsafeInputError, "TorchScript"),
        (_old_format(), UnsafeInputError, "before torch 1.6"),
        (pickle.dumps({"w": 1}), UnsafeInputError, "bare pickle"),
        (_tar(), CheckpointCorruptError, "tar archive"),
        (gzip.compress(b"x"), CheckpointCorruptError, "gzip"),
        (_npz(), CheckpointCorruptError, "not one that torch.save writes"),
        (b"\x89HDF\r\n", CheckpointCorruptError, "HDF5"),
        (b"version https://git-lfs.github.com/spec/v1\n", CheckpointCorruptError, "Git LFS pointer"),
        (b"<!doctype html>", CheckpointCorruptError, "web page"),
        (b"PK\x03\x04", CheckpointCorruptError, "damaged"),
        (b"hello", CheckpointCorruptError, "no known format"),
        (rewritten(saved(_state()), {"archive/byteorder": b"big"}), CheckpointCorruptError, "big-endian"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_formats_are_named_and_refused(
    tmp_path: Path, data: bytes, error: type[EdgeVitError], message: str
) -> None:
    with pytest.raises(error) as caught:
        read_checkpoint(_write(tmp_path, data))
    assert message in str(caught.value)
    assert caught.value.help


@pytest.mark.parametrize(
    ("shape", "strides", "offset", "length"),
    [
        ((5,), (1,), 0, 4),
        ((4,), (1,), 1, 4),
        ((4,), (1,), -1, 4),
        ((2, 2), (3, 1), 0, 4),
        ((2, 2), (-1, 1), 1, 4),
        ((2**40,), (0,), 0, 4),
        ((2**40, 2**40), (0, 0), 0, 4),
        ((-1,), (1,), 0, 4),
        ((2, 2), (1,), 0, 4),
        ((1,) * 9, (1,) * 9, 0, 4),
        ((4,), (1,), 0, 5),
        ((4,), (1,), 0, 2**62),
        ((4,), (1,), 0, -4),
    ],
)
def test_tensors_outside_their_storage_are_refused(
    tmp_path: Path, shape: tuple[int, ...], strides: tuple[int, ...], offset: int, length: int
) -> None:
    data = archive(tensor_stream(shape, strides, offset=offset, length=length), {"0": bytes(16)})
    with pytest.raises(CheckpointCorruptError):
        read_checkpoint(_write(tmp_path, data))


def test_a_tensor_inside_its_storage_is_accepted(tmp_path: Path) -> None:
    data = archive(tensor_stream((2, 2), (1, 2)), {"0": torch.arange(4.0).numpy().tobytes()})
    tensors = read_checkpoint(_write(tmp_path, data)).tensors
    assert torch.equal(tensors["w"], torch.tensor([[0.0, 2.0], [1.0, 3.0]]))


def test_missing_storages_and_repeated_members_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointCorruptError, match="damaged") as caught:
        read_checkpoint(_write(tmp_path, archive(tensor_stream((4,), (1,)))))
    assert "is missing" in caught.value.why
    buffer = io.BytesIO(archive(tensor_stream((4,), (1,)), {"0": bytes(16)}))
    with zipfile.ZipFile(buffer, "a") as out, pytest.warns(UserWarning, match="Duplicate name"):
        out.writestr("archive/data/0", bytes(16))
    with pytest.raises(CheckpointCorruptError) as caught:
        read_checkpoint(_write(tmp_path, buffer.getvalue()))
    assert "more than once" in caught.value.why


def test_archive_bombs_are_refused_before_unpacking(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("archive/data.pkl", tensor_stream((4,), (1,)))
        out.writestr("archive/data/0", bytes(50_000_000))
    with pytest.raises(UnsafeInputError, match="unpacks to 2 members"):
        read_checkpoint(_write(tmp_path, buffer.getvalue()))


def test_views_made_to_fill_memory_are_refused(tmp_path: Path) -> None:
    base = torch.ones(100_000)
    with pytest.raises(UnsafeInputError, match="but the file has"):
        read_checkpoint(_write(tmp_path, saved({str(index): base[index:] for index in range(100)})))


def test_changed_weights_are_noticed_by_checksum(tmp_path: Path) -> None:
    data = saved(_state())
    position = data.index(member(data, "data/0"))
    with pytest.raises(CheckpointCorruptError) as caught:
        read_checkpoint(_write(tmp_path, flip(data, position + 2, 3)))
    assert "archive/data/0" in caught.value.why


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff\xff\xff\xff\xff\xff\x7f{}",
        b"\x02\x00\x00\x00\x00\x00\x00\x00{]",
        b"\x02\x00\x00\x00\x00\x00\x00\x00[]",
        b"\x02\x00\x00\x00\x00\x00\x00\x00{}trailing",
        b"short",
    ],
)
def test_damaged_safetensors_are_corrupt(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(CheckpointCorruptError):
        read_checkpoint(_write(tmp_path, data, "weights.safetensors"))
