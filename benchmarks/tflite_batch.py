"""What a batch wins: time an image of TFLite files that take one image or several; printed as Markdown.

    python -m benchmarks.tflite_batch [--only efficientvit_m0 ...] [--batches 1 4] [--seconds 10]

Float32 weights, one thread, thread CPU time, the files of a variant in turns in one process.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.tflite_time import TimedFile, take_turns
from edgevit.backends.base import ConversionRequest
from edgevit.backends.tflite import convert
from edgevit.mobile.adapt import adapt
from edgevit.mobile.rewrite import Target
from edgevit.models.registry import get_spec, list_models
from edgevit.reparam.proof import reparameterize
from edgevit.types import Head, Precision
from edgevit.weights import load_model

_VARIANTS = ("fastvit_t8", "efficientvit_m0", "sepvit_lite", "nextvit_small")


def measure(name: str, batches: Sequence[int], seconds: float, folder: Path) -> dict[int, float]:
    """Return batch -> milliseconds an image."""
    adapted = adapt(reparameterize(load_model(name, "random")), head=Head.LOGITS, target=Target.TFLITE)
    paths = {batch: folder / f"{name}-{batch}.tflite" for batch in batches}
    for batch, path in paths.items():
        convert(adapted, ConversionRequest(precision=Precision.FP32, batch=batch), path)
    rounds = take_turns({str(batch): TimedFile(path, 1) for batch, path in paths.items()}, seconds)
    return {batch: statistics.median(row[str(batch)] for row in rounds) / batch for batch in batches}


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [spec.name for spec in list_models()]
    parser.add_argument("--only", nargs="+", choices=names, default=_VARIANTS, metavar="NAME")
    parser.add_argument("--batches", nargs="+", type=int, default=(1, 4), metavar="N")
    parser.add_argument("--seconds", type=float, default=10, metavar="S", help="CPU time of each variant's timing")
    options = parser.parse_args()
    print(f"| ms an image | {' | '.join(f'batch {batch}' for batch in options.batches)} |")
    print("|---|" + "--:|" * len(options.batches))
    with tempfile.TemporaryDirectory(prefix="edgevit-bench-") as folder:
        for name in options.only:
            times = measure(name, options.batches, options.seconds, Path(folder))
            cells = " | ".join(f"{times[batch]:.2f}" for batch in options.batches)
            print(f"| {get_spec(name).title} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
