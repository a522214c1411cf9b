"""Where encoded parameters stand in a graph: found by value, which proves that the graph holds what was decoded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgevit.backends.tflite.builtins import Builtin
from edgevit.errors import ConversionError
from edgevit.quantize.encoding import Encoding, LinearEncoding

if TYPE_CHECKING:
    from edgevit.backends.tflite.graph import Array, Graph, Operator

__all__ = ["WEIGHTS", "Site", "find_sites"]

WEIGHTS = 1
"""Place of the weights among the inputs of every builtin that has them."""

_Axes = tuple[int, ...]

_LAYOUTS: Mapping[Builtin, tuple[_Axes, ...]] = {
    Builtin.CONV_2D: ((0, 2, 3, 1),),
    Builtin.DEPTHWISE_CONV_2D: ((1, 2, 3, 0),),
    Builtin.FULLY_CONNECTED: ((0, 1), (1, 0)),
}
"""Builtin -> the orders of a parameter's dimensions in which the emitter writes it."""

_SHOWN = 5

_Key = tuple[_Axes, bytes]


@dataclass(frozen=True, slots=True)
class Site:
    """One operator that reads an encoded parameter.

    Attributes:
        operator: It reads the decoded values as a float32 constant at :data:`WEIGHTS`.
        parameter: Name in the adapted network.
        encoding: The parameter's codes.
        axes: The parameter's dimension at each dimension of the constant.
    """

    operator: Operator
    parameter: str
    encoding: LinearEncoding
    axes: tuple[int, ...]

    @property
    def layer(self) -> str:
        """Name of the layer that owns the parameter."""
        return self.parameter.rpartition(".")[0]


def find_sites(graph: Graph, encodings: Mapping[str, Encoding]) -> list[Site]:
    """Return every operator that reads an encoded parameter, in order of execution.

    Parameters of equal values share one constant; the module that made the operator then tells which one it reads.

    Raises:
        ConversionError: A parameter stands nowhere in the graph, or its codes are of a kind that TFLite does not have.
    """
    linear = {name: _linear(name, encoding) for name, encoding in encodings.items()}
    known: dict[_Key, list[tuple[str, _Axes]]] = {}
    for name, encoding in linear.items():
        for axes, key in _keys(encoding.decode()):
            known.setdefault(key, []).append((name, axes))
    sites = [site for operator in graph.operators if (site := _site(operator, known, linear)) is not None]
    _require_all(linear, sites)
    return sites


def _linear(name: str, encoding: Encoding) -> LinearEncoding:
    if isinstance(encoding, LinearEncoding):
        return encoding
    raise ConversionError(
        f"The palette of '{name}' cannot be written to TFLite.",
        why="The format has no operator that looks weights up in a table.",
        help="Use a linear scheme, for example w8.",
    )


def _keys(values: Array) -> Iterator[tuple[_Axes, _Key]]:
    """Yield every layout that the values may have in a file, with the key of the constant."""
    for axes in sorted({axes for layouts in _LAYOUTS.values() for axes in layouts if len(axes) == values.ndim}):
        yield axes, _key(values.transpose(axes))


def _key(values: Array) -> _Key:
    content = np.ascontiguousarray(values + np.float32(0))  # zeros have one sign
    return values.shape, hashlib.blake2b(content.data, digest_size=16).digest()


def _site(
    operator: Operator, known: Mapping[_Key, list[tuple[str, _Axes]]], encodings: Mapping[str, LinearEncoding]
) -> Site | None:
    layouts = _LAYOUTS.get(operator.kind)
    constant = operator.inputs[WEIGHTS].data if layouts else None
    if layouts is None or constant is None:
        return None
    found = [(name, axes) for name, axes in known.get(_key(constant), ()) if axes in layouts]
    if not found:
        return None
    name, axes = min(found, key=lambda entry: _owner(entry[0]) != operator.scope)
    return Site(operator, name, encodings[name], axes)


def _owner(parameter: str) -> str:
    return parameter.rpartition(".")[0]


def _require_all(encodings: Mapping[str, LinearEncoding], sites: list[Site]) -> None:
    written = {(site.axes, _key(site.encoding.decode())) for site in sites}
    values = {key for _, key in written}
    lost = [name for name, encoding in encodings.items() if _key(encoding.decode()) not in values]
    if lost:
        more = f" and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else ""
        raise ConversionError(
            f"Quantized weights are not found in the graph: {', '.join(lost[:_SHOWN])}{more}.",
            why="The network changes them before it uses them, or they are not weights of a convolution or matrix.",
            help="Keep these layers as they are: --keep PATTERN.",
        )
