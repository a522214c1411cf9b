"""TFLite files of one network timed in turns, for :mod:`benchmarks.quantization`.

    python -m benchmarks.quantization_speed FIRST=PATH NAME=PATH ...

One thread, thread CPU time, all files in one process; the last line printed is name -> time of the first file divided
by that of this one, as JSON: the median over rounds of turns.
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

from benchmarks.tflite_time import TimedFile, take_turns

_SECONDS_A_FILE = 3.0


def main(*pairs: str) -> None:
    """Time the files, and print the ratios."""
    files = {name: TimedFile(Path(path), 1) for name, _, path in (pair.partition("=") for pair in pairs)}
    first = next(iter(files))
    rounds = take_turns(files, _SECONDS_A_FILE * len(files))
    print(json.dumps({name: statistics.median(row[first] / row[name] for row in rounds) for name in files}))


if __name__ == "__main__":
    main(*sys.argv[1:])
