"""The errors that more than one part of the reader and evaluator raises."""

from __future__ import annotations

from edgevit.errors import ArtifactCorruptError, EdgeVitError, UnsupportedOpError

__all__ = ["EVALUATION_ERRORS", "contradiction", "not_evaluable"]

EVALUATION_ERRORS = (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError, MemoryError)
"""What numpy and torch raise when a damaged program asks for the impossible (NotImplementedError included)."""


def contradiction(why: str) -> ArtifactCorruptError:
    """Return the error for a program whose declarations do not fit together."""
    return ArtifactCorruptError(
        "The Core ML program contradicts itself.",
        why=f"{why[0].upper()}{why[1:]}.",
        help="The file is damaged or was not written by a Core ML converter; convert the model again.",
    )


def not_evaluable(operation: str, kind: str, error: Exception) -> EdgeVitError:
    """Return the error for an operation that failed: damage, or an option that the evaluator does not know."""
    if isinstance(error, NotImplementedError):
        return UnsupportedOpError(
            f"The evaluator cannot run '{operation}' ({kind}).",
            why=_first_line(error),
            help="Convert the model with edgevit build, which does not use this option.",
        )
    return ArtifactCorruptError(
        f"The operation '{operation}' ({kind}) of the Core ML program cannot be evaluated.",
        why=_first_line(error),
        help="The file is damaged or contradicts itself; convert the model again.",
    )


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
