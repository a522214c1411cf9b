"""Putting a checkpoint's tensors into a network: all of them, of the right shape, finite, or one error with it all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from edgevit.errors import InputError, KeyMismatchError, NonFiniteWeightsError, listed
from edgevit.types import ModelSpec

__all__ = ["load_into"]

_FLOATS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
_INTEGERS = (torch.int64, torch.int32)


def load_into(module: nn.Module, tensors: Mapping[str, Tensor], spec: ModelSpec, source: str) -> None:
    """Copy ``tensors`` into ``module``; half and double precision become float32.

    Integer tensors describe structure (counters, index tables), which the network builds itself: a checkpoint may
    leave them out, but its tables may not contradict them.

    Args:
        module: Network of the right form; changed only if everything fits.
        tensors: Official name -> tensor.
        spec: What ``module`` was made for.
        source: The weights' name for people.

    Raises:
        KeyMismatchError: Missing, unknown or misshapen tensors, or of a type that holds no weights.
        NonFiniteWeightsError: NaN or infinity, and nothing else is wrong.
    """
    own = module.state_dict()
    problems = list(_problems(own, tensors))
    if problems:
        raise _error(problems, spec, source)
    module.load_state_dict(
        {name: tensors[name].to(mine.dtype) if name in tensors else mine for name, mine in own.items()}
    )


@dataclass(frozen=True, slots=True)
class _Problem:
    """One thing that does not fit; ``rows`` is the checkpoint's row count where nothing but that differs."""

    kind: str
    text: str
    rows: tuple[int, int] | None = None


def _problems(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> Iterator[_Problem]:
    """Yield everything that does not fit, names before shapes before values."""
    for name, mine in own.items():
        if name not in tensors and mine.is_floating_point():
            yield _Problem("missing", f"missing: {name} {_shape(mine)}")
    for name, tensor in tensors.items():
        if name not in own:
            yield _Problem("unknown", f"unknown: {ascii(name)[1:-1][:120]} {_shape(tensor)}")
    shared = [(name, mine, tensors[name]) for name, mine in own.items() if name in tensors]
    for name, mine, tensor in shared:
        yield from _value_problems(name, mine, tensor)


def _value_problems(name: str, mine: Tensor, tensor: Tensor) -> Iterator[_Problem]:
    if tensor.shape != mine.shape:
        text = f"misshapen: {name} is {_shape(tensor)}, but should be {_shape(mine)}"
        rows = (tensor.shape[0], mine.shape[0]) if _differ_in_rows_only(tensor, mine) else None
        yield _Problem("shape", text, rows)
    elif tensor.dtype not in (_FLOATS if mine.is_floating_point() else _INTEGERS):
        yield _Problem("type", f"wrong type: {name} is {_type(tensor)}, but should be {_type(mine)}")
    elif mine.is_floating_point():
        count = int((~tensor.to(mine.dtype).isfinite()).sum())
        if count:
            yield _Problem("value", f"not finite: {name} holds {count} NaN or infinite values")
    elif mine.ndim and not torch.equal(tensor.to(mine.dtype), mine):
        yield _Problem("table", f"contradicts the architecture: {name}")


def _differ_in_rows_only(one: Tensor, other: Tensor) -> bool:
    return one.ndim == other.ndim > 0 and one.shape[1:] == other.shape[1:]


def _error(problems: list[_Problem], spec: ModelSpec, source: str) -> InputError:
    why = listed([problem.text for problem in problems])
    if all(problem.kind == "value" for problem in problems):
        return NonFiniteWeightsError(
            f"The weights in '{source}' hold NaN or infinity.",
            why=why,
            help="Training diverged, or the file is damaged: take an earlier checkpoint, or fetch it again.",
        )
    classes = _classes_instead(problems, spec)
    if classes is not None:
        return KeyMismatchError(
            f"'{source}' has {classes} classes, but {spec.num_classes} were asked for.",
            why=why,
            help=f"Pass --num-classes {classes}, or fine-tune the network for {spec.num_classes} classes first.",
        )
    return KeyMismatchError(
        f"The weights in '{source}' do not fit {spec.title} at {spec.input_size[0]}x{spec.input_size[1]}.",
        why=why,
        help="Check that the file belongs to this model and variant.",
    )


def _classes_instead(problems: list[_Problem], spec: ModelSpec) -> int | None:
    """Return the checkpoint's class count, if the classifier's rows are all that differs."""
    rows = {problem.rows for problem in problems}
    theirs, ours = rows.pop() or (0, 0)
    return theirs if not rows and ours == spec.num_classes else None


def _shape(tensor: Tensor) -> str:
    return f"({', '.join(map(str, tensor.shape))})"


def _type(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
