"""A search as tables: one row a layer, one row a measured assignment, and the same for machines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from edgevit.quantize.auto import AutoResult
from edgevit.quantize.sensitivity import SensitivityRow
from edgevit.quantize.trials import Trial

__all__ = ["KEPT", "LayerRow", "bought", "layer_rows", "search_record"]

KEPT = "fp16"
"""What a layer that no scheme was chosen for is stored as."""


@dataclass(frozen=True, slots=True)
class LayerRow:
    """What one layer costs alone under each scheme, and what was chosen for it.

    Attributes:
        layer: Its name.
        bytes_half: Its weight in half precision.
        sqnr_db: Scheme -> signal to noise of the network's answers, in dB, this layer alone being quantized.
        divergence: Scheme -> mean KL divergence of the answers, in nats.
        chosen: Scheme, or :data:`KEPT`.
    """

    layer: str
    bytes_half: int
    sqnr_db: Mapping[str, float]
    divergence: Mapping[str, float]
    chosen: str


def layer_rows(result: AutoResult) -> tuple[LayerRow, ...]:
    """Return one row a layer, the most sensitive first: by the divergence of its worst scheme."""
    grouped: dict[str, list[SensitivityRow]] = {}
    for row in result.rows:
        grouped.setdefault(row.layer, []).append(row)
    rows = [
        LayerRow(
            layer=layer,
            bytes_half=found[0].bytes_half,
            sqnr_db={row.scheme: row.fidelity.sqnr_db for row in found},
            divergence={row.scheme: row.fidelity.divergence for row in found},
            chosen=result.chosen.get(layer, KEPT),
        )
        for layer, found in grouped.items()
    ]
    return tuple(sorted(rows, key=lambda row: -max(row.divergence.values())))


def bought(result: AutoResult) -> str:
    """Return one sentence: bytes, points, and how they were measured."""
    best, half = result.best, result.bytes_half
    if not result.worthwhile:
        return (
            f"Not worth it: no assignment saves a tenth of the {half / 1e6:.2f} MB of weights within "
            f"{result.max_drop:g} points of {result.measured}. The network stays in half precision."
        )
    layers = ", ".join(f"{count} layers as {name}" for name, count in best.layers.items())
    kept = len({row.layer for row in result.rows}) - len(result.chosen)
    return (
        f"{half / 1e6:.2f} MB of weights become {best.bytes / 1e6:.2f} MB ({100 * best.bytes / half:.0f} %) for "
        f"{max(best.drop, 0.0):.2f} points of {result.measured} on {result.images} images, of {result.max_drop:g} "
        f"allowed: {layers}{f', {kept} kept in half precision' if kept else ''}."
    )


def search_record(result: AutoResult) -> dict[str, object]:
    """Return the whole search as JSON-ready values; figures that are not finite are null."""
    return {
        "max_drop": result.max_drop,
        "measured": result.measured,
        "images": result.images,
        "bytes_half": result.bytes_half,
        "worthwhile": result.worthwhile,
        "notes": list(result.notes),
        "best": _trial(result.best),
        "trials": [_trial(trial) for trial in result.trials],
        "layers": [
            {
                "layer": row.layer,
                "bytes_half": row.bytes_half,
                "chosen": row.chosen,
                "sqnr_db": {name: _finite(value) for name, value in row.sqnr_db.items()},
                "divergence": {name: _finite(value) for name, value in row.divergence.items()},
            }
            for row in layer_rows(result)
        ],
    }


def _trial(trial: Trial) -> dict[str, object]:
    return {
        "layers": dict(trial.layers),
        "bytes": trial.bytes,
        "drop": trial.drop,
        "sqnr_db": _finite(trial.fidelity.sqnr_db),
        "agreement": trial.fidelity.agreement,
        "accuracy": trial.fidelity.accuracy,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
