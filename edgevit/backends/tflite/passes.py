"""Clean-ups of the finished graph that keep what it computes: folding into weights, fusing, dropping."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from edgevit.backends.tflite.builtins import FUSABLE, Activation, Builtin
from edgevit.backends.tflite.graph import DType, Tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgevit.backends.tflite.graph import Graph, Operator

__all__ = ["clean", "drop_unused", "fold_affine", "fuse_activations"]

_WEIGHTED = {Builtin.CONV_2D: 0, Builtin.DEPTHWISE_CONV_2D: 3, Builtin.FULLY_CONNECTED: 0}
"""Builtin -> axis of its weights that is the output channel."""

_FUSED = {
    Builtin.RELU: Activation.RELU,
    Builtin.RELU6: Activation.RELU6,
    Builtin.RELU_N1_TO_1: Activation.RELU_N1_TO_1,
}

_Merge = Callable[["Operator", "Operator"], bool]


def clean(graph: Graph) -> None:
    """Apply all clean-ups, in place."""
    drop_unused(graph)
    fold_affine(graph)
    fuse_activations(graph)
    drop_unused(graph)


def drop_unused(graph: Graph) -> None:
    """Drop operators that no output depends on."""
    needed = set(graph.outputs.values())
    kept = []
    for operator in reversed(graph.operators):
        if needed.intersection(operator.outputs):
            needed.update(operator.inputs)
            kept.append(operator)
    graph.operators = kept[::-1]


def fold_affine(graph: Graph) -> None:
    """Fold additions and multiplications by a constant a channel into the weights in front of them."""
    _merge_into_producers(graph, _fold)


def fuse_activations(graph: Graph) -> None:
    """Let an operator apply the activation that follows it."""
    _merge_into_producers(graph, _fuse)


def _merge_into_producers(graph: Graph, merge: _Merge) -> None:
    """Offer each operator to the only producer of what it reads, whose only reader it is; drop it where merged."""
    uses, producers = graph.uses(), graph.producers()
    kept = []
    for operator in graph.operators:
        computed = [producers[tensor] for tensor in operator.inputs if tensor in producers]
        producer = computed[0] if len(computed) == 1 else None
        if producer and len(producer.outputs) == uses[producer.outputs[0]] == 1 and merge(producer, operator):
            producer.outputs = operator.outputs
            producers[operator.outputs[0]] = producer
        else:
            kept.append(operator)
    graph.operators = kept


def _fuse(producer: Operator, operator: Operator) -> bool:
    if operator.kind not in _FUSED or producer.kind not in FUSABLE or _has_activation(producer):
        return False
    producer.attributes["fusedActivationFunction"] = _FUSED[operator.kind]
    return True


def _has_activation(operator: Operator) -> bool:
    return operator.attributes.get("fusedActivationFunction", Activation.NONE) != Activation.NONE


def _fold(producer: Operator, operator: Operator) -> bool:
    if producer.kind not in _WEIGHTED or operator.kind not in (Builtin.ADD, Builtin.MUL, Builtin.SUB):
        return False
    if _has_activation(producer) or _has_activation(operator):
        return False
    constant_first = operator.inputs[0].data is not None
    constant, weights, bias = operator.inputs[not constant_first].data, producer.inputs[1].data, producer.inputs[2].data
    if constant is None or weights is None or bias is None or constant.shape not in ((), bias.shape):
        return False
    if operator.outputs[0].shape != producer.outputs[0].shape:
        return False
    scale, shift = _affine(operator.kind, constant.astype(np.float64), constant_first=constant_first)
    full = np.broadcast_to(scale, bias.shape)
    axis = _WEIGHTED[producer.kind]
    per_channel = [-1 if d == axis else 1 for d in range(weights.ndim)]
    producer.inputs[1] = _replaced(producer.inputs[1], weights.astype(np.float64) * full.reshape(per_channel))
    producer.inputs[2] = _replaced(producer.inputs[2], bias.astype(np.float64) * full + shift)
    return True


def _affine(
    kind: Builtin, constant: NDArray[np.float64], *, constant_first: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the factor and the summand of an operator with one constant."""
    one, zero = np.ones(()), np.zeros(())
    if kind is Builtin.MUL:
        return constant, zero
    if kind is Builtin.ADD:
        return one, constant
    return (-one, constant) if constant_first else (one, -constant)


def _replaced(tensor: Tensor, data: NDArray[np.float64]) -> Tensor:
    return Tensor(tensor.name, tensor.shape, DType.FLOAT32, np.ascontiguousarray(data, np.float32))
