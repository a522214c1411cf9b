"""The quantization stage of a build: images, the scheme on the network, what the file must compute, what it costs."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgevit.errors import UnsupportedError, UsageError
from edgevit.platforms import Platform
from edgevit.types import AdaptedModel, BuildSpec, Event, EventSink, ModelSpec, Precision, Quantization

if TYPE_CHECKING:
    from torch import Tensor, nn

    from edgevit.datasets import CalibrationSet
    from edgevit.quantize.model import QuantizedModel
    from edgevit.verification.outputs import Network
    from edgevit.verification.tflite.quantized import Written

__all__ = ["Quantized", "calibration_set", "check_quantization", "oldest_ios", "quantized_for"]

_STAGE = "quantize"

_DEFAULT_IOS = 16

_FIRST_LOOK = 16
"""Built-in images that a scheme without calibration is measured on; they say little, so few must do."""


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
        return
    scheme = get_scheme(request.quant)
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


def oldest_ios(request: BuildSpec) -> int:
    """Return the oldest iOS of a build: what was asked for, or the default, or what the scheme needs."""
    from edgevit.quantize.schemes import get_scheme

    if request.ios_min is not None:
        return request.ios_min
    forms = {} if request.quant is None else get_scheme(request.quant).formats
    return max(_DEFAULT_IOS, forms["mlpackage"].minimum_os if "mlpackage" in forms else 0)


def calibration_set(request: BuildSpec, spec: ModelSpec, emit: EventSink) -> CalibrationSet | None:
    """Return the images that quantization is calibrated and measured on; None where nothing is quantized."""
    from edgevit.datasets import calibration_images
    from edgevit.quantize.schemes import get_scheme

    if request.quant is None:
        return None
    needed = get_scheme(request.quant).needs_calibration
    count = request.calib_count if needed or request.calib is not None else min(request.calib_count, _FIRST_LOOK)
    images = calibration_images(request.calib, count, request.calib_seed, spec)
    if images.warning is not None and (needed or request.calib is not None):
        emit(Event(_STAGE, "warning", images.warning))
    return images


def quantized_for(
    platform: Platform, adapted: AdaptedModel, request: BuildSpec, images: CalibrationSet | None, emit: EventSink
) -> Quantized | None:
    """Return the network under the scheme that was asked for; None where none was."""
    from edgevit.quantize.apply import quantize
    from edgevit.quantize.schemes import get_scheme

    if request.quant is None or images is None:
        return None
    model = quantize(
        adapted,
        get_scheme(request.quant),
        platform.form,
        calibration=images.images,
        calibration_digest=images.digest,
        keep=request.keep,
        on_event=emit,
    )
    simulation = _simulation(model, platform)
    return Quantized(model, _report(model, simulation, images), _written(model, simulation))


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
