"""Convert a module, write the file, read it back, run it with LiteRT and compare it with PyTorch."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.export import ExportedProgram

from edgevit.backends.tflite.emission import emit, lower
from edgevit.backends.tflite.emitter import Runtime
from edgevit.backends.tflite.graph import DType, Graph
from edgevit.backends.tflite.inputs import InputSpec
from edgevit.types import Precision

TOLERANCE = 2e-6
"""Largest |difference| / max |reference|: float32 sums in another order."""


class Call(nn.Module):
    """A function as a module, which owns the layers that the function closes over."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        cells = getattr(function, "__closure__", None) or ()
        self._layers = nn.ModuleList(c.cell_contents for c in cells if isinstance(c.cell_contents, nn.Module))
        self._function = function

    def forward(self, *inputs: Tensor) -> Any:
        return self._function(*inputs)


class Each(nn.Module):
    """Several layers or functions side by side on the same inputs: one file tests them all."""

    def __init__(self, parts: Mapping[str, nn.Module | Callable[..., Any]]) -> None:
        super().__init__()
        self.names = tuple(parts)
        self.parts = nn.ModuleList(p if isinstance(p, nn.Module) else Call(p) for p in parts.values())

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return tuple(part(*inputs) for part in self.parts)


@dataclass(frozen=True)
class Ran:
    """What became of a module: its operators in the file, and as the runtime plans them."""

    ops: Counter[str]
    planned: Counter[str]
    outputs: list[NDArray[np.float32]]


def export(module: nn.Module | Callable[..., Any], *inputs: Tensor) -> ExportedProgram:
    network = module if isinstance(module, nn.Module) else Call(module)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.export.export(network.eval(), inputs)


def graph_of(module: nn.Module | Callable[..., Any], *inputs: Tensor, outputs: int = 1, **options: Any) -> Graph:
    return lower(export(module, *inputs), inputs=specs(inputs), outputs=names(outputs), **options)


def specs(inputs: Sequence[Tensor], *, channels_last: bool = False) -> list[InputSpec]:
    return [InputSpec(f"in{i}", channels_last=channels_last and x.dim() == 4) for i, x in enumerate(inputs)]


def names(count: int) -> list[str]:
    return [f"out{i}" for i in range(count)]


def check(
    folder: Path,
    module: nn.Module | Callable[..., Any],
    *inputs: Tensor,
    channels_last: bool = True,
    tolerance: float = TOLERANCE,
    precision: Precision = Precision.FP32,
    runtime: Runtime = Runtime.LITERT,
) -> Ran:
    """Assert that the written file computes what the module computes on ``inputs``."""
    network = module if isinstance(module, nn.Module) else Call(module)
    with torch.no_grad():
        result = network.eval()(*inputs)
    expected = list(result) if isinstance(result, (tuple, list)) else [result]
    interfaces = specs(inputs, channels_last=channels_last)
    content = emit(
        export(network, *inputs), inputs=interfaces, outputs=names(len(expected)), precision=precision, runtime=runtime
    )
    path = folder / "model.tflite"
    path.write_bytes(content)
    ran = run(path, {spec.name: _physical(spec, x) for spec, x in zip(interfaces, inputs, strict=True)})
    labels = network.names if isinstance(network, Each) else names(len(expected))
    for label, reference, actual in zip(labels, expected, ran.outputs, strict=True):
        assert actual.shape == tuple(reference.shape), label
        scale = max(float(reference.abs().max()), 1e-30)
        assert np.abs(actual - reference.numpy()).max() / scale <= tolerance, label
    return ran


def _physical(spec: InputSpec, x: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = (x.permute(0, 2, 3, 1) if spec.channels_last else x).contiguous().numpy()
    return array


def run(path: Path, inputs: dict[str, NDArray[Any]]) -> Ran:
    interpreter = Interpreter(model_content=path.read_bytes(), num_threads=1)
    before = Counter(str(op["op_name"]) for op in interpreter._get_ops_details())
    interpreter.allocate_tensors()
    planned = Counter(str(op["op_name"]) for op in interpreter._get_ops_details())
    outputs = interpreter.get_signature_runner()(**inputs)
    return Ran(before, planned, [outputs[name] for name in names(len(outputs))])


def images(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


__all__ = ["Call", "DType", "Each", "Ran", "check", "export", "graph_of", "images", "names", "run", "specs"]
