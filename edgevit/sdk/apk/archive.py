"""The zip file that an APK is: uncompressed data aligned for ``mmap``, and the same bytes for the same entries."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from edgevit.errors import ArtifactCorruptError, UsageError

__all__ = ["DATA_ALIGNMENT", "PAGE_ALIGNMENT", "Entry", "read_entries", "write_archive"]

DATA_ALIGNMENT = 4
"""Bytes; what Android asks of every stored entry (developer.android.com/tools/zipalign)."""

PAGE_ALIGNMENT = 16 * 1024
"""Bytes; of stored native libraries, so that devices with 16 KB pages load them from the APK
(developer.android.com/guide/practices/page-sizes)."""

_DATE = (1981, 1, 1, 1, 1, 2)
"""The time that Android's own tools write into every entry."""

_PADDING_TAG = 0xD935
"""Extra field of alignment padding, from Android's ApkSigner: tag, size, alignment, zeros."""

_LOCAL_HEADER_SIZE = 30
_PADDING_HEADER_SIZE = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an APK.

    Attributes:
        name: Relative POSIX path.
        compressed: False for what Android maps into memory: models, native libraries, ``resources.arsc``.
    """

    name: str
    data: bytes
    compressed: bool = True

    @property
    def alignment(self) -> int:
        """Multiple at which the data of a stored entry must begin, in bytes."""
        return PAGE_ALIGNMENT if self.name.endswith(".so") else DATA_ALIGNMENT


def write_archive(entries: Iterable[Entry]) -> bytes:
    """Return the zip file of ``entries`` in their order; equal entries give equal bytes.

    Raises:
        UsageError: Two entries have the same name.
    """
    out = io.BytesIO()
    seen: set[str] = set()
    with zipfile.ZipFile(out, "w") as archive:
        for entry in entries:
            if entry.name in seen:
                raise UsageError(f"The APK would hold '{entry.name}' twice.", help="Remove one of the two files.")
            seen.add(entry.name)
            archive.writestr(_info(entry, out.tell()), entry.data, compresslevel=9)
    return out.getvalue()


def read_entries(data: bytes) -> Iterator[Entry]:
    """Yield the files of a zip file in their order, folders left out.

    Raises:
        ArtifactCorruptError: It is no zip file, or a checksum is wrong.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    yield Entry(info.filename, archive.read(info), info.compress_type != zipfile.ZIP_STORED)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise ArtifactCorruptError("A zip file is damaged.", why=str(error), help="Make or fetch it again.") from error


def _info(entry: Entry, offset: int) -> zipfile.ZipInfo:
    """Return the header of an entry that begins at ``offset``."""
    info = zipfile.ZipInfo(entry.name, _DATE)
    info.create_system = 0  # as Android's tools write it; Python's default depends on the machine
    info.external_attr = 0
    info.compress_type = zipfile.ZIP_DEFLATED if entry.compressed else zipfile.ZIP_STORED
    if not entry.compressed:
        info.extra = _padding(offset + _LOCAL_HEADER_SIZE + len(entry.name.encode()), entry.alignment)
    return info


def _padding(start: int, alignment: int) -> bytes:
    """Return the extra field that moves data from ``start`` to the next multiple."""
    zeros = -(start + _PADDING_HEADER_SIZE) % alignment
    return struct.pack("<HHH", _PADDING_TAG, 2 + zeros, alignment) + bytes(zeros)
