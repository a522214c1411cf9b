"""What running images of a Core ML package together wins in edgevit's evaluator; printed as Markdown.

    python -m benchmarks.evaluator [--images 64]

The trained networks of ``examples/fashion``, fp16, one thread, CPU time an image, one by one and together, in turns.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert
from edgevit.images.noise import structured_noise
from edgevit.mobile.adapt import adapt
from edgevit.models.registry import get_spec
from edgevit.reparam.proof import reparameterize
from edgevit.threads import one_thread
from edgevit.types import Head
from edgevit.verification.evaluator import Evaluator, Rounding
from edgevit.verification.subject import EvaluatedPackage
from edgevit.weights import load_model

_TRAINED = Path(__file__).resolve().parents[1] / "examples" / "fashion"
_NETWORKS = ("fastvit_t8", "efficientvit_m0", "sepvit_lite")
_ROUNDS = 3


def measure(name: str, count: int, folder: Path) -> tuple[float, float]:
    """Return milliseconds an image, one by one and together: medians of three turns."""
    adapted = adapt(reparameterize(load_model(name, _TRAINED / f"{name}.safetensors")), head=Head.LOGITS)
    path = folder / f"{name}.mlpackage"
    convert(adapted, ConversionRequest(), path)
    package = EvaluatedPackage(Evaluator(path, rounding=Rounding.HALF), Head.LOGITS, adapted.spec.preprocessing)
    images = np.stack([structured_noise(adapted.spec.input_size, seed) for seed in range(count)])
    turns = [
        (_seconds(lambda: [package.run(image) for image in images]), _seconds(lambda: package.run_batch(images)))
        for _ in range(_ROUNDS)
    ]
    alone, together = (1e3 * statistics.median(times) / count for times in zip(*turns, strict=True))
    return alone, together


def _seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=64, metavar="N")
    count = parser.parse_args().images
    print("| ms an image | one by one | together |\n|---|--:|--:|")
    with one_thread(), tempfile.TemporaryDirectory(prefix="edgevit-bench-") as folder:
        for name in _NETWORKS:
            alone, together = measure(name, count, Path(folder))
            print(f"| {get_spec(name).title} | {alone:.1f} | {together:.1f} |", flush=True)


if __name__ == "__main__":
    main()
