"""Element-wise operators: arithmetic, comparisons, activations, casts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from edgevit.verification.dtypes import TORCH_TYPES
from edgevit.verification.ops.registry import OPS, Arguments, bounded, op

__all__: list[str] = []


def _real_div(x: Tensor, y: Tensor) -> Tensor:
    """Quotient of floats; integers round toward minus infinity, as ``real_div`` is documented for i32."""
    return x / y if x.is_floating_point() else torch.div(x, y, rounding_mode="floor")


def _floor_div(x: Tensor, y: Tensor) -> Tensor:
    return torch.div(x, y, rounding_mode="floor")


_BINARY: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "real_div": _real_div,
    "floor_div": _floor_div,
    "mod": torch.remainder,
    "pow": torch.pow,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "equal": torch.eq,
    "not_equal": torch.ne,
    "greater": torch.gt,
    "greater_equal": torch.ge,
    "less": torch.lt,
    "less_equal": torch.le,
    "logical_and": torch.logical_and,
    "logical_or": torch.logical_or,
    "logical_xor": torch.logical_xor,
}

_UNARY: Mapping[str, Callable[[Tensor], Tensor]] = {
    "abs": torch.abs,
    "acos": torch.acos,
    "asin": torch.asin,
    "atan": torch.atan,
    "ceil": torch.ceil,
    "cos": torch.cos,
    "cosh": torch.cosh,
    "erf": torch.erf,
    "exp": torch.exp,
    "exp2": torch.exp2,
    "floor": torch.floor,
    "logical_not": torch.logical_not,
    "relu": F.relu,
    "relu6": F.relu6,
    "round": torch.round,
    "sigmoid": torch.sigmoid,
    "sign": torch.sign,
    "silu": F.silu,
    "sin": torch.sin,
    "sinh": torch.sinh,
    "softplus": F.softplus,
    "softsign": F.softsign,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "tan": torch.tan,
    "tanh": torch.tanh,
}

_GELU: Mapping[str, Callable[[Tensor], Tensor]] = {
    "EXACT": F.gelu,
    "TANH_APPROXIMATION": lambda x: F.gelu(x, approximate="tanh"),
    "SIGMOID_APPROXIMATION": lambda x: x * torch.sigmoid(1.702 * x),
}


def _binary(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Arguments], Tensor]:
    def run(args: Arguments) -> Tensor:
        x, y = args.tensor("x"), args.tensor("y")
        bounded(*torch.broadcast_shapes(x.shape, y.shape))  # type: ignore[no-untyped-call]
        return function(x, y)

    return run


def _unary(function: Callable[[Tensor], Tensor]) -> Callable[[Arguments], Tensor]:
    return lambda args: function(args.tensor("x"))


OPS.update({name: _binary(function) for name, function in _BINARY.items()})
OPS.update({name: _unary(function) for name, function in _UNARY.items()})


@op("identity")
def _identity(args: Arguments) -> Tensor:
    return args.tensor("x")


@op("cast")
def _cast(args: Arguments) -> Tensor:
    """Conversion to the named type; rounding to half is the evaluator's business, floats truncate to integers."""
    return args.tensor("x").to(TORCH_TYPES[args.text("dtype")])


@op("gelu")
def _gelu(args: Arguments) -> Tensor:
    return _GELU[args.text("mode", "EXACT")](args.tensor("x"))


@op("softmax")
def _softmax(args: Arguments) -> Tensor:
    return torch.softmax(args.tensor("x"), args.integer("axis", -1))


@op("rsqrt")
def _rsqrt(args: Arguments) -> Tensor:
    return torch.rsqrt(args.tensor("x") + args.number("epsilon", 1e-12))


@op("log")
def _log(args: Arguments) -> Tensor:
    return torch.log(args.tensor("x") + args.number("epsilon", 1e-45))


@op("inverse")
def _inverse(args: Arguments) -> Tensor:
    return torch.reciprocal(args.tensor("x") + args.number("epsilon", 1e-4))


@op("clip")
def _clip(args: Arguments) -> Tensor:
    return torch.clamp(args.tensor("x"), args.number("alpha"), args.number("beta"))


@op("threshold")
def _threshold(args: Arguments) -> Tensor:
    """Return ``max(x, alpha)``."""
    return torch.clamp(args.tensor("x"), min=args.number("alpha"))


@op("thresholded_relu")
def _thresholded_relu(args: Arguments) -> Tensor:
    """Return ``x`` where it is at least alpha, else 0."""
    x = args.tensor("x")
    return torch.where(x >= args.number("alpha"), x, 0.0)


@op("clamped_relu")
def _clamped_relu(args: Arguments) -> Tensor:
    """Return ``min(beta, x)`` above zero and ``min(beta, alpha * x)`` below."""
    return torch.clamp(F.leaky_relu(args.tensor("x"), args.number("alpha")), max=args.number("beta"))


@op("leaky_relu")
def _leaky_relu(args: Arguments) -> Tensor:
    return F.leaky_relu(args.tensor("x"), args.number("alpha"))


@op("elu")
def _elu(args: Arguments) -> Tensor:
    return F.elu(args.tensor("x"), args.number("alpha"))


@op("prelu")
def _prelu(args: Arguments) -> Tensor:
    """Leaky ReLU with one slope for each channel (axis 1)."""
    return F.prelu(args.tensor("x"), args.tensor("alpha"))


@op("linear_activation")
def _linear_activation(args: Arguments) -> Tensor:
    return args.tensor("x") * args.number("alpha") + args.number("beta")


@op("sigmoid_hard")
def _sigmoid_hard(args: Arguments) -> Tensor:
    return torch.clamp(args.tensor("x") * args.number("alpha") + args.number("beta"), 0.0, 1.0)


@op("scaled_tanh")
def _scaled_tanh(args: Arguments) -> Tensor:
    return args.number("alpha") * torch.tanh(args.tensor("x") * args.number("beta"))


@op("select")
def _select(args: Arguments) -> Tensor:
    return torch.where(args.tensor("cond").bool(), args.tensor("a"), args.tensor("b"))
