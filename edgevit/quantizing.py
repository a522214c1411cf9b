"""The quantization stage of a build: images, the scheme on the network, what the file must compute, what it costs."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgevit.errors import UnsupportedError, UsageError
from edgevit.platforms import Platform
from edgevit.types import AdaptedModel, BuildSpec, Event, EventSink, ModelSpec, Precision, Quantization

if TYPE_CHECKING:
    from torch import Tensor, nn

    from edgevit.datasets import CalibrationSet, EvaluationSet
    from edgevit.quantize.auto import AutoResult
    from edgevit.quantize.model import QuantizedModel
    from edgevit.verification.outputs import Network
    from edgevit.verification.tflite.quantized import Written

__all__ = [
    "AUTO",
    "QuantizationImages",
    "Quantized",
    "check_quantization",
    "oldest_ios",
    "quantization_images",
    "quantized_for",
]

AUTO = "auto"
"""In the place of a scheme: the smallest mixture of schemes within a budget."""

_PLAIN = "fp16"
_DEFAULT_DROP = 0.5

_STAGE = "quantize"

_DEFAULT_IOS = 16

_FIRST_LOOK = 16
"""Built-in images that a scheme without calibration is measured on; they say little, so few must do."""


@dataclass(frozen=True, slots=True, eq=False)
class QuantizationImages:
    """What quantization looks at.

    Attributes:
        calibration: Images that ranges and codes are chosen with.
        measured: Labelled images that a budget is of, or None: it is of agreement on the calibration images then.
    """

    calibration: CalibrationSet
    measured: EvaluationSet | None


@dataclass(frozen=True, slots=True, eq=False)
class Quantized:
    """A network for one phone system after quantization.

    Attributes:
        model: The codes, and the network that computes with what they stand for.
        report: What was done, and what it costs.
        written: What the file must compute.
    """

    model: QuantizedModel
    report: Quantization
    written: Written

    def reference(self) -> Network:
        """Return what the file must compute as a function of normalized input (1, 3, H, W)."""
        from edgevit.mobile.image_input import centred_from_normalized

        adapted, network = self.model.source, self.written.simulated
        if adapted.input_kind != "centred_pixels":
            return network

        def run(values: Tensor) -> Tensor | tuple[Tensor, ...]:
            return network(centred_from_normalized(values, adapted.spec.preprocessing))

        return run


def check_quantization(request: BuildSpec, platforms: Iterable[Platform]) -> None:
    """Refuse at once what cannot work.

    Raises:
        UnsupportedError: The scheme does not exist for a phone system, or needs a newer iOS than was asked for.
        UsageError: Options of quantization without a scheme, or with fp32.
    """
    from edgevit.quantize.schemes import format_scheme, get_scheme

    if request.quant is None:
        if request.calib is not None or request.keep:
            raise UsageError("Calibration images and kept layers belong to a scheme.", help="Choose one with --quant.")
        if request.max_drop is not None or request.data is not None:
            raise UsageError("A budget belongs to quantization.", help="Add --quant auto, or a scheme.")
        return
    _check_budget(request)
    scheme = get_scheme(_PLAIN if request.quant == AUTO else request.quant)
    for platform in platforms:
        needed = format_scheme(scheme, platform.form).minimum_os
        if platform.name == "ios" and request.ios_min is not None and needed > request.ios_min:
            raise UnsupportedError(
                f"The scheme '{scheme.name}' needs iOS {needed}, but iOS {request.ios_min} was asked for.",
                help="Leave --ios-min out, or choose a scheme from 'edgevit list --schemes'.",
            )
    if request.precision is Precision.FP32:
        raise UsageError(
            "A quantized file has no fp32 numbers.",
            why="What has no codes is stored in half precision.",
            help="Leave --precision out.",
        )


def _check_budget(request: BuildSpec) -> None:
    if _budget(request) is None:
        if request.data is not None:
            raise UsageError("Labelled images are for a budget.", help="Add --max-drop POINTS, or --quant auto.")
    elif request.keep:
        raise UsageError(
            "Layers cannot be kept by hand within a budget: the search decides which ones are.",
            help="Leave --keep out, or --max-drop.",
        )


def _budget(request: BuildSpec) -> float | None:
    """Return the points that may be lost; None where a scheme is for all layers, whatever it costs."""
    return _DEFAULT_DROP if request.quant == AUTO and request.max_drop is None else request.max_drop


def oldest_ios(request: BuildSpec) -> int:
    """Return the oldest iOS of a build: what was asked for, or the default, or what the scheme needs."""
    from edgevit.quantize.schemes import get_scheme

    if request.ios_min is not None:
        return request.ios_min
    forms = {} if request.quant in (None, AUTO) else get_scheme(request.quant).formats
    return max(_DEFAULT_IOS, forms["mlpackage"].minimum_os if "mlpackage" in forms else 0)


def quantization_images(
    request: BuildSpec, spec: ModelSpec, labels: Sequence[str], emit: EventSink
) -> QuantizationImages | None:
    """Return the images that quantization is calibrated and measured on; None where nothing is quantized."""
    from edgevit.datasets import calibration_images, evaluation_images
    from edgevit.quantize.schemes import get_scheme

    if request.quant is None:
        return None
    seen = request.calib if request.calib is not None else request.data
    asked = seen is not None or _budget(request) is not None
    needed = asked or get_scheme(request.quant).needs_calibration
    count = request.calib_count if needed else min(request.calib_count, _FIRST_LOOK)
    images = calibration_images(seen, count, request.calib_seed, spec)
    if images.warning is not None and needed:
        emit(Event(_STAGE, "warning", images.warning))
    if request.data is None:
        return QuantizationImages(images, None)
    measured = evaluation_images(request.data, labels, request.data_count, request.calib_seed, spec)
    return QuantizationImages(images, measured)


def quantized_for(
    platform: Platform, adapted: AdaptedModel, request: BuildSpec, images: QuantizationImages | None, emit: EventSink
) -> Quantized | None:
    """Return the network under the scheme that was asked for; None where none was."""
    if request.quant is None or images is None:
        return None
    if _budget(request) is None:
        model = _whole(platform, adapted, request, images.calibration, emit)
        simulation = _simulation(model, platform)
        return Quantized(model, _report(model, simulation, images.calibration), _written(model, simulation))
    found = _searched(platform, adapted, request, images, emit)
    simulation = _simulation(found.quantized, platform)
    report = _with_search(_report(found.quantized, simulation, images.calibration), found)
    return Quantized(found.quantized, report, _written(found.quantized, simulation))


def _whole(
    platform: Platform, adapted: AdaptedModel, request: BuildSpec, images: CalibrationSet, emit: EventSink
) -> QuantizedModel:
    """Return the network with one scheme for all layers but those kept."""
    from edgevit.quantize.apply import quantize
    from edgevit.quantize.schemes import get_scheme

    return quantize(
        adapted,
        get_scheme(request.quant or _PLAIN),
        platform.form,
        calibration=images.images,
        calibration_digest=images.digest,
        keep=request.keep,
        on_event=emit,
    )


def _searched(
    platform: Platform, adapted: AdaptedModel, request: BuildSpec, images: QuantizationImages, emit: EventSink
) -> AutoResult:
    """Return the smallest network within the budget."""
    from edgevit.quantize.auto import auto, searched_schemes
    from edgevit.quantize.schemes import get_scheme
    from edgevit.store.user_cache import user_cache

    calibration, measured = images.calibration, images.measured
    oldest = oldest_ios(request) if platform.name == "ios" else None
    name = request.quant or AUTO
    found = auto(
        adapted,
        platform.form,
        calibration.images if measured is None else measured.images,
        None if measured is None else measured.labels,
        max_drop=_budget(request) or 0.0,
        schemes=searched_schemes(platform.form, oldest) if name == AUTO else [get_scheme(name)],
        calibration=calibration.images,
        calibration_digest=calibration.digest,
        cache=user_cache("sensitivity"),
        on_event=emit,
    )
    for note in found.notes:
        emit(Event(_STAGE, "warning", note))
    return found


def _with_search(report: Quantization, found: AutoResult) -> Quantization:
    from edgevit.quantize.chart import sensitivity_chart
    from edgevit.quantize.report import bought, search_record

    return dataclasses.replace(
        report, search=search_record(found), chart=sensitivity_chart(found), bought=bought(found)
    )


def _simulation(model: QuantizedModel, platform: Platform) -> nn.Module:
    """Return the network that computes as the file must; half precision is for every number of a Core ML package."""
    from edgevit.mobile.halves import half_weights
    from edgevit.quantize.simulation import simulated

    return half_weights(simulated(model)) if platform.rounds_arithmetic else simulated(model)


def _written(model: QuantizedModel, simulation: nn.Module) -> Written:
    from edgevit.images.preprocess import centre, normalize
    from edgevit.quantize.simulation import rounds_activations, with_half_weights
    from edgevit.verification.tflite.quantized import Written

    return Written(
        decoded=with_half_weights(model.model, model.encodings).module,
        simulated=simulation,
        rounds_activations=rounds_activations(model),
        prepare=centre if model.source.input_kind == "centred_pixels" else normalize,
        weights={name: encoding.decode() for name, encoding in model.encodings.items()},
    )


def _report(model: QuantizedModel, simulation: nn.Module, images: CalibrationSet) -> Quantization:
    from edgevit.quantize.cost import weight_bytes
    from edgevit.quantize.fidelity import answer, compare_answers
    from edgevit.quantize.layers import network_inputs

    source = model.source
    before, after = (
        answer(network, source.head, network_inputs(source, images.images)) for network in (source.module, simulation)
    )
    fidelity = compare_answers(before, after, source.head)
    return Quantization(
        scheme=model.scheme,
        encoded=len(model.encodings),
        bytes_half=weight_bytes(dataclasses.replace(model, encodings={})),
        bytes_stored=weight_bytes(model),
        images=images.source,
        digest=images.digest,
        sqnr_db=fidelity.sqnr_db if math.isfinite(fidelity.sqnr_db) else None,
        agreement=fidelity.agreement,
        skipped=model.skipped,
    )
