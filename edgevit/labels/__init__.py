"""Class names: ImageNet-1k's, which ship with the package, or the user's, checked."""

from __future__ import annotations

from edgevit.labels.file import load_labels, read_labels
from edgevit.labels.imagenet import imagenet1k

__all__ = ["imagenet1k", "load_labels", "read_labels"]
