"""Multiply-accumulates of a TFLite file, and the best rate at which this core does them.

python -m benchmarks.rates
"""

from __future__ import annotations

import json
import math
import tempfile
import time
from pathlib import Path

import torch
from torch import nn

from edgevit.backends.tflite.emission import emit
from edgevit.backends.tflite.inputs import InputSpec
from edgevit.verification.tflite.model import Operator, TFLiteModel

_POINTWISE = ((256, 32), (512, 16), (1024, 16))
"""Channels and side of the 1x1 convolutions that are tried."""

_RUNS = 30


def macs(model: TFLiteModel) -> int:
    """Return the multiply-accumulates of convolutions and matrix products in one run."""
    return sum(_macs(operator) for operator in model.main.operators)


def _macs(operator: Operator) -> int:
    if operator.kind not in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "BATCH_MATMUL"):
        return 0
    shapes = [tensor.shape for tensor in operator.inputs if tensor is not None]
    first, second, *_ = shapes
    if operator.kind == "BATCH_MATMUL":
        return math.prod(operator.outputs[0].shape) * first[-1]
    taps = math.prod(second[1:3]) if operator.kind == "DEPTHWISE_CONV_2D" else math.prod(second[1:])
    return math.prod(operator.outputs[0].shape) * taps


def best_rate() -> float:
    """Return the highest GFLOP/s of a 1x1 convolution on one thread, in thread CPU time."""
    return max(_rate(channels, side) for channels, side in _POINTWISE)


def _rate(channels: int, side: int) -> float:
    from ai_edge_litert.interpreter import Interpreter

    torch.manual_seed(0)
    layer = nn.Conv2d(channels, channels, 1).eval()
    program = torch.export.export(layer, (torch.zeros(1, channels, side, side),))
    with tempfile.TemporaryDirectory(prefix="edgevit-bench-") as folder:
        path = Path(folder) / "pointwise.tflite"
        path.write_bytes(emit(program, inputs=[InputSpec("image", channels_last=True)], outputs=["map"]))
        interpreter = Interpreter(model_path=str(path), num_threads=1)
        interpreter.allocate_tensors()
        interpreter.invoke()
        times = []
        for _ in range(_RUNS):
            begin = time.thread_time()
            interpreter.invoke()
            times.append(time.thread_time() - begin)
    return 2e-9 * channels**2 * side**2 / min(times)


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(json.dumps({"gflops": best_rate()}))
