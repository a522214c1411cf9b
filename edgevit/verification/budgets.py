"""The one table of tolerances: what a written file may differ from PyTorch by, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from edgevit.types import Head, Precision

__all__ = [
    "NO_BUDGET",
    "ROUNDED_FACTOR",
    "SENSITIVITY_FACTOR",
    "Budget",
    "budget",
    "quantized_budget",
    "tflite_budget",
    "tflite_quantized_budget",
]


@dataclass(frozen=True, slots=True)
class Budget:
    """Tolerances of one verdict.

    Attributes:
        graph_max_rel: fp32 twin against PyTorch's source network, max |difference| / max |reference|.
        rounding_max_rel: fp16 file, computed in fp32, against PyTorch with half-rounded weights; None where the format
            is not judged so.
        psnr_db: Least PSNR of the file with its own rounding against PyTorch, on every input.
        probability_max_abs: Largest difference of a probability, for classifiers.
        top1_margin: Where PyTorch's best class leads the second by more than this share of the outputs' range, the
            file must choose the same; a smaller lead can be lost to rounding.
        few_allowance_db: By how much ``psnr_db`` is lower for outputs of few values, whose range is smaller.
    """

    graph_max_rel: float
    rounding_max_rel: float | None
    psnr_db: float
    probability_max_abs: float
    top1_margin: float
    few_allowance_db: float = 0.0

    def as_mapping(self) -> Mapping[str, float]:
        """Return the tolerances by name, for reports."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def allowing(self, sensitivity: float) -> Budget:
        """Return the tolerances of the exact proofs widened for weights that amplify the last bits of their input."""
        floor = SENSITIVITY_FACTOR * sensitivity
        rounding = None if self.rounding_max_rel is None else max(self.rounding_max_rel, floor)
        return replace(self, graph_max_rel=max(self.graph_max_rel, floor), rounding_max_rel=rounding)

    def allowing_rounding(self, noise: float) -> Budget:
        """Return the tolerances with room for other decisions in rounding activations, which costs ``noise`` in all."""
        if self.rounding_max_rel is None:
            return self
        return replace(self, rounding_max_rel=max(self.rounding_max_rel, ROUNDED_FACTOR * noise))


_GRAPH_MAX_REL = 1e-5
"""Both sides compute in fp32 and sum in different orders (folding reorders sums). Measured on seeded weights: FastViT
5e-7, SepViT 6e-7, Next-ViT 9e-7, EfficientViT-M 2e-6; a wrong epsilon in SepViT's norms, the smallest defect seen,
costs 2e-5."""

_ROUNDING_MAX_REL = 1e-4
"""The same half-rounded weights on both sides, computed in fp32: 8e-8 to 3e-7 measured in all families. A converter
that folds constants before it rounds them may reach a few 1e-4 and is worth a look."""

SENSITIVITY_FACTOR = 10.0
"""The exact proofs allow at least this many times what the last bit of the input does to PyTorch's own outputs: every
layer rounds once more than the input. Below 1e-6 for well-conditioned weights, so that the tolerances above decide;
weights that amplify noise (attention that saturates) raise it."""

_FP16_FLOORS: Mapping[str, float] = {"fastvit": 70.0, "sepvit": 70.0, "efficientvit_m": 50.0, "nextvit": 50.0}
"""fp16 weights and activations, logits. On seeded weights FastViT-T8 and SA12 reach 74 to 75 dB and SepViT-Lite 78;
EfficientViT-M0's cascaded attention and Next-ViT-S's depth amplify rounding more: 64 and 67 dB, and less with weights
whose attention saturates."""

_FP16_FLOOR = 50.0
"""For a family that is not in the table."""

_INNER_ALLOWANCE = 10.0
"""dB that embeddings and feature maps may be worse than logits, in fp16. A pooled vector spans a smaller range than the
maps it averages, and no classifier averages its errors; FastViT-T8's embedding reaches 68 dB where its logits reach
74."""

_FEW_ALLOWANCE = 6.0
"""dB that outputs of fewer than 32 values may be worse, in fp16. Of equally noisy logits, ten span half of the range
that a thousand span (3.1 and 6.5 standard deviations of normal ones), and floors are measured on a thousand: FastViT-T8
with ten trained classes reaches 69 dB on photographs where a thousand classes reach 74."""

_INNER_HEADS = (Head.EMBEDDING, Head.FEATURES)

_FP32_FLOOR = 100.0
"""fp32 files differ from PyTorch by the order of sums only."""

_PROBABILITY_MAX_ABS = {Precision.FP16: 0.02, Precision.FP32: 1e-4}
"""A logit that is off by 0.02, what 50 dB mean for logits that span 10, moves a probability by at most 0.005; four
times that."""

_TOP1_MARGIN = 0.01
"""At 50 dB the RMS difference is 0.3 % of the range; three times that."""


def budget(family: str, precision: Precision, head: Head) -> Budget:
    """Return the tolerances for a family, a number format and a head.

    Probabilities are judged twice: their logits by the same floor as bare logits, and themselves by the largest
    difference.
    """
    floor = _FP32_FLOOR
    if precision is Precision.FP16:
        floor = _FP16_FLOORS.get(family, _FP16_FLOOR) - (_INNER_ALLOWANCE if head in _INNER_HEADS else 0.0)
    return Budget(
        graph_max_rel=_GRAPH_MAX_REL,
        rounding_max_rel=_ROUNDING_MAX_REL,
        psnr_db=floor,
        probability_max_abs=_PROBABILITY_MAX_ABS[precision] if head is Head.PROBABILITIES else 1.0,
        top1_margin=_TOP1_MARGIN,
        few_allowance_db=_FEW_ALLOWANCE if precision is Precision.FP16 else 0.0,
    )


_INTEGERS_MAX_REL = 0.01
"""Core ML packages whose activations go through integers, in float32 against PyTorch doing the same: the last bit of a
sum decides now and then to which integer a value goes, and later layers meet other integers. On seeded weights
FastViT-T8 is equal bit for bit; deep networks get room by :data:`ROUNDED_FACTOR`, as TFLite files do."""

_INTEGERS_FLOOR = 20.0
"""The same with rounding to half between the integers, in dB."""

_INTEGERS_MARGIN = 0.2
"""At 20 dB the RMS difference is a tenth of the range; twice that."""


_INTEGERS_PROBABILITY = 0.3
"""Between two classes that are equally probable, a difference of logits by 1, a tenth of their range, moves 0.23."""


def quantized_budget(family: str, precision: Precision, head: Head, *, rounds_activations: bool) -> Budget:
    """Return the tolerances for a quantized Core ML package against PyTorch computing with the same codes.

    Codes are exact on both sides, so packages that only store codes have the tolerances of plain ones.

    Args:
        family: Of the network.
        precision: What is computed in between.
        head: What the package returns.
        rounds_activations: Activations go through integers, too.
    """
    plain = budget(family, precision, head)
    if not rounds_activations:
        return plain
    return replace(
        plain,
        rounding_max_rel=_INTEGERS_MAX_REL,
        psnr_db=_INTEGERS_FLOOR,
        few_allowance_db=0.0,  # this floor is no measurement on a thousand outputs
        probability_max_abs=_INTEGERS_PROBABILITY if head is Head.PROBABILITIES else 1.0,
        top1_margin=_INTEGERS_MARGIN,
    )


NO_BUDGET = Budget(float("inf"), None, float("-inf"), float("inf"), float("inf"))
"""For figures without a judgement."""

_TFLITE_GRAPH_MAX_REL = 2e-5
"""XNNPACK sums in other orders and approximates exponentials and the error function to a few last bits. Measured on
seeded weights: FastViT 7e-7 to 2e-6, EfficientViT-M 2e-6 to 4e-6."""

_TFLITE_FLOORS: Mapping[Precision, float] = {Precision.FP16: 60.0, Precision.FP32: 100.0}
"""Computation is float32 in both; fp16 files have rounded weights. Measured on seeded weights: 70 dB (EfficientViT-M)
to 88 dB (FastViT) with fp16 weights, 128 to 142 dB with fp32 weights."""


def tflite_budget(precision: Precision, head: Head) -> Budget:
    """Return the tolerances for a TFLite file with weights of a number format; LiteRT computes in float32."""
    return Budget(
        graph_max_rel=_TFLITE_GRAPH_MAX_REL,
        rounding_max_rel=None,
        psnr_db=_TFLITE_FLOORS[precision],
        probability_max_abs=_PROBABILITY_MAX_ABS[precision] if head is Head.PROBABILITIES else 1.0,
        top1_margin=_TOP1_MARGIN,
    )


_TFLITE_ROUNDED_MAX_REL = 0.01
"""Files whose activations go through integers, against PyTorch doing the same: the last bit of a sum decides now and
then to which integer a value goes, and later layers meet other integers. Small networks agree to 2e-7 where each row
has its own range, and to one step of the output's grid where ranges are fixed."""

ROUNDED_FACTOR = 3.0
"""The same for deep networks, in units of what the integers of activations do to the outputs: in many layers one such
decision changes all that follow, until file and simulation differ by as much as two roundings of the same numbers do.
Measured on seeded weights: 0.1 (FastViT-T8, dynamic) to 1.6 (EfficientViT-M0, fixed ranges). One wrong channel of a
classifier is 20 and more."""

_TFLITE_INTEGERS_FLOOR = 20.0
"""The same in dB, over the outputs of every photograph."""


def tflite_quantized_budget(head: Head, *, rounds_activations: bool) -> Budget:
    """Return the tolerances for a quantized TFLite file against PyTorch computing with the same codes.

    Codes are exact on both sides and LiteRT computes in float32, so files that only store codes have a floor as if
    their weights were half-precision ones.

    Args:
        head: What the file returns.
        rounds_activations: The file computes with integers, at least in parts.
    """
    plain = replace(tflite_budget(Precision.FP16, head), rounding_max_rel=_TFLITE_GRAPH_MAX_REL)
    if not rounds_activations:
        return plain
    return replace(
        plain,
        rounding_max_rel=_TFLITE_ROUNDED_MAX_REL,
        psnr_db=_TFLITE_INTEGERS_FLOOR,
        probability_max_abs=_INTEGERS_PROBABILITY if head is Head.PROBABILITIES else 1.0,
        top1_margin=_INTEGERS_MARGIN,
    )
