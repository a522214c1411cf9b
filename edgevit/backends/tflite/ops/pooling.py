"""Average and maximum pooling with PyTorch's padding, ceil mode and counting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgevit.backends.tflite.builtins import Activation, Builtin, Padding
from edgevit.backends.tflite.emitter import Emitter, Refusal
from edgevit.backends.tflite.layout import NHWC, Value
from edgevit.backends.tflite.ops.convolution import padded
from edgevit.backends.tflite.ops.reduction import mean
from edgevit.backends.tflite.ops.windows import Window, pair, plan
from edgevit.backends.tflite.registry import lowers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from edgevit.backends.tflite.graph import Array, Tensor

__all__: list[str] = []

_LOWEST = float(np.finfo(np.float32).min)
_NHWC_AXES = (0, 3, 1, 2)


@lowers("aten.avg_pool2d.default")
def avg_pool2d(
    e: Emitter,
    x: Value,
    kernel_size: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] = (0, 0),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Value:
    """Average pooling of (1, C, H, W)."""
    x = _image(e, x)
    windows = _windows(x, kernel_size, stride or kernel_size, padding, ceil_mode)
    mode, explicit = plan(*windows)
    if mode == Padding.VALID and explicit == ((0, 0), (0, 0)):
        pooled = _pool(e, Builtin.AVERAGE_POOL_2D, e.tensor(x), windows, Padding.VALID)
        return pooled if divisor_override is None else _scaled(e, pooled, _area(windows) / divisor_override)
    if mode == Padding.SAME and not count_include_pad and divisor_override is None:
        return _pool(e, Builtin.AVERAGE_POOL_2D, e.tensor(x), windows, Padding.SAME)
    zeros = tuple((w.before, max(w.needed_after, 0)) for w in windows)
    source = padded(e, e.tensor(x), (zeros[0], zeros[1]))
    pooled = _pool(e, Builtin.AVERAGE_POOL_2D, source, windows, Padding.VALID)
    return _scaled(e, pooled, _area(windows) / _divisors(windows, count_include_pad, divisor_override))


@lowers("aten.avg_pool1d.default")
def avg_pool1d(
    e: Emitter,
    x: Value,
    kernel_size: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] = (0,),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Value:
    """Average pooling of (B, C, N): that of (B, C, 1, N) along its columns."""
    batch, channels, length = x.shape
    image = e.reshape(x, (batch, channels, 1, length))
    sizes = ((1, kernel_size[0]), (1, (stride or kernel_size)[0]), (0, padding[0]))
    pooled = avg_pool2d(e, image, *sizes, ceil_mode, count_include_pad)
    return e.reshape(pooled, (batch, channels, pooled.shape[3]))


@lowers("aten.adaptive_avg_pool2d.default")
def adaptive_avg_pool2d(e: Emitter, x: Value, output_size: Sequence[int]) -> Value:
    """Average pooling to a fixed size: a mean, or equal windows.

    Raises:
        Refusal: An output size that does not divide the image.
    """
    rows, columns = pair(output_size)
    if (rows, columns) == (1, 1):
        return mean(e, x, (-2, -1), keepdim=True)
    height, width = x.shape[-2:]
    if height % rows or width % columns:
        raise Refusal(f"{height}x{width} does not divide into {rows}x{columns} equal windows")
    return avg_pool2d(e, x, (height // rows, width // columns))


@lowers("aten.max_pool2d.default")
def max_pool2d(
    e: Emitter,
    x: Value,
    kernel_size: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] = (0, 0),
    dilation: Sequence[int] = (1, 1),
    ceil_mode: bool = False,
) -> Value:
    """Maximum pooling of (1, C, H, W).

    Raises:
        Refusal: A dilation, which the builtin has not.
    """
    if pair(dilation) != (1, 1):
        raise Refusal("the builtin MAX_POOL_2D has no dilation")
    x = _image(e, x)
    windows = _windows(x, kernel_size, stride or kernel_size, padding, ceil_mode)
    mode, explicit = plan(*windows)
    source = e.tensor(x)
    if explicit != ((0, 0), (0, 0)):
        paddings = ((0, 0), *explicit, (0, 0))
        shape = [n + before + after for n, (before, after) in zip(source.shape, paddings, strict=True)]
        lowest = e.constant(np.array(_LOWEST, np.float32))
        source = e.emit(Builtin.PADV2, [source, e.integers(paddings), lowest], shape)
    return _pool(e, Builtin.MAX_POOL_2D, source, windows, mode)


def _image(e: Emitter, x: Value) -> Value:
    if x.rank != len(NHWC):
        raise Refusal(f"the image has {x.rank} dimensions, not 4")
    return e.in_order(x, NHWC)


def _windows(
    x: Value, kernel: Sequence[int], stride: Sequence[int], padding: Sequence[int], ceil: bool
) -> tuple[Window, Window]:
    kernels, strides, pads = pair(kernel), pair(stride), pair(padding)
    rows, columns = (Window(x.physical[1 + i], kernels[i], strides[i], 1, pads[i], pads[i], ceil=ceil) for i in (0, 1))
    return rows, columns


def _pool(e: Emitter, kind: Builtin, source: Tensor, windows: tuple[Window, Window], mode: int) -> Value:
    rows, columns = windows
    shape = (source.shape[0], rows.output, columns.output, source.shape[3])
    out = e.emit(
        kind,
        [source],
        shape,
        {
            "padding": mode,
            "strideH": rows.stride,
            "strideW": columns.stride,
            "filterHeight": rows.kernel,
            "filterWidth": columns.kernel,
            "fusedActivationFunction": Activation.NONE,
        },
    )
    return Value(out, shape, _NHWC_AXES)


def _area(windows: tuple[Window, Window]) -> float:
    return float(windows[0].kernel * windows[1].kernel)


def _divisors(windows: tuple[Window, Window], count_include_pad: bool, override: int | None) -> NDArray[np.float64]:
    """Return by how much PyTorch divides the sum of each window, (rows, columns) of the output."""
    if override is not None:
        return np.array(float(override))
    rows, columns = (_counts(window, count_include_pad) for window in windows)
    return rows[:, None] * columns[None, :]


def _counts(window: Window, include_padding: bool) -> NDArray[np.float64]:
    """Return how many elements of each window count; what ceil mode adds beyond the padding never does."""
    starts = np.arange(window.output) * window.stride - window.before
    low, high = (-window.before, window.size + window.after) if include_padding else (0, window.size)
    counts: NDArray[np.float64] = (np.minimum(starts + window.kernel, high) - np.maximum(starts, low)).astype(
        np.float64
    )
    return counts


def _scaled(e: Emitter, x: Value, factors: NDArray[np.float64] | float) -> Value:
    """Multiply each output pixel by its factor (rows, columns), or all by one."""
    array: Array = np.asarray(factors, np.float32)
    if array.min() == array.max():
        array = array.reshape(-1)[:1]
        if array[0] == 1:
            return x
    else:
        array = array[:, :, None]
    return x.with_tensor(e.emit(Builtin.MUL, [x.tensor, e.constant(array)], x.tensor.shape))
