"""One conversion in a process of its own, for :mod:`benchmarks.tflite`: ``python -m benchmarks.tflite_convert``.

What a converter imports is imported before the clock starts, in ours as in theirs.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from edgevit.backends.base import ConversionRequest
from edgevit.mobile.adapt import adapt
from edgevit.mobile.rewrite import Target
from edgevit.models.outputs import select_output
from edgevit.reparam.proof import reparameterize
from edgevit.types import Head, LoadedModel, PixelType, Precision
from edgevit.weights import load_model


def _ours(model: LoadedModel, path: Path) -> Mapping[str, float]:
    """Write our file: a float image in, normalized inside; rewriting with its float64 proofs is counted apart."""
    from edgevit.backends.tflite import convert

    importlib.import_module("torch.export._trace")
    folded = reparameterize(model)
    begin = time.process_time()
    adapted = adapt(folded, head=Head.LOGITS, target=Target.TFLITE)
    rewriting = time.process_time() - begin
    request = ConversionRequest(precision=Precision.FP32, input_type=PixelType.FLOAT32)
    return {
        "rewrite_seconds": rewriting,
        "cpu_seconds": _cpu_seconds(lambda: convert(adapted, request, path)),
    }


def _theirs(model: LoadedModel, path: Path, *, folded: bool) -> Mapping[str, float]:
    """Write litert-torch's file of the official structure: a normalized float image in, channels last."""
    litert_torch = importlib.import_module("litert_torch")  # only in the environment that was named
    module = (reparameterize(model).module if folded else model.module).eval()
    example = (torch.zeros(1, *model.spec.input_size, 3),)

    def run() -> object:
        channels_last = litert_torch.to_channel_last_io(module, args=[0]).eval()
        return litert_torch.convert(channels_last, example).export(str(path))

    return {"cpu_seconds": _cpu_seconds(run)}


def _cpu_seconds(run: Callable[[], object]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


def main(form: str, name: str, folder: str) -> None:
    """Convert and print the CPU seconds as JSON."""
    torch.set_num_threads(1)
    model = select_output(load_model(name, "random"), Head.LOGITS)
    path = Path(folder) / f"{form}.tflite"
    figures = _ours(model, path) if form == "ours" else _theirs(model, path, folded=form == "folded")
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
