"""Which iOS a package needs, and what an older one cannot have."""

from __future__ import annotations

import re

from edgevit.errors import UnsupportedError

__all__ = ["SUPPORTED_IOS", "check_ios", "has_half_outputs", "needed_ios"]

SUPPORTED_IOS = (15, 16, 17, 18)
"""Major versions that ``--ios-min`` takes; 15 brought ML Programs."""

_FIRST_HALF_OUTPUTS = 16
"""iOS 16 brought half-precision multi-arrays as inputs and outputs (Core ML specification version 7)."""

_TOO_OLD = re.compile(r"No available version for (\w+) in .* at least coremltools\.target\.iOS(\d+)")


def check_ios(ios_min: int) -> None:
    """Raise unless ``ios_min`` is one of :data:`SUPPORTED_IOS`.

    Raises:
        UnsupportedError: It is not.
    """
    if ios_min not in SUPPORTED_IOS:
        known = ", ".join(str(version) for version in SUPPORTED_IOS)
        raise UnsupportedError(
            f"edgevit cannot write a Core ML package for iOS {ios_min}.",
            why="ML Programs exist since iOS 15; newer targets are not tested, and newer systems run older packages.",
            help=f"Choose --ios-min from {known}.",
        )


def has_half_outputs(ios: int) -> bool:
    """Return whether multi-array outputs can be half-precision on this iOS and later."""
    return ios >= _FIRST_HALF_OUTPUTS


def needed_ios(message: str) -> tuple[str, int] | None:
    """Return the operator and the iOS that it needs, if ``message`` is coremltools saying the target is too old."""
    match = _TOO_OLD.search(message)
    return (match[1], int(match[2])) if match else None
