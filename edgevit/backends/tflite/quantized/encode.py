"""From a graph of decoded values to the quantized graph: how each operator with codes is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgevit.backends.tflite.builtins import Builtin
from edgevit.backends.tflite.graph import Operator, Tensor
from edgevit.backends.tflite.passes import drop_unused
from edgevit.backends.tflite.quantized.constants import as_bytes, as_halves, as_nibbles, block_size
from edgevit.backends.tflite.quantized.dynamic import make_dynamic, takes_bytes, takes_nibbles
from edgevit.backends.tflite.quantized.sites import WEIGHTS, Site, find_sites
from edgevit.backends.tflite.quantized.static import make_static, takes_ranges

if TYPE_CHECKING:
    from edgevit.backends.tflite.graph import Graph
    from edgevit.quantize.model import QuantizedModel

__all__ = ["encode"]


def encode(graph: Graph, quantized: QuantizedModel) -> None:
    """Replace the decoded values of encoded parameters by their codes, in place.

    Weights are read through a DEQUANTIZE, which XNNPACK runs once, when it loads the file. Matrix products of a scheme
    with dynamic activations read the codes themselves: the runtime then quantizes each row of their input as it goes.
    Layers with calibrated ranges compute in integers.

    Args:
        graph: Of ``quantized.model``, with float32 constants.
        quantized: The codes.

    Raises:
        ConversionError: A parameter stands nowhere in the graph, or has codes that TFLite cannot hold.
    """
    activations = quantized.form.activations
    dynamic = activations is not None and activations.dynamic
    widened: dict[Tensor, Operator] = {}
    static: list[Site] = []
    for site in find_sites(graph, quantized.encodings):
        if takes_ranges(site, quantized):
            static.append(site)
        elif dynamic and takes_nibbles(site):
            make_dynamic(site, as_nibbles(site))
        elif dynamic and takes_bytes(site):
            make_dynamic(site, as_bytes(site))
        else:
            _widen(site, widened)
    make_static(graph, static, quantized)
    graph.insert(widened.values())
    drop_unused(graph)


def _widen(site: Site, widened: dict[Tensor, Operator]) -> None:
    """Let the operator read its weights through a DEQUANTIZE, one for all that read the same constant."""
    weights = site.operator.inputs[WEIGHTS]
    if weights not in widened:
        # Decoded blocks have at most 11 significant bits, so that float16 holds them exactly.
        stored = as_halves(site) if block_size(site.encoding) else as_bytes(site)
        widened[weights] = Operator(Builtin.DEQUANTIZE, [stored], [Tensor(weights.name, weights.shape)])
    (site.operator.inputs[WEIGHTS],) = widened[weights].outputs
