"""Native libraries as small as they can be, for tests: an ELF header and one segment that is loaded."""

from __future__ import annotations

import struct


def library(alignment: int = 16384, *, bits: int = 64) -> bytes:
    """Return the bytes of an AArch64 (or ARM) library whose segment has this alignment."""
    if bits == 32:
        return b"\x7fELF\x01\x01\x01".ljust(52, b"\0")
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 3, 183, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    return header + struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, 120, 120, alignment)
