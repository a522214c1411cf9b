"""Every error edgevit raises on purpose: a stable code, an exit status, and what / why / what to do.

The library raises; only :mod:`edgevit.cli` turns an error into text or JSON. An exception that is not an
:class:`EdgeVitError` is a bug in edgevit (exit status 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

__all__ = [
    "AppCrashedError",
    "ArtifactCorruptError",
    "BadDataError",
    "BadImageError",
    "BadLabelsError",
    "BadReportError",
    "CheckpointCorruptError",
    "CheckpointNotFoundError",
    "ConversionError",
    "DeviceError",
    "DeviceNotFoundError",
    "DeviceUnauthorizedError",
    "DigestMismatchError",
    "DiskError",
    "EdgeVitError",
    "FoldingError",
    "InputError",
    "InstallRefusedError",
    "KeyMismatchError",
    "LockedError",
    "NonFiniteWeightsError",
    "OutputError",
    "ParityError",
    "ProbeFailedError",
    "ProbeTimeoutError",
    "PullFailedError",
    "SeveralDevicesError",
    "TargetExistsError",
    "ToolMissingError",
    "UnknownModelError",
    "UnsafeInputError",
    "UnsupportedError",
    "UnsupportedOpError",
    "UsageError",
    "WeightsUnavailableError",
    "listed",
]


def listed(items: Sequence[str], *, limit: int = 20, separator: str = "\n") -> str:
    """Return the first ``limit`` items as text, and how many more there are: what an error can bear to show."""
    shown = [*items[:limit], *([f"... and {len(items) - limit} more"] if len(items) > limit else [])]
    return separator.join(shown)


class EdgeVitError(Exception):
    """Base of all expected failures.

    Attributes:
        code: Stable kebab-case identifier, safe to match on in scripts.
        exit_status: Process exit status the command line uses for this class.
        what: One sentence: what failed.
        why: The cause, or an empty string where ``what`` says it all. May span lines.
        help: What the user can do about it.
    """

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 1

    def __init__(self, what: str, *, why: str = "", help: str = "") -> None:  # noqa: A002 - the reader's word
        super().__init__(what)
        self.what = what
        self.why = why
        self.help = help

    def __str__(self) -> str:
        """Return the three parts on lines of their own."""
        return "\n".join(part for part in (self.what, self.why, self.help) if part)

    def as_dict(self) -> dict[str, str | int]:
        """Return the error as JSON-ready values (``code``, ``exit_status``, ``what``, ``why``, ``help``)."""
        return {
            "code": self.code,
            "exit_status": self.exit_status,
            "what": self.what,
            "why": self.why,
            "help": self.help,
        }


class UsageError(EdgeVitError):
    """A request that contradicts itself or names something that does not exist."""

    code = "usage"
    exit_status = 2


class UnknownModelError(UsageError):
    """A model name that is not in the registry."""

    code = "unknown-model"


class InputError(EdgeVitError):
    """A file or value from the user that cannot be used."""

    code = "bad-input"
    exit_status = 3


class CheckpointNotFoundError(InputError):
    """A weight file that is not there."""

    code = "checkpoint-not-found"


class CheckpointCorruptError(InputError):
    """A weight file that is truncated, mutated or not of its declared format."""

    code = "checkpoint-corrupt"


class DigestMismatchError(InputError):
    """Bytes whose sha256 differs from the pinned one."""

    code = "digest-mismatch"


class KeyMismatchError(InputError):
    """A checkpoint whose tensors do not match the model: missing, extra or misshapen keys."""

    code = "key-mismatch"


class NonFiniteWeightsError(InputError):
    """A checkpoint that holds NaN or infinity."""

    code = "non-finite-weights"


class WeightsUnavailableError(InputError):
    """Pretrained weights that do not exist or cannot be fetched now."""

    code = "weights-unavailable"


class ArtifactCorruptError(InputError):
    """A converted file or package that is truncated, mutated or contradicts itself."""

    code = "artifact-corrupt"


class BadLabelsError(InputError):
    """Class labels of the wrong count, duplicated, or with characters that are not allowed."""

    code = "bad-labels"


class BadImageError(InputError):
    """An image that cannot be decoded within the limits."""

    code = "bad-image"


class BadDataError(InputError):
    """A folder of images that cannot be used: none in it, no labels, or classes that the model has not."""

    code = "bad-data"


class UnsafeInputError(EdgeVitError):
    """Input that would execute code, escape its folder or exhaust the machine; refused."""

    code = "unsafe-input"
    exit_status = 4


class UnsupportedError(EdgeVitError):
    """A combination that edgevit does not support, with the nearest one that it does."""

    code = "unsupported"
    exit_status = 5


class UnsupportedOpError(UnsupportedError):
    """An operator that a backend or the evaluator does not know."""

    code = "unsupported-op"


class ConversionError(EdgeVitError):
    """A converter failed on a model that should convert."""

    code = "conversion-failed"
    exit_status = 6


class ParityError(EdgeVitError):
    """A written file does not compute what PyTorch computes within the stated budget."""

    code = "fidelity-below-budget"
    exit_status = 7


class FoldingError(ParityError):
    """Folding changed what the network computes by more than the stated tolerance."""

    code = "folding-not-exact"


class OutputError(EdgeVitError):
    """The result cannot be written."""

    code = "output"
    exit_status = 8


class TargetExistsError(OutputError):
    """The target exists and edgevit did not make it."""

    code = "target-exists"


class DiskError(OutputError):
    """The disk is full, read-only or failing."""

    code = "disk"


class LockedError(EdgeVitError):
    """Another edgevit process holds the target."""

    code = "locked"
    exit_status = 9


class ToolMissingError(EdgeVitError):
    """An outside tool or optional package that is needed and not installed."""

    code = "tool-missing"
    exit_status = 10


class DeviceError(EdgeVitError):
    """A phone that does not do what it was asked."""

    code = "device"
    exit_status = 11


class DeviceNotFoundError(DeviceError):
    """No phone, or not the one that was named."""

    code = "no-device"


class DeviceUnauthorizedError(DeviceError):
    """A phone that does not trust this computer yet, or that this user may not reach."""

    code = "device-unauthorized"


class SeveralDevicesError(DeviceError):
    """More than one phone, and none was named."""

    code = "several-devices"


class InstallRefusedError(DeviceError):
    """A phone that refuses the app."""

    code = "install-refused"


class AppCrashedError(DeviceError):
    """The app on the phone did not start, or ended before it was done."""

    code = "app-crashed"


class ProbeFailedError(DeviceError):
    """The app on the phone says that it could not measure."""

    code = "probe-failed"


class ProbeTimeoutError(DeviceError):
    """A measurement, or a command to the phone, that did not end in time."""

    code = "probe-timeout"


class PullFailedError(DeviceError):
    """A report that cannot be fetched from the phone."""

    code = "pull-failed"


class BadReportError(DeviceError):
    """A report that contradicts its schema, or is about another model."""

    code = "bad-report"
