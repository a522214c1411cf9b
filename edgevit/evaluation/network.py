"""A network in PyTorch as a classifier: the reference that files are measured against."""

from __future__ import annotations

import numpy as np
import torch

from edgevit.evaluation.classifier import Pixels, Scores, Target
from edgevit.images.preprocess import normalize
from edgevit.models.registry import resolve
from edgevit.threads import one_thread
from edgevit.types import Preprocessing, Size
from edgevit.weights import load_model

__all__ = ["NetworkClassifier"]

_BATCH = 16


class NetworkClassifier:
    """A network with weights, in float32, in the form in which its weights come."""

    def __init__(self, target: Target) -> None:
        """Load the network that ``target`` names."""
        name, size = target.model, target.input_size
        resolve(name, num_classes=target.num_classes, input_size=size)
        self._model = load_model(name, target.weights, target.num_classes, size, seed=target.seed)

    @property
    def title(self) -> str:
        """Return the model's name and its weights."""
        return f"{self._model.spec.name} ({self._model.weights.source})"

    @property
    def runtime(self) -> str:
        """Return what computes."""
        return f"PyTorch {torch.__version__}, float32, {self._model.form.value} form"

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the weights."""
        return self._model.weights.sha256

    @property
    def size(self) -> Size:
        """Return height and width of its images."""
        return self._model.spec.input_size

    @property
    def preprocessing(self) -> Preprocessing:
        """Return how photographs become its images."""
        return self._model.spec.preprocessing

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the class names that came with the weights."""
        return self._model.labels

    @torch.no_grad()
    def scores(self, images: Pixels) -> Scores:
        """Return the logits of images (N, H, W, 3)."""
        with one_thread():
            return np.concatenate([self._logits(images[at : at + _BATCH]) for at in range(0, len(images), _BATCH)])

    def _logits(self, images: Pixels) -> Scores:
        batch = np.concatenate([normalize(pixels, self.preprocessing) for pixels in images])
        return np.asarray(self._model.module(torch.from_numpy(batch)).double().numpy())
