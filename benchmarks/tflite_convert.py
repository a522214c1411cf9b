"""One conversion in a process of its own, for :mod:`benchmarks.tflite`: ``python -m benchmarks.tflite_convert``."""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from edgevit.backends.base import ConversionRequest
from edgevit.mobile.adapt import adapt
from edgevit.mobile.rewrite import Target
from edgevit.models.outputs import select_output
from edgevit.reparam.proof import reparameterize
from edgevit.types import Head, LoadedModel, Precision
from edgevit.weights import load_model


def _ours(model: LoadedModel, path: Path) -> Callable[[], object]:
    """Return our conversion: a normalized float image in, like theirs."""
    from edgevit.backends.tflite import PixelType, convert

    folded = reparameterize(model)

    def run() -> object:
        adapted = adapt(folded, head=Head.LOGITS, target=Target.TFLITE)
        return convert(adapted, ConversionRequest(precision=Precision.FP32), path, pixels=PixelType.FLOAT32)

    return run


def _theirs(model: LoadedModel, path: Path, *, folded: bool) -> Callable[[], object]:
    """Return litert-torch's conversion of the official structure, channels last."""
    litert_torch = importlib.import_module("litert_torch")  # only in the environment that was named
    module = (reparameterize(model).module if folded else model.module).eval()
    example = (torch.zeros(1, *model.spec.input_size, 3),)

    def run() -> object:
        channels_last = litert_torch.to_channel_last_io(module, args=[0]).eval()
        return litert_torch.convert(channels_last, example).export(str(path))

    return run


def main(form: str, name: str, folder: str) -> None:
    """Convert and print the CPU seconds as JSON."""
    torch.set_num_threads(1)
    model = select_output(load_model(name, "random"), Head.LOGITS)
    path = Path(folder) / f"{form}.tflite"
    run = _ours(model, path) if form == "ours" else _theirs(model, path, folded=form == "folded")
    begin = time.process_time()
    run()
    print(json.dumps({"cpu_seconds": time.process_time() - begin}))


if __name__ == "__main__":
    main(*sys.argv[1:])
