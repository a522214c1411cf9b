"""Whether a native library loads on phones whose memory pages have 16 KB."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from edgevit.errors import ArtifactCorruptError

__all__ = ["check_pages"]

_PAGE = 16 * 1024
_LOAD = 1
_CLASS_64, _LITTLE_ENDIAN = 2, 1


def check_pages(data: bytes, name: str) -> None:
    """Check that the segments of a 64-bit library may begin at multiples of 16 KB; 32-bit phones have 4 KB pages.

    See developer.android.com/guide/practices/page-sizes. The header's layout is that of the ELF-64 object file format.

    Args:
        data: The library.
        name: For the message.

    Raises:
        ArtifactCorruptError: It is no ELF file, or is aligned to less.
    """
    if data[:4] != b"\x7fELF" or data[5:6] != bytes([_LITTLE_ENDIAN]):
        raise ArtifactCorruptError(f"{name} is no native library of Android.", help="Fetch the AAR again.")
    if data[4] != _CLASS_64:
        return
    try:
        smallest = min(_alignments(data), default=_PAGE)
    except struct.error as error:
        raise ArtifactCorruptError(f"{name} is cut off.", help="Fetch the AAR again.") from error
    if smallest < _PAGE:
        raise ArtifactCorruptError(
            f"{name} does not load on phones with 16 KB memory pages.",
            why=f"Its segments are aligned to {smallest} bytes.",
            help="Take LiteRT 1.4 or later: its libraries are aligned to 16 KB.",
        )


def _alignments(data: bytes) -> Iterator[int]:
    """Yield ``p_align`` of every segment that is loaded."""
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for index in range(count):
        start = table + index * size
        if struct.unpack_from("<I", data, start)[0] == _LOAD:
            yield struct.unpack_from("<Q", data, start + 48)[0]
