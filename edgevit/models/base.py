"""What every network offers, whatever its family."""

from __future__ import annotations

from abc import abstractmethod

from torch import Tensor, nn

from edgevit.types import Head

__all__ = ["ImageNet"]


class ImageNet(nn.Module):
    """An image classifier whose output can be taken at three depths.

    Subclasses implement :meth:`stages`, :meth:`pool` and :meth:`classify`; folding and phone rewrites replace
    children but keep these methods.
    """

    output: Head = Head.LOGITS
    """LOGITS, EMBEDDING or FEATURES; PROBABILITIES is a softmax that :mod:`edgevit.mobile` appends."""

    @abstractmethod
    def stages(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the four stage maps (B, C_i, H_i, W_i) of normalized RGB input (B, 3, H, W)."""

    @abstractmethod
    def pool(self, x: Tensor) -> Tensor:
        """Return the embedding (B, D) of the last stage map: what the classifier reads."""

    @abstractmethod
    def classify(self, x: Tensor) -> Tensor:
        """Return logits (B, classes) of an embedding (B, D)."""

    @abstractmethod
    def block_paths(self) -> list[str]:
        """Return the paths of the blocks whose folding is proven one by one, in order of execution."""

    @abstractmethod
    def stem_convolution(self) -> str:
        """Return the path of the convolution that reads the image, once folded."""

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Return what :attr:`output` says for normalized RGB input (B, 3, H, W), float32."""
        maps = self.stages(x)
        if self.output is Head.FEATURES:
            return maps
        embedding = self.pool(maps[-1])
        return embedding if self.output is Head.EMBEDDING else self.classify(embedding)

    def stage_strides(self) -> tuple[int, int, int, int]:
        """Return the down-sampling factor of each stage map against the input."""
        return (4, 8, 16, 32)
