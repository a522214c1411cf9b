"""Our TFLite files against PyTorch and onnxruntime on the same CPU, one variant a family; printed as Markdown.

    python -m benchmarks.runtimes [--only fastvit_t8 ...] [--seconds 20]

One thread, one image, thread CPU time, everything in turns in one process. The columns are times divided by that of
our file. onnxruntime is measured where it is installed (extra ``bench``).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.runners import TimedModule, compiled, medians, onnx
from benchmarks.tflite_time import Timed, TimedFile
from edgevit.backends.base import ConversionRequest
from edgevit.backends.tflite import convert
from edgevit.mobile.adapt import adapt
from edgevit.mobile.rewrite import Target
from edgevit.models.outputs import select_output
from edgevit.models.registry import get_spec, list_models
from edgevit.reparam.proof import reparameterize
from edgevit.types import Head, PixelType, Precision
from edgevit.weights import load_model

_VARIANTS = ("fastvit_t8", "efficientvit_m5", "sepvit_lite", "nextvit_small")
_PEERS = ("eager, training form", "eager, folded", "torch.compile, folded", "onnxruntime, folded")


def _measure(name: str, seconds: float, folder: Path) -> dict[str, float]:
    """Return milliseconds by runtime."""
    loaded = select_output(load_model(name, "random"), Head.LOGITS)
    folded = reparameterize(loaded)
    path = folder / f"{name}.tflite"
    adapted = adapt(folded, head=Head.LOGITS, target=Target.TFLITE)
    convert(adapted, ConversionRequest(precision=Precision.FP32, input_type=PixelType.FLOAT32), path)
    example = torch.randn(1, 3, *loaded.spec.input_size)
    module = folded.module.eval()
    functions: tuple[Callable[[Tensor], object] | None, ...] = (
        loaded.module.eval(),
        module,
        compiled(module),
        onnx(module, example),
    )
    subjects: dict[str, Timed] = {"ours": TimedFile(path, 1)}
    subjects |= {
        peer: TimedModule(function, example)
        for peer, function in zip(_PEERS, functions, strict=True)
        if function is not None
    }
    return medians(subjects, seconds)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [spec.name for spec in list_models()]
    parser.add_argument("--only", nargs="+", choices=names, default=_VARIANTS, metavar="NAME")
    parser.add_argument("--seconds", type=float, default=20, metavar="S", help="CPU time of each variant's timing")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"| model | our file, ms | {' | '.join(_PEERS)} |")
    print("|---|---|" + "---|" * len(_PEERS))
    with tempfile.TemporaryDirectory(prefix="edgevit-bench-") as folder:
        for name in options.only:
            times = _measure(name, options.seconds, Path(folder))
            cells = [f"{times[peer] / times['ours']:.2f}x" if peer in times else "-" for peer in _PEERS]
            print(f"| {get_spec(name).title} | {times['ours']:.2f} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
