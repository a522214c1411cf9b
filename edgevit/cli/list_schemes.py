"""``edgevit list --schemes``."""

from __future__ import annotations

from edgevit.cli.output import Json, Level, Notice, Output, Table
from edgevit.quantize.schemes import FormatScheme, Scheme, list_schemes

__all__ = ["scheme_output"]

_SYSTEMS = {"mlpackage": "iOS", "tflite": "Android API"}
"""File format -> what the minimum of a scheme counts."""

_NOTES = (
    "--quant SCHEME uses one; --quant auto mixes them within --max-drop; --keep PATTERN leaves layers as they are.",
    "Schemes marked 'images' need --calib DIR: without it, variations of built-in photographs give a first look only.",
)


def scheme_output() -> Output:
    """Return all schemes: what each needs of a phone system, and what it buys there."""
    schemes = list_schemes()
    rows = [(scheme.name, scheme.title, *_needs(scheme), _images(scheme)) for scheme in schemes]
    buys = [
        (scheme.name, _SYSTEMS[form].split()[0], chosen.buys)
        for scheme in schemes
        for form, chosen in scheme.formats.items()
    ]
    return Output(
        {"schema": "edgevit-schemes/1", "schemes": [_data(scheme) for scheme in schemes]},
        [
            Table("", ("scheme", "stores", *_SYSTEMS.values(), "needs"), rows, frozenset(_SYSTEMS.values())),
            Table("What it buys", ("scheme", "on", "buys"), buys),
            *(Notice(Level.NOTE, text) for text in _NOTES),
        ],
    )


def _needs(scheme: Scheme) -> tuple[str, ...]:
    """Return the oldest system of each format, or a dash where the scheme does not exist."""
    return tuple(str(scheme.formats[form].minimum_os) if form in scheme.formats else "-" for form in _SYSTEMS)


def _images(scheme: Scheme) -> str:
    return "images" if scheme.needs_calibration else ""


def _data(scheme: Scheme) -> Json:
    return {
        "name": scheme.name,
        "title": scheme.title,
        "needs_calibration": scheme.needs_calibration,
        "formats": {form: _format(chosen) for form, chosen in scheme.formats.items()},
    }


def _format(chosen: FormatScheme) -> Json:
    weights, activations = chosen.weights, chosen.activations
    return {
        "minimum_os": chosen.minimum_os,
        "weight_bits": 16 if weights is None else weights.bits,
        "encoding": "float" if weights is None else weights.encoding,
        "granularity": None if weights is None else weights.granularity.value,
        "activation_bits": None if activations is None else activations.bits,
        "buys": chosen.buys,
    }
