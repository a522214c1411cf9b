"""Matrix products whose input the runtime quantizes row by row as it runs, with integer weights."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from edgevit.backends.tflite.builtins import Builtin
from edgevit.backends.tflite.quantized.constants import fits_bytes, fits_nibbles
from edgevit.backends.tflite.quantized.sites import WEIGHTS

if TYPE_CHECKING:
    from edgevit.backends.tflite.graph import Operator, Tensor
    from edgevit.backends.tflite.quantized.sites import Site

__all__ = ["make_dynamic", "takes_bytes", "takes_nibbles"]


def takes_bytes(site: Site) -> bool:
    """Whether the operator can read its 8-bit codes directly: a matrix product with symmetric codes a channel.

    Convolutions over more than one pixel are left out: XNNPACK runs them slower with codes than with float32 weights,
    and depthwise ones not at all.
    """
    return _is_product(site) and fits_bytes(site.encoding)


def takes_nibbles(site: Site) -> bool:
    """Whether the operator can read its 4-bit codes directly."""
    return _is_product(site) and fits_nibbles(site.encoding)


def make_dynamic(site: Site, weights: Tensor) -> None:
    """Let the operator read ``weights``, integers; a 1x1 convolution becomes the matrix product that it is."""
    operator = site.operator
    operator.inputs[WEIGHTS] = dataclasses.replace(weights, shape=(weights.shape[0], weights.shape[-1]))
    operator.attributes = {
        "fusedActivationFunction": operator.attributes["fusedActivationFunction"],
        "keepNumDims": operator.attributes.get("keepNumDims", True),
        "asymmetricQuantizeInputs": True,
    }
    operator.kind = Builtin.FULLY_CONNECTED


def _is_product(site: Site) -> bool:
    """Whether outputs are rows of the constant, and each row of the input makes one row of the output."""
    operator = site.operator
    if operator.kind is Builtin.CONV_2D:
        return _is_pointwise(operator)
    return operator.kind is Builtin.FULLY_CONNECTED and site.axes[0] == 0


def _is_pointwise(operator: Operator) -> bool:
    image, kernel, result = operator.inputs[0].shape, operator.inputs[WEIGHTS].shape, operator.outputs[0].shape
    return kernel[1:3] == (1, 1) and image[1:3] == result[1:3] and image[3] == kernel[3]
