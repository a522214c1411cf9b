"""Quantization schemes as data: ``schemes/*.json``, one file a scheme, validated when they are read."""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from edgevit.errors import UnsupportedError

__all__ = [
    "ActivationFormat",
    "FormatScheme",
    "Granularity",
    "Observer",
    "Scheme",
    "WeightFormat",
    "format_scheme",
    "get_scheme",
    "list_schemes",
]

_SCHEMA = "edgevit-scheme/1"
_FORMATS = ("mlpackage", "tflite")


class Granularity(StrEnum):
    """What shares one scale or palette: the tensor, a channel, or a block.

    A channel is an output channel. A block is a run of inputs of one output channel for scales, and a run of output
    channels for palettes.
    """

    TENSOR = "tensor"
    CHANNEL = "channel"
    BLOCK = "block"


class Observer(StrEnum):
    """How a range is chosen from what was seen: all of it, most of it, or what loses least in squared error.

    ``best``, for activations: whichever of these changes the network's answers to the calibration images least.
    """

    MIN_MAX = "min-max"
    PERCENTILE = "percentile"
    MSE = "mse"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class WeightFormat:
    """How weights are stored.

    Attributes:
        encoding: ``linear`` or ``palette``.
        bits: Of a code.
        symmetric: Linear codes without zero point.
        granularity: What shares a scale or a palette.
        block: Elements that share one, for ``block``.
        observer: How the range is chosen, for ``linear``.
        percentile: Share of values inside the range, in percent, for the observer of that name.
    """

    encoding: str
    bits: int
    symmetric: bool = True
    granularity: Granularity = Granularity.CHANNEL
    block: int = 0
    observer: Observer = Observer.MIN_MAX
    percentile: float = 100.0


@dataclass(frozen=True, slots=True)
class ActivationFormat:
    """How activations are stored, one scale a tensor.

    Attributes:
        bits: Of a code.
        symmetric: Codes without zero point.
        observer: How the range is chosen over the calibration images.
        percentile: Share of values inside the range, in percent, for ``percentile``.
        dynamic: The runtime finds the range of every input by itself; nothing is calibrated.
    """

    bits: int
    symmetric: bool = False
    observer: Observer = Observer.MIN_MAX
    percentile: float = 100.0
    dynamic: bool = False


@dataclass(frozen=True, slots=True)
class FormatScheme:
    """A scheme in one file format.

    Attributes:
        minimum_os: iOS major version (``mlpackage``) or Android API level (``tflite``) that it needs.
        weights: None keeps them as ``fp16`` or ``fp32`` does.
        activations: None computes in floating point.
        buys: One sentence: what this is good for, and where it is not.
    """

    minimum_os: int
    weights: WeightFormat | None
    activations: ActivationFormat | None
    buys: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """One named way to store a network.

    Attributes:
        name: As on the command line.
        title: For people.
        formats: ``mlpackage`` or ``tflite`` -> how it is done there; a format that is missing does not offer it.
    """

    name: str
    title: str
    formats: Mapping[str, FormatScheme]

    @property
    def needs_calibration(self) -> bool:
        """Whether images are needed to find ranges of activations."""
        return any(f.activations is not None and not f.activations.dynamic for f in self.formats.values())


def get_scheme(name: str) -> Scheme:
    """Return a scheme by its name.

    Raises:
        UnsupportedError: There is none of that name.
    """
    schemes = _schemes()
    if name not in schemes:
        close = difflib.get_close_matches(name, schemes, n=1)
        hint = f"Did you mean '{close[0]}'? " if close else ""
        raise UnsupportedError(f"There is no scheme '{name}'.", help=f"{hint}Use one of: {', '.join(schemes)}.")
    return schemes[name]


def format_scheme(scheme: Scheme, form: str) -> FormatScheme:
    """Return a scheme in one file format.

    Raises:
        UnsupportedError: It does not exist there.
    """
    if form not in scheme.formats:
        known = ", ".join(each.name for each in list_schemes() if form in each.formats)
        title = {"mlpackage": "Core ML packages", "tflite": "TFLite files"}[form]
        raise UnsupportedError(f"The scheme '{scheme.name}' is not for {title}.", help=f"Use one of: {known}.")
    return scheme.formats[form]


def list_schemes() -> tuple[Scheme, ...]:
    """Return every scheme, from the most bits to the fewest."""
    return tuple(_schemes().values())


@functools.cache
def _schemes() -> Mapping[str, Scheme]:
    folder = files("edgevit.quantize") / "schemes"
    found = [_read(entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".json")]
    return {scheme.name: scheme for scheme in sorted(found, key=_order)}


def _order(scheme: Scheme) -> tuple[int, bool, str]:
    first = next(iter(scheme.formats.values()))
    return -(16 if first.weights is None else first.weights.bits), first.activations is not None, scheme.name


def _read(text: str) -> Scheme:
    data = json.loads(text)
    if data.pop("schema", None) != _SCHEMA or not set(data["formats"]) <= set(_FORMATS):
        raise ValueError(f"not a scheme: {data}")
    formats = {name: _format(section) for name, section in sorted(data.pop("formats").items())}
    return Scheme(formats=formats, **data)


def _format(data: Mapping[str, object]) -> FormatScheme:
    fields = dict(data)
    weights, activations = fields.pop("weights", None), fields.pop("activations", None)
    return FormatScheme(
        weights=None if weights is None else _weights(weights),  # type: ignore[arg-type]
        activations=None if activations is None else _activations(activations),  # type: ignore[arg-type]
        **fields,  # type: ignore[arg-type]
    )


def _weights(data: Mapping[str, object]) -> WeightFormat:
    fields = dict(data)
    granularity = Granularity(str(fields.pop("granularity", Granularity.CHANNEL)))
    observer = Observer(str(fields.pop("observer", Observer.MIN_MAX)))
    return WeightFormat(granularity=granularity, observer=observer, **fields)  # type: ignore[arg-type]


def _activations(data: Mapping[str, object]) -> ActivationFormat:
    fields = dict(data)
    observer = Observer(str(fields.pop("observer", Observer.MIN_MAX)))
    return ActivationFormat(observer=observer, **fields)  # type: ignore[arg-type]
