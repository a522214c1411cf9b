"""Operators over their options, with inputs, and with an expectation where coremltools cannot fold them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from tests.support.mil import Array, Case

_RNG = np.random.default_rng(0)


def normal(*shape: int) -> Array:
    return _RNG.standard_normal(shape).astype(np.float32)


def positive(*shape: int) -> Array:
    return _RNG.uniform(0.5, 2.0, shape).astype(np.float32)


def _f32(values: Any) -> Array:
    return np.array(values, np.float32)


def _i8(values: Any) -> Array:
    return np.array(values, np.int8)


def _torch(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function on tensors as a function on arrays."""
    return lambda *arrays: function(*(torch.from_numpy(array) for array in arrays))


_UNARY = (
    *("abs", "atan", "ceil", "cos", "cosh", "erf", "exp", "exp2", "floor", "relu", "relu6"),
    *("round", "sigmoid", "sign", "sin", "sinh", "square", "tanh"),
)

UNARY = [
    *(
        Case(name, lambda mb, x, name=name: getattr(mb, name)(x=x), (normal(2, 5),))
        for name in [
            "abs",
            "atan",
            "ceil",
            "cos",
            "erf",
            "exp",
            "exp2",
            "floor",
            "relu",
            "relu6",
            "round",
            "sigmoid",
            "sign",
            "sin",
            "sinh",
            "cosh",
            "square",
            "tanh",
        ]
    ),
    *(
        Case(name, lambda mb, x, name=name: getattr(mb, name)(x=x), (positive(2, 5) / 2.1,))
        for name in ["acos", "asin", "log", "rsqrt", "sqrt", "tan", "inverse"]
    ),
    Case("silu", lambda mb, x: mb.silu(x=x), (normal(2, 5),), lambda x: x / (1 + np.exp(-x))),
    Case("softplus", lambda mb, x: mb.softplus(x=x), (normal(2, 5),), lambda x: np.log1p(np.exp(x))),
    Case("softsign", lambda mb, x: mb.softsign(x=x), (normal(2, 5),), lambda x: x / (1 + np.abs(x))),
    Case("gelu", lambda mb, x: mb.gelu(x=x), (normal(3, 5),)),
    Case("gelu_tanh", lambda mb, x: mb.gelu(x=x, mode="TANH_APPROXIMATION"), (normal(3, 5),)),
    Case("gelu_sigmoid", lambda mb, x: mb.gelu(x=x, mode="SIGMOID_APPROXIMATION"), (normal(3, 5),)),
    Case("rsqrt_epsilon", lambda mb, x: mb.rsqrt(x=x, epsilon=0.5), (positive(4),)),
    Case("log_epsilon", lambda mb, x: mb.log(x=x, epsilon=0.5), (positive(4),)),
    Case("clip", lambda mb, x: mb.clip(x=x, alpha=-0.3, beta=0.6), (normal(20),)),
    Case("threshold", lambda mb, x: mb.threshold(x=x, alpha=0.2), (normal(20),)),
    Case("thresholded_relu", lambda mb, x: mb.thresholded_relu(x=x, alpha=0.2), (normal(20),)),
    Case("leaky_relu", lambda mb, x: mb.leaky_relu(x=x, alpha=0.2), (normal(20),)),
    Case("elu", lambda mb, x: mb.elu(x=x, alpha=0.7), (normal(20),)),
    Case("clamped_relu", lambda mb, x: mb.clamped_relu(x=x, alpha=0.2, beta=0.5), (normal(20),)),
    Case("linear_activation", lambda mb, x: mb.linear_activation(x=x, alpha=2.0, beta=-1.0), (normal(20),)),
    Case("sigmoid_hard", lambda mb, x: mb.sigmoid_hard(x=x, alpha=0.3, beta=0.4), (3 * normal(20),)),
    Case("scaled_tanh", lambda mb, x: mb.scaled_tanh(x=x, alpha=1.7, beta=0.6), (normal(20),)),
    Case(
        "prelu",
        lambda mb, x: mb.prelu(x=x, alpha=_f32([0.1, 0.2, 0.3])),
        (normal(1, 3, 4, 2),),
        lambda x: np.where(x >= 0, x, x * _f32([0.1, 0.2, 0.3]).reshape(1, 3, 1, 1)),
    ),
    Case("softmax", lambda mb, x: mb.softmax(x=x), (normal(2, 3, 4),)),
    Case("softmax_axis", lambda mb, x: mb.softmax(x=x, axis=1), (normal(2, 3, 4),)),
    Case("cast_int", lambda mb, x: mb.cast(x=mb.cast(x=x, dtype="int32"), dtype="fp32"), (5 * normal(20),)),
]

BINARY = [
    *(
        Case(name, lambda mb, x, y, name=name: getattr(mb, name)(x=x, y=y), (positive(2, 3, 4), positive(3, 1)))
        for name in ["add", "sub", "mul", "real_div", "floor_div", "mod", "pow", "maximum", "minimum"]
    ),
    *(
        Case(
            name,
            lambda mb, x, y, name=name: mb.cast(x=getattr(mb, name)(x=x, y=y), dtype="fp32"),
            (_RNG.integers(0, 3, (3, 8)).astype(np.float32), np.ones((1, 8), np.float32)),
        )
        for name in ["equal", "not_equal", "greater", "greater_equal", "less", "less_equal"]
    ),
    Case(
        "select",
        lambda mb, x, y: mb.select(cond=mb.greater(x=x, y=0.0), a=x, b=y),
        (normal(4, 5), normal(4, 5)),
        lambda x, y: np.where(x > 0, x, y),
    ),
    Case(
        "either",
        lambda mb, x, y: mb.cast(
            x=mb.logical_xor(
                x=mb.logical_or(x=mb.greater(x=x, y=0.5), y=mb.greater(x=y, y=0.5)), y=mb.greater(x=x, y=y)
            ),
            dtype="fp32",
        ),
        (normal(30), normal(30)),
        lambda x, y: (((x > 0.5) | (y > 0.5)) ^ (x > y)).astype(np.float32),
    ),
    Case(
        "logical",
        lambda mb, x: mb.cast(
            x=mb.logical_and(x=mb.logical_not(x=mb.greater(x=x, y=1.0)), y=mb.greater(x=x, y=-1.0)), dtype="fp32"
        ),
        (2 * normal(30),),
        lambda x: ((x <= 1) & (x > -1)).astype(np.float32),
    ),
]

REDUCTIONS = [
    *(
        Case(f"{name}_axes", lambda mb, x, name=name: getattr(mb, name)(x=x, axes=[0, 2]), (positive(2, 3, 4),))
        for name in ["reduce_mean", "reduce_sum", "reduce_max", "reduce_min", "reduce_prod"]
    ),
    *(
        Case(
            f"{name}_keep",
            lambda mb, x, name=name: getattr(mb, name)(x=x, axes=[-1], keep_dims=True),
            (positive(2, 3, 4),),
        )
        for name in ["reduce_l1_norm", "reduce_l2_norm", "reduce_sum_square", "reduce_log_sum", "reduce_log_sum_exp"]
    ),
    Case("reduce_all", lambda mb, x: mb.reduce_sum(x=x), (normal(2, 3),)),
    Case("argmax", lambda mb, x: mb.cast(x=mb.reduce_argmax(x=x, axis=1), dtype="fp32"), (normal(4, 7),)),
    Case(
        "argmin",
        lambda mb, x: mb.cast(x=mb.reduce_argmin(x=x, axis=0, keep_dims=True), dtype="fp32"),
        (normal(4, 7),),
    ),
    Case("cumsum", lambda mb, x: mb.cumsum(x=x, axis=1), (normal(3, 5),)),
]

SHAPES = [
    Case("shape", lambda mb, x: mb.cast(x=mb.shape(x=x), dtype="fp32"), (normal(2, 3, 4),), lambda _: _f32([2, 3, 4])),
    Case("reshape", lambda mb, x: mb.reshape(x=x, shape=[0, -1, 2]), (normal(2, 3, 4),), lambda x: x.reshape(2, 6, 2)),
    Case("transpose", lambda mb, x: mb.transpose(x=x, perm=[2, 0, -2]), (normal(2, 3, 4),)),
    Case("expand_dims", lambda mb, x: mb.expand_dims(x=x, axes=[0, -1]), (normal(2, 3),)),
    Case("squeeze", lambda mb, x: mb.squeeze(x=x, axes=[0, -1]), (normal(1, 3, 1, 1),)),
    Case("squeeze_all", lambda mb, x: mb.squeeze(x=x), (normal(1, 3, 1, 2),)),
    Case("concat", lambda mb, x, y: mb.concat(values=[x, y, x], axis=-1), (normal(2, 3), normal(2, 1))),
    Case(
        "concat_interleave",
        lambda mb, x, y: mb.concat(values=[x, y], axis=1, interleave=True),
        (normal(1, 3, 2), normal(1, 3, 2)),
        lambda x, y: np.stack([x, y], axis=2).reshape(1, 6, 2),
    ),
    Case("stack", lambda mb, x, y: mb.stack(values=[x, y], axis=1), (normal(2, 3), normal(2, 3))),
    Case("split", lambda mb, x: mb.split(x=x, num_splits=3, axis=1), (normal(2, 6),)),
    Case("split_sizes", lambda mb, x: mb.split(x=x, split_sizes=[1, 3, 2], axis=-1), (normal(2, 6),)),
    Case("slice", lambda mb, x: mb.slice_by_index(x=x, begin=[0, 1], end=[2, -1]), (normal(3, 6),)),
    Case(
        "slice_masks",
        lambda mb, x: mb.slice_by_index(
            x=x,
            begin=[0, 4, 1],
            end=[0, 0, 9],
            stride=[1, -2, 2],
            begin_mask=[True, False, False],
            end_mask=[True, False, True],
            squeeze_mask=[False, False, False],
        ),
        (normal(3, 6, 5),),
        lambda x: x[:, 4:0:-2, 1::2],
    ),
    Case(
        "slice_squeeze",
        lambda mb, x: mb.slice_by_index(
            x=x, begin=[0, -1], end=[2, 0], squeeze_mask=[False, True], end_mask=[False, False]
        ),
        (normal(3, 6),),
        lambda x: x[0:2, -1],
    ),
    Case("slice_size", lambda mb, x: mb.slice_by_size(x=x, begin=[1, 2], size=[2, -1]), (normal(4, 6),)),
    Case("tile", lambda mb, x: mb.tile(x=x, reps=[2, 3]), (normal(2, 3),)),
    Case("pad", lambda mb, x: mb.pad(x=x, pad=[1, 2, 0, 3], constant_val=7.0), (normal(2, 3),)),
    Case("pad_reflect", lambda mb, x: mb.pad(x=x, pad=[0, 0, 0, 0, 1, 1, 2, 0], mode="reflect"), (normal(1, 1, 4, 4),)),
    Case(
        "pad_replicate",
        lambda mb, x: mb.pad(x=x, pad=[0, 0, 0, 0, 1, 1, 2, 0], mode="replicate"),
        (normal(1, 1, 4, 4),),
    ),
    Case(
        "gather",
        lambda mb, x: mb.gather(x=x, indices=np.array([[2, 0], [-1, 1]], np.int32), axis=1),
        (normal(2, 3, 2),),
        lambda x: np.take(x, [[2, 0], [-1, 1]], axis=1),
    ),
    Case("fill_like", lambda mb, x: mb.add(x=x, y=mb.fill(shape=[2, 3], value=4.0)), (normal(2, 3),), lambda x: x + 4),
    Case(
        "pixel_shuffle",
        lambda mb, x: mb.pixel_shuffle(x=x, upscale_factor=2),
        (normal(1, 8, 2, 3),),
        _torch(lambda x: F.pixel_shuffle(x, 2)),
    ),
    Case(
        "pixel_unshuffle",
        lambda mb, x: mb.pixel_unshuffle(x=x, downscale_factor=np.uint32(2)),
        (normal(1, 2, 4, 6),),
        _torch(lambda x: F.pixel_unshuffle(x, 2)),
    ),
    Case(
        "depth_and_space",
        lambda mb, x: mb.depth_to_space(x=mb.space_to_depth(x=x, block_size=2), block_size=2),
        (normal(1, 3, 4, 6),),
        lambda x: x,
    ),
    Case(
        "space_to_depth",
        lambda mb, x: mb.space_to_depth(x=x, block_size=2),
        (normal(1, 3, 4, 6),),
        lambda x: np.concatenate([x[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)], axis=1),
    ),
    Case(
        "nearest",
        lambda mb, x: mb.upsample_nearest_neighbor(x=x, scale_factor_height=2, scale_factor_width=3),
        (normal(1, 2, 3, 2),),
        lambda x: x.repeat(2, axis=2).repeat(3, axis=3),
    ),
    Case(
        "bilinear",
        lambda mb, x: mb.upsample_bilinear(x=x, scale_factor_height=2.0, scale_factor_width=2.0, align_corners=False),
        (normal(1, 2, 3, 4),),
        _torch(lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)),
    ),
    Case(
        "bilinear_corners",
        lambda mb, x: mb.upsample_bilinear(x=x, scale_factor_height=2.0, scale_factor_width=2.0, align_corners=True),
        (normal(1, 2, 3, 4),),
        _torch(lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)),
    ),
    Case(
        "resize",
        lambda mb, x: mb.resize_bilinear(
            x=x, target_size_height=5, target_size_width=7, sampling_mode="UNALIGN_CORNERS"
        ),
        (normal(1, 2, 3, 4),),
        _torch(lambda x: F.interpolate(x, (5, 7), mode="bilinear", align_corners=False)),
    ),
]

_W = normal(6, 2, 3, 3)
_B = normal(6)
_D = normal(4, 1, 5, 5)


def _conv(x: Array, weight: Array, bias: Array | None, pad: list[tuple[int, int]], **options: Any) -> Any:
    """Convolution by the definition: padding written out, then torch without any."""
    padded = np.pad(x, [(0, 0), (0, 0), *pad])
    offset = None if bias is None else torch.from_numpy(bias)
    return F.conv2d(torch.from_numpy(padded), torch.from_numpy(weight), offset, **options)


CONVOLUTIONS = [
    Case(
        "conv_valid",
        lambda mb, x: mb.conv(x=x, weight=_W, bias=_B, pad_type="valid"),
        (normal(1, 2, 7, 8),),
        lambda x: _conv(x, _W, _B, [(0, 0), (0, 0)]),
    ),
    Case(
        "conv_custom",
        lambda mb, x: mb.conv(x=x, weight=_W, pad_type="custom", pad=[1, 2, 0, 1], strides=[2, 1], dilations=[1, 2]),
        (normal(1, 2, 9, 8),),
        lambda x: _conv(x, _W, None, [(1, 2), (0, 1)], stride=(2, 1), dilation=(1, 2)),
    ),
    Case(
        "conv_same",
        lambda mb, x: mb.conv(x=x, weight=_W, bias=_B, pad_type="same", strides=[2, 2]),
        (normal(1, 2, 8, 7),),
        lambda x: _conv(x, _W, _B, [(0, 1), (1, 1)], stride=2),
    ),
    Case(
        "conv_same_lower",
        lambda mb, x: mb.conv(x=x, weight=_W, bias=_B, pad_type="same_lower", strides=[2, 2]),
        (normal(1, 2, 8, 7),),
        lambda x: _conv(x, _W, _B, [(1, 0), (1, 1)], stride=2),
    ),
    Case(
        "conv_depthwise",
        lambda mb, x: mb.conv(x=x, weight=_D, pad_type="custom", pad=[2, 2, 2, 2], groups=4),
        (normal(1, 4, 6, 6),),
        lambda x: _conv(x, _D, None, [(2, 2), (2, 2)], groups=4),
    ),
    Case(
        "conv_1d",
        lambda mb, x: mb.conv(x=x, weight=_W[:, :, 0], pad_type="custom", pad=[1, 1]),
        (normal(1, 2, 9),),
        _torch(lambda x: F.conv1d(x, torch.from_numpy(_W[:, :, 0].copy()), padding=1)),
    ),
    Case(
        "avg_pool",
        lambda mb, x: mb.avg_pool(x=x, kernel_sizes=[2, 3], strides=[2, 1], pad_type="valid"),
        (normal(1, 2, 6, 7),),
        _torch(lambda x: F.avg_pool2d(x, (2, 3), (2, 1))),
    ),
    Case(
        "avg_pool_unit_strides",
        lambda mb, x: mb.avg_pool(x=x, kernel_sizes=[2, 2], pad_type="valid"),
        (normal(1, 2, 4, 5),),
        _torch(lambda x: F.avg_pool2d(x, 2, 1)),
    ),
    Case(
        "avg_pool_counted",
        lambda mb, x: mb.avg_pool(x=x, kernel_sizes=[3, 3], strides=[2, 2], pad_type="custom", pad=[1, 1, 1, 1]),
        (normal(1, 2, 7, 7),),
        _torch(lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=True)),
    ),
    Case(
        "avg_pool_excluded",
        lambda mb, x: mb.avg_pool(
            x=x,
            kernel_sizes=[3, 3],
            strides=[2, 2],
            pad_type="custom",
            pad=[1, 1, 1, 1],
            exclude_padding_from_average=True,
        ),
        (normal(1, 2, 7, 7),),
        _torch(lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)),
    ),
    Case(
        "avg_pool_lopsided",
        lambda mb, x: mb.avg_pool(
            x=x,
            kernel_sizes=[2, 2],
            strides=[2, 2],
            pad_type="custom",
            pad=[0, 1, 1, 0],
            exclude_padding_from_average=True,
        ),
        (normal(1, 2, 5, 5),),
        _torch(
            lambda x: (
                F.pad(x, (1, 0, 0, 1)).unfold(2, 2, 2).unfold(3, 2, 2).sum((-1, -2))
                / F.pad(torch.ones_like(x), (1, 0, 0, 1)).unfold(2, 2, 2).unfold(3, 2, 2).sum((-1, -2))
            )
        ),
    ),
    Case(
        "avg_pool_ceil",
        lambda mb, x: mb.avg_pool(x=x, kernel_sizes=[2, 2], strides=[2, 2], pad_type="valid", ceil_mode=True),
        (normal(1, 2, 5, 7),),
        _torch(lambda x: F.avg_pool2d(x, 2, 2, ceil_mode=True, count_include_pad=False)),
    ),
    Case(
        "avg_pool_1d",
        lambda mb, x: mb.avg_pool(x=x, kernel_sizes=[4], strides=[4], pad_type="valid"),
        (normal(1, 2, 16),),
        lambda x: x.reshape(1, 2, 4, 4).mean(-1),
    ),
    Case(
        "max_pool",
        lambda mb, x: mb.max_pool(x=x, kernel_sizes=[3, 3], strides=[2, 2], pad_type="custom", pad=[1, 1, 1, 1]),
        (normal(1, 2, 7, 8) - 9,),
        _torch(lambda x: F.max_pool2d(x, 3, 2, 1)),
    ),
]

_G, _S = normal(4), positive(4)
_M = normal(4)
_AXES = (1, 2)

NORMALIZATIONS = [
    Case(
        "batch_norm",
        lambda mb, x: mb.batch_norm(x=x, mean=_M, variance=_S, gamma=_G, beta=_M, epsilon=0.1),
        (normal(1, 4, 3, 2),),
        lambda x: (
            _G.reshape(4, 1, 1) * (x - _M.reshape(4, 1, 1)) / np.sqrt(_S.reshape(4, 1, 1) + 0.1) + _M.reshape(4, 1, 1)
        ),
    ),
    Case(
        "batch_norm_plain",
        lambda mb, x: mb.batch_norm(x=x, mean=_M, variance=_S),
        (normal(2, 4, 3),),
        lambda x: (x - _M.reshape(4, 1)) / np.sqrt(_S.reshape(4, 1) + 1e-5),
    ),
    Case(
        "instance_norm",
        lambda mb, x: mb.instance_norm(x=x, gamma=_G, beta=_M, epsilon=0.2),
        (normal(1, 4, 3, 5),),
        lambda x: (
            _G.reshape(4, 1, 1) * (x - x.mean((2, 3), keepdims=True)) / np.sqrt(x.var((2, 3), keepdims=True) + 0.2)
            + _M.reshape(4, 1, 1)
        ),
    ),
    Case(
        "layer_norm_last",
        lambda mb, x: mb.layer_norm(x=x, axes=[-1], gamma=_G, beta=_M, epsilon=0.1),
        (normal(2, 3, 4),),
        lambda x: _G * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 0.1) + _M,
    ),
    Case(
        "layer_norm_channels",
        lambda mb, x: mb.layer_norm(x=x, axes=[1], gamma=_G, beta=_M, epsilon=0.1),
        (normal(1, 4, 3, 2),),
        lambda x: (
            _G.reshape(4, 1, 1) * (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 0.1)
            + _M.reshape(4, 1, 1)
        ),
    ),
    Case(
        "layer_norm_plain",
        lambda mb, x: mb.layer_norm(x=x, axes=[1, 2]),
        (normal(2, 3, 4),),
        lambda x: (x - x.mean(_AXES, keepdims=True)) / np.sqrt(x.var(_AXES, keepdims=True) + 1e-5),
    ),
    Case(
        "l2_norm",
        lambda mb, x: mb.l2_norm(x=x, epsilon=0.3),
        (normal(2, 3, 4, 2),),
        lambda x: x / np.sqrt((x * x).sum((1, 2, 3), keepdims=True) + 0.3),
    ),
]

_L = normal(5, 4)

PRODUCTS = [
    Case(
        "linear",
        lambda mb, x: mb.linear(x=x, weight=_L, bias=normal(5) * 0 + 2),
        (normal(2, 3, 4),),
        lambda x: x @ _L.T + 2,
    ),
    Case("matmul", lambda mb, x, y: mb.matmul(x=x, y=y), (normal(2, 3, 4), normal(1, 4, 5))),
    Case(
        "matmul_transposed",
        lambda mb, x, y: mb.matmul(x=x, y=y, transpose_x=True, transpose_y=True),
        (normal(2, 4, 3), normal(2, 5, 4)),
    ),
    Case(
        "einsum",
        lambda mb, x, y: mb.einsum(values=(x, y), equation="abcd,adce->abce"),
        (normal(1, 2, 3, 4), normal(1, 4, 3, 5)),
    ),
]

IOS18 = [
    Case(
        "attention",
        lambda mb, q, k, v: mb.scaled_dot_product_attention(query=q, key=k, value=v),
        (normal(1, 2, 5, 4), normal(1, 2, 3, 4), normal(1, 2, 3, 6)),
    ),
    Case(
        "attention_mask",
        lambda mb, q, k, v: mb.scaled_dot_product_attention(
            query=q, key=k, value=v, attn_mask=np.array([[True, False, True]] * 5)
        ),
        (normal(1, 2, 5, 4), normal(1, 2, 3, 4), normal(1, 2, 3, 6)),
    ),
    Case(
        "attention_bias",
        lambda mb, q, k, v: mb.scaled_dot_product_attention(
            query=q, key=k, value=v, attn_mask=_f32([[0.5, -1.0, 2.0]] * 5)
        ),
        (normal(1, 2, 5, 4), normal(1, 2, 3, 4), normal(1, 2, 3, 6)),
    ),
]

_QS, _QZ = _f32([0.1, 0.25, 0.5]), _i8([3, -7, 0])

IOS17 = [
    Case(
        "quantized",
        lambda mb, x: mb.dequantize(
            input=mb.quantize(input=x, scale=np.float32(0.1), output_dtype="int8"), scale=np.float32(0.1)
        ),
        (_f32([[-20, -0.25, -0.05, 0.05, 0.15, 0.25, 30]]),),
        lambda x: np.clip(np.round(x / np.float32(0.1)), -128, 127) * np.float32(0.1),
    ),
    Case(
        "quantized_unsigned",
        lambda mb, x: mb.dequantize(
            input=mb.quantize(input=x, scale=np.float32(0.1), zero_point=np.uint8(10), output_dtype="uint8"),
            scale=np.float32(0.1),
            zero_point=np.uint8(10),
        ),
        (2 * normal(3, 7),),
        lambda x: (np.clip(np.round(x / np.float32(0.1)) + 10, 0, 255) - 10) * np.float32(0.1),
    ),
    Case(
        "quantized_axis",
        lambda mb, x: mb.dequantize(
            input=mb.quantize(input=x, scale=_QS, zero_point=_QZ, axis=1, output_dtype="int8"),
            scale=_QS,
            zero_point=_QZ,
            axis=1,
        ),
        (30 * normal(2, 3, 4),),
        lambda x: (
            (np.clip(np.round(x / _QS.reshape(3, 1)) + _QZ.reshape(3, 1), -128, 127) - _QZ.reshape(3, 1))
            * _QS.reshape(3, 1)
        ),
    ),
]

GROUPS: dict[str, tuple[int, list[Case]]] = {
    "unary": (16, UNARY),
    "binary": (16, BINARY),
    "reductions": (16, REDUCTIONS),
    "shapes": (16, SHAPES),
    "convolutions": (16, CONVOLUTIONS),
    "normalizations": (16, NORMALIZATIONS),
    "products": (16, PRODUCTS),
    "quantization": (17, IOS17),
    "attention": (18, IOS18),
}
"""Group -> the oldest iOS that has its operators, and the cases."""
