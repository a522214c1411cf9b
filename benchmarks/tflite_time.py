"""Files timed against each other in one process, for :mod:`benchmarks.tflite`.

    python -m benchmarks.tflite_time THREADS SECONDS NAME=PATH NAME=PATH ...

The files take turns of some milliseconds each, in another order every round, so that what else the machine does meets
all of them. On one thread the thread's own CPU time counts, on several the wall time.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from benchmarks.rates import macs
from edgevit.lint.partitions import execution_plan
from edgevit.verification.tflite.model import read_tflite

_TURN_SECONDS = 0.02
_MIN_ROUNDS = 5


class Timed(Protocol):
    """Something that can be timed."""

    def milliseconds(self) -> float:
        """Return the time of a run."""


class TimedFile:
    """A loaded file with one image in it."""

    def __init__(self, path: Path, threads: int) -> None:
        self._interpreter = Interpreter(model_path=str(path), num_threads=threads)
        self._interpreter.allocate_tensors()
        self._clock = time.thread_time if threads == 1 else time.perf_counter
        for tensor in self._interpreter.get_input_details():
            values = np.random.default_rng(0).uniform(0, 1, tensor["shape"]).astype(tensor["dtype"])
            self._interpreter.set_tensor(tensor["index"], values)
        self._interpreter.invoke()

    def milliseconds(self) -> float:
        """Return the median time of a run in this turn, after one that warms the caches up."""
        self._interpreter.invoke()
        times: list[float] = []
        while sum(times) < _TURN_SECONDS or len(times) < 2:
            begin = self._clock()
            self._interpreter.invoke()
            times.append(self._clock() - begin)
        return 1e3 * statistics.median(times)


def take_turns(files: Mapping[str, Timed], seconds: float) -> list[dict[str, float]]:
    """Return the milliseconds of every file in each round, for about as many seconds in all."""
    names = list(files)
    rounds: list[dict[str, float]] = []
    begin = time.process_time()
    while len(rounds) < _MIN_ROUNDS or time.process_time() - begin < seconds:
        names = names[1:] + names[:1]
        rounds.append({name: files[name].milliseconds() for name in names})
    return rounds


def main(threads: str, seconds: str, *pairs: str) -> None:
    """Time ``NAME=PATH`` files, the first against the others, and print the figures as JSON."""
    paths = {name: Path(path) for name, _, path in (pair.partition("=") for pair in pairs)}
    files = {name: TimedFile(path, int(threads)) for name, path in paths.items()}
    rounds = take_turns(files, float(seconds))
    ours, *others = files
    plans = {name: execution_plan(path).partitions for name, path in paths.items()}
    models = {name: read_tflite(path) for name, path in paths.items()}
    figures = {
        "milliseconds": {name: statistics.median(row[name] for row in rounds) for name in files},
        "speedups": {name: statistics.median(row[name] / row[ours] for row in rounds) for name in others},
        "ops": {name: sum(model.count_ops().values()) for name, model in models.items()},
        "partitions": {name: plan or 0 for name, plan in plans.items()},
        "bytes": {name: path.stat().st_size for name, path in paths.items()},
        "macs": {name: macs(model) for name, model in models.items()},
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
