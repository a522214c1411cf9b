"""Files timed against each other in one process, for :mod:`benchmarks.tflite`: ``python -m benchmarks.tflite_time``."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from edgevit.lint.partitions import execution_plan
from edgevit.verification.tflite.model import read_tflite

_ROUNDS = 9
_INNER_SECONDS = 0.25
"""Thread CPU time of one file in one round, at least."""


class _File:
    """A loaded file with one image in it."""

    def __init__(self, path: Path) -> None:
        self._interpreter = Interpreter(model_path=str(path), num_threads=1)
        self._interpreter.allocate_tensors()
        (image,) = self._interpreter.get_input_details()
        values = np.random.default_rng(0).uniform(0, 1, image["shape"]).astype(image["dtype"])
        self._interpreter.set_tensor(image["index"], values)
        self._interpreter.invoke()

    def milliseconds(self) -> float:
        """Return the median thread CPU time of an image in this round."""
        times: list[float] = []
        while sum(times) < _INNER_SECONDS or len(times) < 3:
            begin = time.thread_time()
            self._interpreter.invoke()
            times.append(time.thread_time() - begin)
        return 1e3 * statistics.median(times)


def main(pairs: list[str]) -> None:
    """Time ``NAME=PATH`` files, the first against the others, and print the figures as JSON."""
    paths = {name: Path(path) for name, _, path in (pair.partition("=") for pair in pairs)}
    files = {name: _File(path) for name, path in paths.items()}
    rounds = [{name: file.milliseconds() for name, file in files.items()} for _ in range(_ROUNDS)]
    ours, *others = files
    plans = {name: execution_plan(path).partitions for name, path in paths.items()}
    figures = {
        "milliseconds": {name: statistics.median(row[name] for row in rounds) for name in files},
        "speedups": {name: statistics.median(row[name] / row[ours] for row in rounds) for name in others},
        "ops": {name: sum(read_tflite(path).count_ops().values()) for name, path in paths.items()},
        "partitions": {name: plan or 0 for name, plan in plans.items()},
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1:])
