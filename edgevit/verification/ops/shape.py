"""Operators that move data: reshapes, slices, joins, padding, gathers."""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor

from edgevit.verification.ops.registry import Arguments, bounded, op

__all__: list[str] = []


@op("reshape")
def _reshape(args: Arguments) -> Tensor:
    """New shape; 0 keeps a dimension, -1 is inferred."""
    x = args.tensor("x")
    shape = args.integers("shape")
    return x.reshape([x.shape[axis] if size == 0 else size for axis, size in enumerate(shape)])


@op("transpose")
def _transpose(args: Arguments) -> Tensor:
    return args.tensor("x").permute(args.integers("perm"))


@op("expand_dims")
def _expand_dims(args: Arguments) -> Tensor:
    """New axes of size 1 at these places of the result."""
    x, axes = args.tensor("x"), args.integers("axes")
    rank = x.dim() + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        x = x.unsqueeze(axis)
    return x


@op("squeeze")
def _squeeze(args: Arguments) -> Tensor:
    """Without the named axes, which must be of size 1; without any such axis where none is named."""
    x = args.tensor("x")
    axes = args.integers("axes", [axis for axis, size in enumerate(x.shape) if size == 1])
    for axis in sorted((axis % x.dim() for axis in axes), reverse=True):
        if x.shape[axis] != 1:
            raise ValueError(f"axis {axis} of size {x.shape[axis]} cannot be squeezed")
        x = x.squeeze(axis)
    return x


@op("concat")
def _concat(args: Arguments) -> Tensor:
    """Tensors joined along an axis; interleaved ones take turns element by element."""
    values, axis = args.tensors("values"), args.integer("axis")
    bounded(sum(value.numel() for value in values))
    if not args.flag("interleave"):
        return torch.cat(values, axis)
    axis %= values[0].dim()
    return torch.stack(values, axis + 1).flatten(axis, axis + 1)


@op("stack")
def _stack(args: Arguments) -> Tensor:
    return torch.stack(args.tensors("values"), args.integer("axis"))


@op("split")
def _split(args: Arguments) -> tuple[Tensor, ...]:
    """Parts along an axis, by count or by sizes."""
    x, axis = args.tensor("x"), args.integer("axis")
    if args.has("split_sizes"):
        sizes = args.integers("split_sizes")
    else:
        parts = args.integer("num_splits")
        sizes = [x.shape[axis] // max(parts, 1)] * min(parts, x.shape[axis])
    if sum(sizes) != x.shape[axis]:
        raise ValueError(f"axis {axis} of size {x.shape[axis]} does not split in {sizes}")
    starts = itertools.accumulate(sizes, initial=0)
    return tuple(x.narrow(axis, start, size) for start, size in zip(starts, sizes, strict=False))


@op("slice_by_index")
def _slice_by_index(args: Arguments) -> Tensor:
    """Return ``x[begin:end:stride]`` on each axis; masks take the whole range, or one element without its axis."""
    x = args.tensor("x")
    begin, end, stride = args.integers("begin"), args.integers("end"), args.integers("stride", [1] * x.dim())
    from_start, to_end, single = (args.flags(f"{name}_mask", x.dim()) for name in ("begin", "end", "squeeze"))
    for axis in reversed(range(x.dim())):
        if single[axis]:
            x = x.select(axis, begin[axis])
            continue
        bounds = slice(
            None if from_start[axis] else begin[axis], None if to_end[axis] else end[axis], stride[axis]
        ).indices(x.shape[axis])
        x = _strided(x, axis, range(*bounds))
    return x


def _strided(x: Tensor, axis: int, places: range) -> Tensor:
    if places.step > 0:
        return x[(slice(None),) * axis + (slice(places.start, max(places.stop, places.start), places.step),)]
    return x.index_select(axis, torch.tensor(list(places), dtype=torch.int64))


@op("slice_by_size")
def _slice_by_size(args: Arguments) -> Tensor:
    """Return ``size`` elements from ``begin`` on each axis; -1 takes the rest."""
    x = args.tensor("x")
    for axis, (begin, size) in enumerate(zip(args.integers("begin"), args.integers("size"), strict=True)):
        x = x.narrow(axis, begin, x.shape[axis] - begin if size == -1 else size)
    return x


@op("tile")
def _tile(args: Arguments) -> Tensor:
    x, repetitions = args.tensor("x"), args.integers("reps")
    bounded(*(size * times for size, times in zip(x.shape, repetitions, strict=True)))
    return x.repeat(repetitions)


_PAD_MODES = {"reflect": "reflect", "replicate": "replicate"}


@op("pad")
def _pad(args: Arguments) -> Tensor:
    """Padding of the last axes: (before, after) of each, first axis first."""
    x, flat, mode = args.tensor("x"), args.integers("pad"), args.text("mode", "constant")
    pairs = list(zip(flat[0::2], flat[1::2], strict=True))
    first = x.dim() - len(pairs)
    bounded(*x.shape[:first], *(size + sum(pair) for size, pair in zip(x.shape[first:], pairs, strict=True)))
    sides = [side for pair in reversed(pairs) for side in pair]
    if mode == "constant":
        return F.pad(x, sides, value=args.number("constant_val", 0.0))
    while len(sides) > 2 and sides[-2:] == [0, 0]:
        sides = sides[:-2]
    return F.pad(x, sides, mode=_PAD_MODES[mode])


@op("gather")
def _gather(args: Arguments) -> Tensor:
    """Slices of ``x`` along ``axis`` at the indices, whose axes take the place of ``axis``; negatives count back."""
    x, indices = args.tensor("x"), args.tensor("indices").long()
    axis = args.integer("axis", 0) % x.dim()
    if args.integer("batch_dims", 0):
        raise NotImplementedError("gather with batch dimensions")
    shape = bounded(*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
    indices = torch.where(indices < 0, indices + x.shape[axis], indices)
    return x.index_select(axis, indices.reshape(-1)).reshape(shape)


@op("shape")
def _shape(args: Arguments) -> Tensor:
    return torch.tensor(args.tensor("x").shape, dtype=torch.int32)


@op("fill")
def _fill(args: Arguments) -> Tensor:
    value = args.optional("value")
    shape = bounded(*args.integers("shape"))
    return torch.zeros(shape) if value is None else value.reshape(()).expand(shape).clone()


@op("pixel_shuffle")
def _pixel_shuffle(args: Arguments) -> Tensor:
    return F.pixel_shuffle(args.tensor("x"), args.integer("upscale_factor"))


@op("pixel_unshuffle")
def _pixel_unshuffle(args: Arguments) -> Tensor:
    return F.pixel_unshuffle(args.tensor("x"), args.integer("downscale_factor"))


@op("space_to_depth")
def _space_to_depth(args: Arguments) -> Tensor:
    """Blocks of pixels to channels, the place in the block slowest (unlike ``pixel_unshuffle``)."""
    x, block = args.tensor("x"), args.integer("block_size")
    n, c, h, w = x.shape
    cells = x.reshape(n, c, h // block, block, w // block, block)
    return cells.permute(0, 3, 5, 1, 2, 4).reshape(n, c * block * block, h // block, w // block)


@op("depth_to_space")
def _depth_to_space(args: Arguments) -> Tensor:
    """The inverse of ``space_to_depth``."""
    x, block = args.tensor("x"), args.integer("block_size")
    n, c, h, w = x.shape
    cells = x.reshape(n, block, block, c // block**2, h, w)
    return cells.permute(0, 3, 4, 1, 5, 2).reshape(n, c // block**2, h * block, w * block)
