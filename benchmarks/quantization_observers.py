"""What each observer of activations costs trained networks under ``w8a8``; printed as Markdown.

    python -m benchmarks.quantization_observers --data TEST [--calib TRAIN] [--only fastvit_t8 ...] [--count 1000]

Signal to noise of the logits, and top-1, of the networks of ``examples/fashion`` computing in PyTorch as the files do
(``edgevit/quantize/simulation.py``), with ranges of activations from each observer. ``best`` is what the scheme has.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from benchmarks.trained import Subject, image_options, print_rows
from edgevit.models.registry import get_spec
from edgevit.platforms import ANDROID, IOS, Platform
from edgevit.quantize.apply import quantize
from edgevit.quantize.schemes import Observer, Scheme, get_scheme
from edgevit.quantize.simulation import simulated
from edgevit.quantize.statistics import layer_statistics

_SCHEME = "w8a8"
_TITLES = {IOS: "Core ML", ANDROID: "TFLite"}
_PERCENTILE = 99.99


def _with_observer(scheme: Scheme, form: str, observer: Observer) -> Scheme:
    """Return the scheme with another observer for one format."""
    chosen = scheme.formats[form]
    if chosen.activations is None:
        raise TypeError(f"{scheme.name} leaves activations in floating point")
    activations = dataclasses.replace(chosen.activations, observer=observer, percentile=_PERCENTILE)
    return dataclasses.replace(scheme, formats={form: dataclasses.replace(chosen, activations=activations)})


def _row(subject: Subject, platform: Platform) -> Sequence[str]:
    scheme, images = get_scheme(_SCHEME), subject.calibration
    known = layer_statistics(subject.adapted, images, [scheme.formats[platform.form]])
    options = [_with_observer(scheme, platform.form, observer) for observer in Observer]
    cells = [
        subject.cell(simulated(quantize(subject.adapted, each, platform.form, calibration=images, statistics=known)))
        for each in options
    ]
    return get_spec(subject.name).title, _TITLES[platform], *cells


def main() -> None:
    """Measure, and print the table."""
    asked = image_options(__doc__).parse_args()
    subjects = ((Subject.of(name, platform, asked), platform) for name in asked.only for platform in _TITLES)
    print_rows(
        ("network", "format", *(observer.value for observer in Observer)),
        (_row(subject, platform) for subject, platform in subjects),
    )


if __name__ == "__main__":
    main()
