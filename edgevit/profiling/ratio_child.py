"""The process that times two files in turns for :mod:`edgevit.profiling.ratio`: a script, not imported."""

from __future__ import annotations

import statistics
import sys
import time

from ai_edge_litert.interpreter import Interpreter

REFUSED = 3
"""Exit status: the runtime does not take a file."""

_TURN_SECONDS = 0.02
_LEAST_ROUNDS = 5


def main(arguments: list[str]) -> int:
    """Print the ratio for ``PATH BASE SECONDS`` and return the exit status."""
    path, base, seconds = arguments
    try:
        files = [_loaded(path), _loaded(base)]
    except (RuntimeError, ValueError) as error:
        sys.stderr.write(str(error))
        return REFUSED
    ratios: list[float] = []
    begin = time.process_time()
    while len(ratios) < _LEAST_ROUNDS or time.process_time() - begin < float(seconds):
        order = (0, 1) if len(ratios) % 2 else (1, 0)
        times = {place: _turn(files[place]) for place in order}
        ratios.append(times[1] / times[0])
    sys.stdout.write(f"{statistics.median(ratios)}\n")
    return 0


def _loaded(path: str) -> Interpreter:
    """Return a file that is ready to run, its inputs being zeros: times do not depend on them."""
    interpreter = Interpreter(model_path=path, num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


def _turn(interpreter: Interpreter) -> float:
    """Return the median seconds of a run in this turn, after one that warms the caches up."""
    interpreter.invoke()
    times: list[float] = []
    while sum(times) < _TURN_SECONDS or len(times) < 2:
        begin = time.thread_time()
        interpreter.invoke()
        times.append(time.thread_time() - begin)
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
