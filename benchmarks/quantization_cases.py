"""What :mod:`benchmarks.quantization` measures of a network, as data: every scheme in both formats, and the peers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from edgevit.quantize.schemes import list_schemes

__all__ = ["CASES", "FLOAT_FILE", "SOURCE", "Case", "Kind"]


class Kind(StrEnum):
    """What makes a file.

    ``SOURCE``: nothing, it is the network in PyTorch. ``FLOAT``: our float32 file. ``SCHEME``: a scheme for all layers.
    ``AUTO``: a scheme within a budget. ``PEER``: another tool, by its defaults, from our file in floating point.
    """

    SOURCE = "source"
    FLOAT = "float"
    SCHEME = "scheme"
    AUTO = "auto"
    PEER = "peer"


TITLES = {"": "PyTorch", "mlpackage": "Core ML", "tflite": "TFLite"}
"""File format -> what it is called in tables."""

PEERS = {"mlpackage": "coremltools", "tflite": "ai-edge-quantizer"}
"""File format -> the other tool."""

_BUDGETED = ("w8a8",)
"""Schemes that are also measured within a budget."""

Recipe = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the tables.

    Attributes:
        kind: What makes the file.
        form: ``mlpackage``, ``tflite``, or empty for PyTorch.
        label: Scheme, or what the peer does.
        rival: Our scheme of the same kind and about the same size, for peers.
        recipe: What the peer is told, see :mod:`benchmarks.quantization_peer`.
        minimum_ios: That the peer's package needs.
    """

    kind: Kind
    form: str
    label: str
    rival: str = ""
    recipe: Recipe = field(default_factory=dict, hash=False)
    minimum_ios: int = 16

    @property
    def name(self) -> str:
        """Return a name that no other case has."""
        tool = PEERS[self.form] if self.kind is Kind.PEER else TITLES[self.form]
        return f"{tool} {self.label}{' auto' if self.kind is Kind.AUTO else ''}"


SOURCE = Case(Kind.SOURCE, "", "fp32")
"""What everything is compared with."""

FLOAT_FILE = Case(Kind.FLOAT, "tflite", "fp32")
"""What speeds are relative to."""


def _linear(dtype: str, **more: str | int) -> Recipe:
    return {"method": "linear", "mode": "linear_symmetric", "dtype": dtype, **more}


def _palette(bits: int, **more: str | int) -> Recipe:
    return {"method": "palette", "mode": "kmeans", "nbits": bits, **more}


_BLOCKS: Recipe = {"granularity": "per_block", "block_size": 32}
_GROUPS: Recipe = {"granularity": "per_grouped_channel", "group_size": 16}

_PEER_CASES = (
    Case(Kind.PEER, "mlpackage", "int8 per channel", "w8", _linear("int8")),
    Case(Kind.PEER, "mlpackage", "int8, blocks of 32", "w8-block32", _linear("int8", **_BLOCKS), 18),
    Case(Kind.PEER, "mlpackage", "int4, blocks of 32", "w4-block32", _linear("int4", **_BLOCKS), 18),
    Case(Kind.PEER, "mlpackage", "palette of 8 bits", "pal8", _palette(8)),
    Case(Kind.PEER, "mlpackage", "palette of 6 bits", "pal6", _palette(6)),
    Case(Kind.PEER, "mlpackage", "palette of 4 bits", "pal4", _palette(4)),
    Case(Kind.PEER, "mlpackage", "palette of 4 bits, groups of 16", "pal4-grouped", _palette(4, **_GROUPS), 18),
    Case(Kind.PEER, "tflite", "weight_only_wi8_afp32", "w8"),
    Case(Kind.PEER, "tflite", "dynamic_wi8_afp32", "dyn8"),
    Case(Kind.PEER, "tflite", "dynamic_wi4_afp32", "w4-block"),
    Case(Kind.PEER, "tflite", "static_wi8_ai8", "w8a8"),
)
"""coremltools.optimize with its own defaults, and recipes of ai-edge-quantizer by their names.

Activations are not among coremltools' cases: it calibrates with Core ML itself, which only macOS has.
"""


def _ours(form: str) -> Iterator[Case]:
    for scheme in list_schemes():
        if form in scheme.formats:
            yield Case(Kind.SCHEME, form, scheme.name)
            if scheme.name in _BUDGETED:
                yield Case(Kind.AUTO, form, scheme.name)


def _with_peers(cases: Iterator[Case]) -> Iterator[Case]:
    """Yield each case, and after it the peers that it is compared with."""
    for case in cases:
        yield case
        if case.kind is Kind.SCHEME:
            yield from (peer for peer in _PEER_CASES if (peer.form, peer.rival) == (case.form, case.label))


CASES: Mapping[str, Case] = {
    case.name: case for case in (SOURCE, *_with_peers(_ours("mlpackage")), FLOAT_FILE, *_with_peers(_ours("tflite")))
}
"""Name -> case, in the order of the tables."""
