"""safetensors files: read with every failure as our own error, written with the same bytes each time."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from edgevit.errors import CheckpointCorruptError, UnsafeInputError

__all__ = ["looks_like_safetensors", "read_safetensors", "write_safetensors"]

_MAX_HEADER = 16 * 2**20
"""Bytes. The format allows 100 MB; the largest of these networks needs 0.2."""


def looks_like_safetensors(data: bytes) -> bool:
    """Return whether bytes start as the format does: a length that fits, then a JSON object."""
    return len(data) > 8 and data[8:9] == b"{" and struct.unpack("<Q", data[:8])[0] <= len(data) - 8


def read_safetensors(data: bytes) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors by name, in their own types, and the metadata.

    The format has no checksum: a changed weight byte is seen only through a pinned sha256.

    Raises:
        CheckpointCorruptError: Not a valid safetensors file.
        UnsafeInputError: The header is unreasonably long.
    """
    if not looks_like_safetensors(data):
        raise _damaged("It does not start with a header that fits into the file")
    length = int(struct.unpack("<Q", data[:8])[0])
    if length > _MAX_HEADER:
        raise UnsafeInputError(
            f"The safetensors header takes {length} bytes; {_MAX_HEADER} are allowed.",
            help="No checkpoint of these networks needs that; do not trust the file.",
        )
    try:
        tensors = load(data)
        metadata = json.loads(data[8 : 8 + length]).get("__metadata__", {})
    except (SafetensorError, ValueError, TypeError, LookupError, RuntimeError, OverflowError, AttributeError) as error:
        raise _damaged(ascii(error)[:200]) from error
    return tensors, metadata


def write_safetensors(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """Return a safetensors file as bytes, equal for equal arguments.

    The safetensors package writes metadata in the random order of a hash map, so the header is written here.

    Args:
        tensors: By name, on the CPU; stored contiguous.
        metadata: Free text.
    """
    plain = save({name: tensor.detach().contiguous() for name, tensor in tensors.items()})
    length = int(struct.unpack("<Q", plain[:8])[0])
    header = {"__metadata__": dict(sorted(metadata.items())), **json.loads(plain[8 : 8 + length])}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)  # tensors start at a multiple of 8 bytes
    return struct.pack("<Q", len(text)) + text + plain[8 + length :]


def _damaged(detail: str) -> CheckpointCorruptError:
    return CheckpointCorruptError(
        "The safetensors file is damaged.",
        why=f"{detail}.",
        help="Fetch the file again and compare its sha256 with the publisher's.",
    )
