"""What a network folded for logits cannot give any more."""

from __future__ import annotations

from edgevit.errors import UnsupportedError

__all__ = ["embedding_is_lost"]


def embedding_is_lost(family: str) -> UnsupportedError:
    """Return the error for asking a network that was folded for its logits for its embedding."""
    return UnsupportedError(
        f"This folded {family} cannot return its embedding.",
        why="Its last norm was folded into the classifier, so the pooled vector in front of it is another one.",
        help="Build from the training-form checkpoint, or choose logits, probabilities or features.",
    )
