"""The smallest network within a budget: sensitivity of each layer, a search, and a measurement of what it chose."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgevit.errors import ParityError, UsageError
from edgevit.quantize.apply import quantize
from edgevit.quantize.cost import costs
from edgevit.quantize.layers import Pixels
from edgevit.quantize.model import QuantizedModel
from edgevit.quantize.schemes import Scheme, get_scheme, list_schemes
from edgevit.quantize.search import deepest, ordered_steps
from edgevit.quantize.sensitivity import Evidence, SensitivityRow, sensitivity
from edgevit.quantize.statistics import layer_statistics
from edgevit.quantize.trials import Choice, Trial, Trials
from edgevit.types import AdaptedModel, EventSink, Head

__all__ = ["WEIGHTS_ONLY", "AutoResult", "auto", "searched_schemes"]

WEIGHTS_ONLY = " (weights only)"
"""Ends the name of a scheme with calibrated activations where a layer takes its weights and computes in floats."""

_RANKING_IMAGES = 8
"""Enough to rank layers: divergence is a mean over images of a smooth quantity; what is chosen is measured on all."""

_WORTHWHILE = 0.1
"""Least share of the half-precision weights that a search must save; below, plain half precision is the answer."""

_SLACK = 1e-9
"""Of points: shares of images are not exact in floating point."""

_CLASSIFIERS = (Head.LOGITS, Head.PROBABILITIES)


@dataclass(frozen=True, slots=True, eq=False)
class AutoResult:
    """What a search found.

    Attributes:
        quantized: The network to write.
        chosen: Layer -> scheme; the other layers stay in half precision.
        rows: The sensitivity table.
        trials: Every assignment that was measured; the last one is ``quantized``'s.
        measured: ``top-1 accuracy`` where there were labels, else ``agreement with the source``.
        images: How many images it was measured on.
        bytes_half: Weights of layers in half precision.
        max_drop: The budget, in points.
        worthwhile: Whether anything was bought; if not, ``quantized`` is plain half precision.
        notes: What the user must know.
    """

    quantized: QuantizedModel
    chosen: Choice
    rows: tuple[SensitivityRow, ...]
    trials: tuple[Trial, ...]
    measured: str
    images: int
    bytes_half: int
    max_drop: float
    worthwhile: bool
    notes: tuple[str, ...]

    @property
    def best(self) -> Trial:
        """Return what was bought."""
        return self.trials[-1]


def searched_schemes(form: str, minimum_os: int | None = None) -> tuple[Scheme, ...]:
    """Return the schemes that a search mixes by default: those that store weights and need no ranges of activations.

    Where a runtime quantizes activations as it goes, only schemes that let it: all layers of a file do as one does, and
    they are as small as others, and faster.

    Args:
        form: ``mlpackage`` or ``tflite``.
        minimum_os: Leave out schemes that need a newer system; None leaves out none.
    """
    found = [
        scheme
        for scheme in list_schemes()
        if (section := scheme.formats.get(form)) is not None
        and section.weights is not None
        and (section.activations is None or section.activations.dynamic)
        and (minimum_os is None or section.minimum_os <= minimum_os)
    ]
    dynamic = [scheme for scheme in found if scheme.formats[form].activations is not None]
    return tuple(dynamic or found)


def auto(
    adapted: AdaptedModel,
    form: str,
    images: Pixels,
    labels: Sequence[int] | None = None,
    *,
    max_drop: float = 0.5,
    schemes: Sequence[Scheme] | None = None,
    calibration: Pixels | None = None,
    calibration_digest: str = "",
    cache: Path | None = None,
    on_event: EventSink | None = None,
) -> AutoResult:
    """Return the cheapest assignment of schemes to layers whose measured loss keeps the budget.

    Cost is the bytes of weights; where a scheme computes in integers, it is multiply-accumulates times the bits of
    both operands, so that integer arithmetic counts as saving.

    Args:
        adapted: Network for the file format; left as it is.
        form: ``mlpackage`` or ``tflite``.
        images: uint8 (N, H, W, 3): what assignments are measured on.
        labels: True class of each image; the budget is then of accuracy, else of agreement with the source.
        max_drop: Points (percent of images) that may be lost.
        schemes: What may be mixed; None takes :func:`searched_schemes`.
        calibration: Images for ranges of activations; None takes ``images``.
        calibration_digest: Of these, for the record.
        cache: Folder for finished rows of the sensitivity table.
        on_event: Receives progress, stages ``quantize``, ``sensitivity`` and ``search``.

    Raises:
        UsageError: The network does not classify, or the budget is negative.
        ParityError: Even half precision misses the budget; the text says what comes closest.
        InputError: The images do not fit the network.
    """
    _check(adapted, max_drop)
    plain = get_scheme("fp16").formats[form]
    options: dict[str, QuantizedModel] = {}
    seen = images if calibration is None else calibration
    mixed = searched_schemes(form) if schemes is None else schemes
    statistics = layer_statistics(adapted, seen, [scheme.formats[form] for scheme in mixed if form in scheme.formats])
    for scheme in mixed:
        found = quantize(
            adapted,
            scheme,
            form,
            calibration=seen,
            calibration_digest=calibration_digest,
            statistics=statistics,
            on_event=on_event,
        )
        options.update(_variants(scheme.name, found))
    trials = Trials(Evidence(adapted, images, labels), options, plain, on_event)
    _check_feasible(trials, max_drop)
    few = trials.evidence.few(_RANKING_IMAGES)
    rows = sensitivity(few, options, plain, cache=cache, on_event=on_event)
    steps = ordered_steps(rows, few.of(trials.assembled({})).divergence, costs(adapted, options, rows, images))
    choice = deepest(steps, lambda choice: _fits(trials, choice, max_drop))
    return _result(trials, rows, _or_uniform(trials, choice, max_drop), max_drop)


def _check(adapted: AdaptedModel, max_drop: float) -> None:
    if adapted.head not in _CLASSIFIERS:
        raise UsageError(
            "A budget in points needs a classifier.",
            why=f"This network returns {adapted.head.value}.",
            help="Choose a scheme by its dB instead, or search with --head probabilities and keep the same layers.",
        )
    if not max_drop >= 0.0:
        raise UsageError(f"A drop of {max_drop} points cannot be allowed.", help="Give 0 or more, for example 0.5.")


def _variants(name: str, found: QuantizedModel) -> Mapping[str, QuantizedModel]:
    """Return the network under a scheme, and with calibrated activations also with its weights alone."""
    if not found.inputs:
        return {name: found}
    return {name: found, name + WEIGHTS_ONLY: dataclasses.replace(found, inputs={}, outputs={})}


def _fits(trials: Trials, choice: Choice, max_drop: float) -> bool:
    return trials.measure(choice).drop <= max_drop + _SLACK


def _check_feasible(trials: Trials, max_drop: float) -> None:
    """Refuse a budget that half precision itself misses."""
    if not _fits(trials, {}, max_drop):
        best = trials.measure({})
        raise ParityError(
            f"No assignment keeps within {max_drop:g} points.",
            why=f"Half precision alone, the best that was found, loses {best.drop:.2f} points "
            f"({best.bytes / 1e6:.2f} MB of weights, {best.fidelity.sqnr_db:.1f} dB).",
            help="Allow more with --max-drop, or build with --precision fp32.",
        )


def _or_uniform(trials: Trials, choice: Choice, max_drop: float) -> Choice:
    """Return the assignment, or one scheme for all layers where that is smaller and keeps the budget as well."""
    if any(option.inputs for option in trials.options.values()):
        return choice
    for name, option in trials.options.items():
        uniform = {parameter.removesuffix(".weight"): name for parameter in option.encodings}
        if trials.bytes(uniform) < trials.bytes(choice) and _fits(trials, uniform, max_drop):
            choice = uniform
    return choice


def _result(trials: Trials, rows: tuple[SensitivityRow, ...], choice: Choice, max_drop: float) -> AutoResult:
    """Return the result for the assignment that was found, or for none where it is not worth it."""
    half = trials.measure({}).bytes
    saved = 1.0 - trials.bytes(choice) / half
    worthwhile = saved >= _WORTHWHILE
    chosen = choice if worthwhile else {}
    best = trials.measure(chosen)
    labelled = trials.evidence.labels is not None
    return AutoResult(
        quantized=trials.assembled(chosen),
        chosen=chosen,
        rows=rows,
        trials=(*(trial for trial in trials.done if trial is not best), best),
        measured="top-1 accuracy" if labelled else "agreement with the source",
        images=len(trials.evidence.images),
        bytes_half=half,
        max_drop=max_drop,
        worthwhile=worthwhile,
        notes=tuple(_notes(len(trials.evidence.images), max_drop, None if worthwhile else saved, labelled=labelled)),
    )


def _notes(images: int, max_drop: float, too_little: float | None, *, labelled: bool) -> list[str]:
    notes = []
    one = 100.0 / images
    if one > max_drop:
        notes.append(
            f"One image of {images} is {one:.2f} points, so {max_drop:g} points allow no answer to change; "
            "more images would tell more."
        )
    if not labelled:
        notes.append("Without labels, a point is an answer that differs from the source's, right or wrong.")
    if too_little is not None:
        notes.append(f"Not worth it: within the budget only {100 * too_little:.0f} % of the bytes can be saved.")
    return notes
