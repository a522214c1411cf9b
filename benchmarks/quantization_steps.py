"""What each step of choosing values and codes buys, on trained networks; printed as Markdown.

    python -m benchmarks.quantization_steps --data TEST [--calib TRAIN] [--only fastvit_t8 ...] [--count 1000]

Signal to noise of the logits, and top-1, of the networks of ``examples/fashion`` computing in PyTorch with the decoded
weights of Core ML's schemes; activations stay floats. Each column adds to the one before: the nearest codes; codes of a
layer rounded as a whole (:mod:`edgevit.quantize.compensate`); palettes made for weights whose inputs are large;
palettes made for channels that the network's outputs follow (:mod:`edgevit.quantize.importance`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.trained import Subject, image_options, print_rows
from edgevit.models.registry import get_spec
from edgevit.platforms import IOS
from edgevit.quantize.apply import quantize
from edgevit.quantize.compensate import compensated
from edgevit.quantize.model import QuantizedModel
from edgevit.quantize.schemes import FormatScheme, Scheme, list_schemes
from edgevit.quantize.statistics import LayerStatistics, layer_statistics

_FORM = IOS.form
_STEPS = ("nearest codes", "rounded as a whole", "by inputs", "by outputs")


def steps(scheme: Scheme, subject: Subject, known: LayerStatistics) -> Iterator[QuantizedModel]:
    """Yield a network under a scheme, step by step."""
    adapted, images = subject.adapted, subject.calibration
    nearest = quantize(adapted, scheme, _FORM)
    yield nearest
    yield compensated(nearest, known.moments)
    if _is_palette(scheme.formats[_FORM]):
        for statistics in (LayerStatistics(known.moments), known):
            yield quantize(adapted, scheme, _FORM, calibration=images, statistics=statistics)


def _rows(subject: Subject) -> Iterator[Sequence[str]]:
    """Yield a row a scheme."""
    schemes = [scheme for scheme in list_schemes() if _FORM in scheme.formats and _only_weights(scheme.formats[_FORM])]
    known = layer_statistics(subject.adapted, subject.calibration, [scheme.formats[_FORM] for scheme in schemes])
    for scheme in schemes:
        cells = [subject.cell(found.model.module) for found in steps(scheme, subject, known)]
        yield get_spec(subject.name).title, f"`{scheme.name}`", *cells, *[""] * (len(_STEPS) - len(cells))


def _only_weights(form: FormatScheme) -> bool:
    return form.weights is not None and form.activations is None


def _is_palette(form: FormatScheme) -> bool:
    return form.weights is not None and form.weights.encoding == "palette"


def main() -> None:
    """Measure, and print the table."""
    asked = image_options(__doc__).parse_args()
    print_rows(
        ("network", "scheme", *_STEPS), (row for name in asked.only for row in _rows(Subject.of(name, IOS, asked)))
    )


if __name__ == "__main__":
    main()
