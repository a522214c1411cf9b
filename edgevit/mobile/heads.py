"""What the converted network returns, as modules and output names."""

from __future__ import annotations

from torch import Tensor, nn

from edgevit.types import Head

__all__ = ["OUTPUT_NAMES", "Probabilities"]

OUTPUT_NAMES: dict[Head, tuple[str, ...]] = {
    Head.LOGITS: ("logits",),
    Head.PROBABILITIES: ("probabilities",),
    Head.EMBEDDING: ("embedding",),
    Head.FEATURES: ("stage1", "stage2", "stage3", "stage4"),
}
"""Names of the outputs in the order in which the module returns them; valid identifiers in Swift and Kotlin."""


class Probabilities(nn.Module):
    """A network whose logits (B, classes) become probabilities (B, classes) by a softmax over the classes."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Return class probabilities, each row summing to 1."""
        logits: Tensor = self.network(x)
        return logits.softmax(dim=-1)
