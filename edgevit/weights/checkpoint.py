"""A weight file, whatever its format, as tensors by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor

from edgevit.errors import (
    CheckpointCorruptError,
    CheckpointNotFoundError,
    DigestMismatchError,
    InputError,
    UnsafeInputError,
)
from edgevit.weights.containers import choose_state_dict, without_prefixes
from edgevit.weights.safetensors_file import looks_like_safetensors, read_safetensors
from edgevit.weights.torch_zip import TorchArchive, is_zip

__all__ = ["Checkpoint", "read_checkpoint"]

_MAX_BYTES = 4 * 2**30
"""Largest file that is read. The largest network with optimizer and averaged weights takes 1.4 GiB."""

_GOOD = "Give a .safetensors file, or what torch.save(model.state_dict(), 'weights.pth') writes."


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tensors of a weight file.

    Attributes:
        name: File name without its folder, for reports.
        tensors: By name, in the file's own types, without the prefixes of training wrappers.
        sha256: Digest of the file's bytes.
        metadata: A safetensors file's metadata.
        note: What the user should know about the choice of tensors, or an empty string.
    """

    name: str
    tensors: dict[str, Tensor]
    sha256: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def read_checkpoint(path: Path, *, sha256: str | None = None) -> Checkpoint:
    """Read a safetensors file or a torch zip checkpoint, chosen by content, without executing anything.

    The file is read once, so what is checked is what is used.

    Args:
        path: The file.
        sha256: Digest that the bytes must have, checked before they are looked at.

    Raises:
        CheckpointNotFoundError: No such file, or a folder, or a link that leads nowhere.
        DigestMismatchError: The bytes are not the pinned ones.
        CheckpointCorruptError: Damaged, truncated, empty, or of a format that is not supported.
        UnsafeInputError: It would execute code, or is made to exhaust the machine.
        InputError: The system refuses to read it.
    """
    data = _read_bytes(path)
    digest = hashlib.sha256(data).hexdigest()
    if sha256 is not None and digest != sha256:
        raise DigestMismatchError(
            f"'{path}' is not the file that was published.",
            why=f"Its sha256 is {digest}, but {sha256} is pinned.",
            help="Delete it and fetch it again. If that does not help, the copy on the server was changed.",
        )
    if is_zip(data):
        archive = TorchArchive(data)
        choice = choose_state_dict(archive.content)
        tensors = archive.tensors(without_prefixes(choice.records))
        return Checkpoint(path.name, tensors, digest, note=choice.note)
    if looks_like_safetensors(data) or path.suffix == ".safetensors":
        tensors, metadata = read_safetensors(data)
        return Checkpoint(path.name, without_prefixes(tensors), digest, metadata)
    raise _unknown_format(path, data)


def _read_bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise _not_a_file(path)
        size = path.stat().st_size
        if size > _MAX_BYTES:
            raise UnsafeInputError(
                f"'{path}' has {size} bytes; at most {_MAX_BYTES} are read.", help="Save the state dict alone."
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"'{path}' cannot be read.", why=str(error.strerror), help="Check its permissions.") from error
    if not data:
        raise CheckpointCorruptError(f"'{path}' is empty.", help="Fetch or save the file again.")
    return data


def _not_a_file(path: Path) -> CheckpointNotFoundError:
    if path.is_dir():
        return CheckpointNotFoundError(f"'{path}' is a folder, not a weight file.", help=f"Name a file in it. {_GOOD}")
    if path.is_symlink():
        return CheckpointNotFoundError(f"'{path}' is a link that leads to no file.", help="Check where it points.")
    what = "is not a regular file" if path.exists() else "does not exist"
    return CheckpointNotFoundError(
        f"The weight file '{path}' {what}.",
        why="Weights are auto, pretrained, pretrained:TAG, random, hf:OWNER/REPO[:FILE], or the path of a file.",
        help="Check the path.",
    )


_SIGNATURES = (
    (0, b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19", "torch.save's format before torch 1.6, a bare pickle"),
    (0, b"\x80", "a bare pickle"),
    (257, b"ustar", "a tar archive, torch.save's format before torch 0.1.10 or a packed folder"),
    (0, b"\x1f\x8b", "gzip-compressed"),
    (0, b"\x89HDF", "an HDF5 file"),
    (4, b"TFL3", "a TFLite model"),
    (0, b"version https://git-lfs", "a Git LFS pointer: the file itself was not fetched"),
    (0, b"<", "a web page"),
)
"""(offset, bytes, what starts so): formats that people mistake for checkpoints."""


def _unknown_format(path: Path, data: bytes) -> CheckpointCorruptError | UnsafeInputError:
    kind = next((kind for at, magic, kind in _SIGNATURES if data[at : at + len(magic)] == magic), "of no known format")
    error = UnsafeInputError if "pickle" in kind else CheckpointCorruptError
    why = "Loading a bare pickle executes what it names, so it is refused." if error is UnsafeInputError else ""
    return error(f"'{path}' is {kind}.", why=why, help=_GOOD)
