"""Networks in other runtimes, each with one image in it, to be timed in turns with TFLite files."""

from __future__ import annotations

import importlib
import importlib.util
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.tflite_time import Timed, take_turns
from edgevit.backends.tflite.emission import emit
from edgevit.backends.tflite.inputs import InputSpec

__all__ = ["TimedModule", "compiled", "medians", "onnx", "write_tflite"]

_TURN_SECONDS = 0.02
_OPSET = 18


class TimedModule:
    """A function of one tensor, run by whatever it is made of."""

    def __init__(self, function: Callable[[Tensor], object], example: Tensor) -> None:
        self._function, self._example = function, example
        with torch.no_grad():
            function(example)

    @torch.no_grad()
    def milliseconds(self) -> float:
        """Return the median time of a run in this turn, after one that warms the caches up."""
        self._function(self._example)
        times: list[float] = []
        while sum(times) < _TURN_SECONDS or len(times) < 2:
            begin = time.thread_time()
            self._function(self._example)
            times.append(time.thread_time() - begin)
        return 1e3 * statistics.median(times)


def compiled(module: nn.Module) -> Callable[[Tensor], object]:
    """Return the network compiled by torch.compile with its default backend."""
    function: Callable[[Tensor], object] = torch.compile(module)
    return function


def onnx(module: nn.Module, example: Tensor) -> Callable[[Tensor], object] | None:
    """Return the network run by onnxruntime on one thread; None where onnxruntime or onnx is not installed."""
    if importlib.util.find_spec("onnxruntime") is None or importlib.util.find_spec("onnx") is None:
        return None
    runtime = importlib.import_module("onnxruntime")
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="edgevit-bench-") as folder:
        warnings.simplefilter("ignore")  # the exporter warns about itself
        path = Path(folder) / "network.onnx"
        torch.onnx.export(module, (example,), str(path), opset_version=_OPSET, dynamo=False)
        content = path.read_bytes()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda x: session.run(None, {name: x.numpy()})


def write_tflite(module: nn.Module, example: Tensor, path: Path, *, channels_last: bool = True) -> Path:
    """Write a network by edgevit's emitter, float32 in and out."""
    with torch.no_grad():
        program = torch.export.export(module.eval(), (example,))
    path.write_bytes(emit(program, inputs=[InputSpec("image", channels_last=channels_last)], outputs=["result"]))
    return path


def medians(subjects: Mapping[str, Timed], seconds: float) -> dict[str, float]:
    """Return the median milliseconds of each, timed in turns."""
    rounds = take_turns(subjects, seconds)
    return {name: statistics.median(row[name] for row in rounds) for name in subjects}
