"""One row of :mod:`benchmarks.quantization`, in a process of its own.

    python -m benchmarks.quantization_row TASK CASE

``TASK`` is a :class:`~benchmarks.quantization_task.Task` as JSON; the last line printed is the row, as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.quantization_cases import CASES, Case, Kind
from benchmarks.quantization_files import Answers, PeerError, logits, write
from benchmarks.quantization_rows import Figures
from benchmarks.quantization_task import Inputs, Task, prepare, read_inputs
from edgevit.errors import EdgeVitError
from edgevit.lint.partitions import execution_plan
from edgevit.models.registry import get_spec
from edgevit.quantize.fidelity import compare_answers
from edgevit.store.digest import tree_size
from edgevit.threads import one_thread
from edgevit.types import Head

__all__ = ["measure"]


def measure(task: Task, case: Case) -> Figures:
    """Return the figures of a case; a file that cannot be written or run is a row with a note.

    The source's row also prepares the images that all other rows of the network need.
    """
    with one_thread():
        if case.kind is Kind.SOURCE:
            inputs = prepare(task)
            return _figures(inputs, inputs.source)
        inputs = read_inputs(task)
        begin = time.process_time()
        try:
            path = write(task, case, inputs)
        except (PeerError, EdgeVitError) as error:
            return Figures(note=str(error).splitlines()[0])
        return _measured(path, task, inputs, time.process_time() - begin)


def _measured(path: Path, task: Task, inputs: Inputs, seconds: float) -> Figures:
    partitions = None
    if path.suffix == ".tflite":
        plan = execution_plan(path)
        if plan.partitions is None:
            return Figures(note="LiteRT does not take the file")
        partitions = plan.partitions
    size = tree_size(path) if path.is_dir() else path.stat().st_size
    answers = logits(path, inputs.images, get_spec(task.model).preprocessing)
    return _figures(inputs, answers, megabytes=size / 1e6, partitions=partitions, seconds=seconds)


def _figures(
    inputs: Inputs, answers: Answers, *, megabytes: float = 0.0, partitions: int | None = None, seconds: float = 0.0
) -> Figures:
    cost = compare_answers(inputs.source, answers, Head.LOGITS)
    labelled = len(inputs.labels) > 0
    return Figures(
        megabytes=megabytes,
        sqnr_db=cost.sqnr_db,
        agreement=cost.agreement,
        right=np.packbits(answers.argmax(1) == inputs.labels).tobytes().hex() if labelled else None,
        images=len(answers),
        partitions=partitions,
        seconds=seconds,
    )


def main(task: str, case: str) -> None:
    """Measure a case, and print its figures."""
    print(json.dumps(asdict(measure(Task(**json.loads(task)), CASES[case]))))


if __name__ == "__main__":
    main(*sys.argv[1:])
