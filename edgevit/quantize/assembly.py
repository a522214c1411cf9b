"""One quantized network out of several: each layer as the scheme that was chosen for it has it."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping

import torch

from edgevit.quantize.layers import weighted_layers
from edgevit.quantize.model import QuantizedModel, SkippedWeight
from edgevit.quantize.schemes import FormatScheme
from edgevit.types import AdaptedModel

__all__ = ["MIXED", "assemble"]

MIXED = "mixed"
"""Name of a model in which several schemes meet."""

_BUYS = "Each layer as small as its budget allows."
_KEPT = "kept in half precision: it costs more than it saves"


def assemble(
    source: AdaptedModel, options: Mapping[str, QuantizedModel], choice: Mapping[str, str], plain: FormatScheme
) -> QuantizedModel:
    """Return ``source`` with each layer as one of the options has it.

    Args:
        source: The adapted network; left as it is.
        options: Scheme name -> the whole network under that scheme, all of this source and for one file format.
        choice: Layer name -> scheme name; the other layers stay in half precision.
        plain: Half precision in this file format: what the result is where nothing is chosen.
    """
    chosen = {layer: options[name] for layer, name in choice.items() if f"{layer}.weight" in options[name].encodings}
    encodings = {f"{layer}.weight": option.encodings[f"{layer}.weight"] for layer, option in chosen.items()}
    module = copy.deepcopy(source.module)
    for name, encoding in encodings.items():
        module.get_parameter(name).data = torch.from_numpy(encoding.decode())
    names = sorted({choice[layer] for layer in chosen})
    inputs = {layer: option.inputs[layer] for layer, option in chosen.items() if layer in option.inputs}
    return QuantizedModel(
        source=source,
        model=dataclasses.replace(source, module=module) if encodings else source,
        scheme=names[0] if len(names) == 1 else MIXED if names else "fp16",
        form=_form([options[name].form for name in names], plain, integers=bool(inputs)),
        encodings=encodings,
        inputs=inputs,
        outputs={layer: option.outputs[layer] for layer, option in chosen.items() if layer in option.outputs},
        skipped=_skipped(source, options, encodings),
        calibration=next((option.calibration for option in options.values() if option.calibration), ""),
    )


def _form(forms: list[FormatScheme], plain: FormatScheme, *, integers: bool) -> FormatScheme:
    """Return what all of the forms need together; ``integers`` says whether any layer's activations are calibrated."""
    if not forms:
        return plain
    used = [form.activations for form in forms if form.activations is not None]
    activations = next((fmt for fmt in used if integers or fmt.dynamic), None)
    if len(forms) == 1:
        return dataclasses.replace(forms[0], activations=activations)
    return FormatScheme(
        minimum_os=max(form.minimum_os for form in forms),
        weights=forms[0].weights,
        activations=activations,
        buys=_BUYS,
    )


def _skipped(
    source: AdaptedModel, options: Mapping[str, QuantizedModel], encodings: Mapping[str, object]
) -> tuple[SkippedWeight, ...]:
    """Return what is not encoded: with a scheme's own reason where every scheme left it alone."""
    reasons = {row.parameter: row for option in options.values() for row in option.skipped}
    encodable = {name for option in options.values() for name in option.encodings}
    kept = [
        SkippedWeight(f"{name}.weight", 2 * layer.weight.numel(), _KEPT)
        for name, layer in weighted_layers(source.module).items()
        if f"{name}.weight" in encodable and f"{name}.weight" not in encodings
    ]
    return (*kept, *(row for name, row in reasons.items() if name not in encodable))
