"""Signal to noise of every scheme on every variant; printed as Markdown, one row a variant.

    python -m benchmarks.quantization_variants [--only fastvit_t8 ...] [--rows FILE.json]

Seeded weights of realistic statistics, and variations of the shipped photographs, others for calibration than for the
figures: they rank schemes and variants, and promise no accuracy. The network computes in PyTorch as the file does
(``edgevit/quantize/simulation.py``), which every build proves of the file it writes. Centred logits against those of
the network before; dB. Results that a Core ML file rounds to half are not rounded here, which only ``fp16`` and the
best of ``w8`` would show. ``--rows`` keeps finished variants, so that a long run can go on.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from edgevit.datasets.calibration import calibration_images
from edgevit.mobile.adapt import adapt
from edgevit.models.registry import get_spec, list_models
from edgevit.platforms import ANDROID, IOS, Platform
from edgevit.quantize.apply import quantize
from edgevit.quantize.compensate import input_moments
from edgevit.quantize.fidelity import answer, compare_answers
from edgevit.quantize.layers import Pixels, network_inputs
from edgevit.quantize.model import QuantizedModel
from edgevit.quantize.schemes import Scheme, list_schemes
from edgevit.quantize.simulation import simulated
from edgevit.reparam.proof import reparameterize
from edgevit.threads import one_thread
from edgevit.types import AdaptedModel, FoldedModel, Head
from edgevit.weights import load_model

_CALIBRATION, _MEASURED, _PHOTOGRAPHS = 16, 16, 4

_TITLES = {IOS: "Core ML", ANDROID: "TFLite"}

Decibels = Mapping[str, float]
"""Form and scheme -> dB."""


def measure(name: str) -> Decibels:
    """Return the signal to noise of every scheme on one variant."""
    folded = reparameterize(load_model(name, "random"))
    return {key: value for platform in _TITLES for key, value in _on(platform, folded)}


def _on(platform: Platform, folded: FoldedModel) -> Iterator[tuple[str, float]]:
    form = platform.form
    adapted = adapt(folded, head=Head.LOGITS, target=platform.target())
    chosen = calibration_images(None, _CALIBRATION, 0, adapted.spec).images
    held = calibration_images(None, _PHOTOGRAPHS + _MEASURED, 1, adapted.spec).images[_PHOTOGRAPHS:]
    source = answer(adapted.module, Head.LOGITS, network_inputs(adapted, held))
    for scheme, quantized in _quantized(adapted, form, chosen):
        answers = answer(simulated(quantized), Head.LOGITS, network_inputs(adapted, held))
        yield f"{form} {scheme.name}", compare_answers(source, answers, Head.LOGITS).sqnr_db


def _quantized(adapted: AdaptedModel, form: str, images: Pixels) -> Iterator[tuple[Scheme, QuantizedModel]]:
    """Yield the network under each scheme as a build makes it; what layers read is watched once for all."""
    moments = input_moments(adapted, images)
    for scheme in _schemes(form):
        yield scheme, quantize(adapted, scheme, form, calibration=images, moments=moments)


def _schemes(form: str) -> list[Scheme]:
    return [scheme for scheme in list_schemes() if form in scheme.formats]


def markdown(rows: Mapping[str, Decibels]) -> str:
    """Return a table for each form."""
    return "\n\n".join(_table(platform, rows) for platform in _TITLES)


def _table(platform: Platform, rows: Mapping[str, Decibels]) -> str:
    names = [scheme.name for scheme in _schemes(platform.form)]
    lines = [f"| {_TITLES[platform]}, dB | {' | '.join(names)} |", f"|---|{'--:|' * len(names)}"]
    for model, row in rows.items():
        cells = [f"{row[f'{platform.form} {name}']:.1f}" for name in names]
        lines.append(f"| {get_spec(model).title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = [spec.name for spec in list_models()]
    parser.add_argument("--only", nargs="+", choices=every, default=every, metavar="MODEL")
    parser.add_argument("--rows", type=Path, metavar="FILE", help="keep finished variants here and go on from them")
    asked = parser.parse_args()
    rows = json.loads(asked.rows.read_text()) if asked.rows is not None and asked.rows.exists() else {}
    with one_thread():
        for name in [name for name in asked.only if name not in rows]:
            print(f"measuring {name} ...", file=sys.stderr)
            rows[name] = measure(name)
            if asked.rows is not None:
                asked.rows.write_text(json.dumps(rows, indent=2) + "\n")
    print(markdown({name: rows[name] for name in asked.only}))


if __name__ == "__main__":
    main()
