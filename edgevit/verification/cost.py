"""What quantization cost: a file's outputs against the network before it was quantized, without any floor."""

from __future__ import annotations

from edgevit.types import Cost
from edgevit.verification.bench import Bench
from edgevit.verification.budgets import NO_BUDGET
from edgevit.verification.judgement import Judgement
from edgevit.verification.outputs import Outputs

__all__ = ["CostMeter"]


class CostMeter:
    """Compares outputs with those of a bench's source network."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._compared = Judgement(NO_BUDGET)

    def add(self, name: str, actual: Outputs) -> None:
        """Take the outputs on one of the bench's images."""
        self._compared.add(name, self._bench.expected(name), actual)

    def cost(self) -> Cost:
        """Return the figures over all images that were added, of which there must be one."""
        figures = self._compared.figures
        return Cost(
            psnr_db=min(one.psnr_db for one in figures),
            cosine=min(one.cosine for one in figures),
            top1_agreement=sum(one.top1_equal for one in figures) / len(figures),
            inputs=figures,
        )
