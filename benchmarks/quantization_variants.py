"""Signal to noise of every scheme on every variant; printed as Markdown, one row a variant.

    python -m benchmarks.quantization_variants [--only fastvit_t8 ...] [--rows FILE.json] [--again pal4 ...]

Seeded weights of realistic statistics, and variations of the shipped photographs, others for calibration than for the
figures: they rank schemes and variants, and promise no accuracy. The network computes in PyTorch as the file does
(``edgevit/quantize/simulation.py``), which every build proves of the file it writes. Centred logits against those of
the network before; dB. Results that a Core ML file rounds to half are not rounded here, which only ``fp16`` and the
best of ``w8`` would show. ``--rows`` keeps finished figures, so that a long run can go on; ``--again`` forgets those of
some schemes, whose code has changed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from edgevit.datasets.calibration import calibration_images
from edgevit.mobile.adapt import adapt
from edgevit.models.registry import get_spec, list_models
from edgevit.platforms import ANDROID, IOS, Platform
from edgevit.quantize.apply import quantize
from edgevit.quantize.fidelity import answer, compare_answers
from edgevit.quantize.layers import network_inputs
from edgevit.quantize.schemes import Scheme, list_schemes
from edgevit.quantize.simulation import simulated
from edgevit.quantize.statistics import layer_statistics
from edgevit.reparam.proof import reparameterize
from edgevit.threads import one_thread
from edgevit.types import FoldedModel, Head
from edgevit.weights import load_model

_CALIBRATION, _MEASURED, _PHOTOGRAPHS = 16, 16, 4

_TITLES = {IOS: "Core ML", ANDROID: "TFLite"}

Decibels = Mapping[str, float]
"""Form and scheme -> dB."""


def measure(name: str, known: Decibels) -> Decibels:
    """Return the signal to noise of every scheme on one variant, of which some may be known."""
    folded = reparameterize(load_model(name, "random"))
    return {key: value for platform in _TITLES for key, value in _on(platform, folded, known)}


def _on(platform: Platform, folded: FoldedModel, known: Decibels) -> Iterator[tuple[str, float]]:
    names = {_key(platform.form, scheme): scheme for scheme in _schemes(platform.form)}
    yield from ((key, known[key]) for key in names if key in known)
    missing = {key: scheme for key, scheme in names.items() if key not in known}
    if not missing:
        return
    adapted = adapt(folded, head=Head.LOGITS, target=platform.target())
    chosen = calibration_images(None, _CALIBRATION, 0, adapted.spec).images
    held = calibration_images(None, _PHOTOGRAPHS + _MEASURED, 1, adapted.spec).images[_PHOTOGRAPHS:]
    source = answer(adapted.module, Head.LOGITS, network_inputs(adapted, held))
    statistics = layer_statistics(adapted, chosen, [scheme.formats[platform.form] for scheme in missing.values()])
    for key, scheme in missing.items():
        quantized = quantize(adapted, scheme, platform.form, calibration=chosen, statistics=statistics)
        answers = answer(simulated(quantized), Head.LOGITS, network_inputs(adapted, held))
        yield key, compare_answers(source, answers, Head.LOGITS).sqnr_db


def _key(form: str, scheme: Scheme) -> str:
    return f"{form} {scheme.name}"


def _forgotten(row: Decibels, schemes: Sequence[str]) -> Decibels:
    """Return what is known of one variant without some schemes."""
    return {key: value for key, value in row.items() if key.split()[1] not in schemes}


def _schemes(form: str) -> list[Scheme]:
    return [scheme for scheme in list_schemes() if form in scheme.formats]


def markdown(rows: Mapping[str, Decibels]) -> str:
    """Return a table for each form."""
    return "\n\n".join(_table(platform, rows) for platform in _TITLES)


def _table(platform: Platform, rows: Mapping[str, Decibels]) -> str:
    schemes = _schemes(platform.form)
    lines = [
        f"| {_TITLES[platform]}, dB | {' | '.join(scheme.name for scheme in schemes)} |",
        f"|---|{'--:|' * len(schemes)}",
    ]
    for model, row in rows.items():
        cells = [f"{row[_key(platform.form, scheme)]:.1f}" for scheme in schemes]
        lines.append(f"| {get_spec(model).title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = [spec.name for spec in list_models()]
    parser.add_argument("--only", nargs="+", choices=every, default=every, metavar="MODEL")
    parser.add_argument("--rows", type=Path, metavar="FILE", help="keep finished figures here and go on from them")
    names = [scheme.name for scheme in list_schemes()]
    parser.add_argument("--again", nargs="+", choices=names, default=[], metavar="SCHEME", help="measure these again")
    asked = parser.parse_args()
    rows = json.loads(asked.rows.read_text()) if asked.rows is not None and asked.rows.exists() else {}
    complete = {_key(platform.form, scheme) for platform in _TITLES for scheme in _schemes(platform.form)}
    rows = {name: _forgotten(row, asked.again if name in asked.only else ()) for name, row in rows.items()}
    with one_thread():
        for name in asked.only:
            if not complete <= set(rows.get(name, ())):
                print(f"measuring {name} ...", file=sys.stderr)
                rows[name] = measure(name, rows.get(name, {}))
                if asked.rows is not None:
                    asked.rows.write_text(json.dumps(rows, indent=2) + "\n")
    print(markdown({name: rows[name] for name in asked.only}))


if __name__ == "__main__":
    main()
