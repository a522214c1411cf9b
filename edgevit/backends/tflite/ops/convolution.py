"""Convolutions: CONV_2D and DEPTHWISE_CONV_2D, and the padding in front of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from edgevit.backends.tflite.builtins import Activation, Builtin, Padding
from edgevit.backends.tflite.emitter import Emitter, Refusal, as_array
from edgevit.backends.tflite.layout import NHWC, Value
from edgevit.backends.tflite.ops.windows import Window, pair, plan
from edgevit.backends.tflite.registry import lowers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgevit.backends.tflite.graph import Array, Attribute, Operator, Tensor

__all__ = ["conv2d", "padded"]

_CHANNELS = 1
_POINT = (1, 1)


@lowers("aten.conv2d.default", "aten.conv2d.padding")
def conv2d(
    e: Emitter,
    x: Value,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: Sequence[int] = _POINT,
    padding: Sequence[int] | str = (0, 0),
    dilation: Sequence[int] = _POINT,
    groups: int = 1,
) -> Value:
    """A convolution of (1, C, H, W) with a constant kernel (O, C / groups, h, w).

    Raises:
        Refusal: A kernel that the network computes, or an image without a batch dimension.
    """
    if not isinstance(weight, torch.Tensor):
        raise Refusal("the kernel is computed by the network; only constant kernels are written")
    if x.rank != len(NHWC):
        raise Refusal(f"the image has {x.rank} dimensions, not 4")
    kernel = (int(weight.shape[2]), int(weight.shape[3]))
    before, after = _paddings(padding, kernel, pair(dilation))
    if kernel == pair(stride) == _POINT and before == after == (0, 0) and groups == 1:
        return _pointwise(e, x, weight, bias)
    x = e.in_order(x, NHWC)
    x, before, after = _absorb_padding(e, x, before, after)
    rows, columns = (
        Window(x.physical[1 + i], kernel[i], pair(stride)[i], pair(dilation)[i], before[i], after[i]) for i in (0, 1)
    )
    mode, explicit = plan(rows, columns)
    source = padded(e, e.tensor(x), explicit)
    shape = (x.physical[0], rows.output, columns.output, int(weight.shape[0]))
    depthwise = groups == x.shape[_CHANNELS] and groups > 1
    emit = _depthwise if depthwise else _dense
    out = emit(e, source, weight, _bias(weight, bias), shape, (rows, columns), mode)
    return Value(out, shape, (0, 3, 1, 2))


def _paddings(
    padding: Sequence[int] | str, kernel: tuple[int, int], dilation: tuple[int, int]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the padding (rows, columns) before and after."""
    if not isinstance(padding, str):
        return pair(padding), pair(padding)
    if padding == "valid":
        return (0, 0), (0, 0)
    total = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    before = (total[0] // 2, total[1] // 2)
    return before, (total[0] - before[0], total[1] - before[1])


def _bias(weight: torch.Tensor, bias: torch.Tensor | None) -> Array:
    return np.zeros(weight.shape[0], np.float32) if bias is None else as_array(bias)


def _pointwise(e: Emitter, x: Value, weight: torch.Tensor, bias: torch.Tensor | None) -> Value:
    """A 1x1 convolution needs its channels innermost, and cares for no other layout."""
    x, tensor = e.with_last(x, _CHANNELS)
    if len(tensor.shape) != len(NHWC):
        tensor = e.tensor(x)
    shape = (*tensor.shape[:-1], int(weight.shape[0]))
    out = _dense(e, tensor, weight, _bias(weight, bias), shape, (Window(1, 1), Window(1, 1)), Padding.VALID)
    return Value(out, (*x.physical[:-1], shape[-1]), x.axes)


def _dense(
    e: Emitter,
    source: Tensor,
    weight: torch.Tensor,
    bias: Array,
    shape: Sequence[int],
    windows: tuple[Window, Window],
    mode: int,
) -> Tensor:
    kernel = e.constant(as_array(weight).transpose(0, 2, 3, 1))
    attributes = _attributes(windows, mode)
    return e.emit(Builtin.CONV_2D, [source, kernel, e.constant(bias)], shape, attributes)


def _depthwise(
    e: Emitter,
    source: Tensor,
    weight: torch.Tensor,
    bias: Array,
    shape: Sequence[int],
    windows: tuple[Window, Window],
    mode: int,
) -> Tensor:
    kernel = e.constant(as_array(weight).transpose(1, 2, 3, 0))
    attributes = _attributes(windows, mode) | {"depthMultiplier": shape[-1] // source.shape[-1]}
    return e.emit(Builtin.DEPTHWISE_CONV_2D, [source, kernel, e.constant(bias)], shape, attributes)


def _attributes(windows: tuple[Window, Window], mode: int) -> dict[str, Attribute]:
    rows, columns = windows
    return {
        "padding": mode,
        "strideH": rows.stride,
        "strideW": columns.stride,
        "dilationHFactor": rows.dilation,
        "dilationWFactor": columns.dilation,
        "fusedActivationFunction": Activation.NONE,
    }


def padded(e: Emitter, source: Tensor, explicit: tuple[tuple[int, int], tuple[int, int]]) -> Tensor:
    """Return an NHWC tensor with zeros around its rows and columns; the tensor itself where there are none."""
    if explicit == ((0, 0), (0, 0)):
        return source
    paddings = ((0, 0), *explicit, (0, 0))
    shape = [n + before + after for n, (before, after) in zip(source.shape, paddings, strict=True)]
    return e.emit(Builtin.PAD, [source, e.integers(paddings)], shape)


def _absorb_padding(
    e: Emitter, x: Value, before: tuple[int, int], after: tuple[int, int]
) -> tuple[Value, tuple[int, int], tuple[int, int]]:
    """Take zeros that the network itself put around the image into the convolution's own padding."""
    pad = e.producer(x.tensor)
    if pad is None or pad.kind is not Builtin.PAD or x.tensor.shape != x.physical:
        return x, before, after
    (first, rows, columns, last) = _pad_amounts(pad)
    if first != (0, 0) or last != (0, 0):
        return x, before, after
    inner = replace(x, tensor=pad.inputs[0], physical=pad.inputs[0].shape)
    return inner, (before[0] + rows[0], before[1] + columns[0]), (after[0] + rows[1], after[1] + columns[1])


def _pad_amounts(pad: Operator) -> list[tuple[int, int]]:
    amounts = pad.inputs[1].data
    assert amounts is not None  # noqa: S101 - written by this emitter as a constant
    return [(int(before), int(after)) for before, after in amounts.tolist()]
