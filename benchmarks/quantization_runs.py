"""The rows of :mod:`benchmarks.quantization` that are missing, each measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.quantization_cases import CASES, FLOAT_FILE, SOURCE, Case
from benchmarks.quantization_rows import Figures, Rows
from benchmarks.quantization_task import Task, case_digest, has_inputs

__all__ = ["Runs"]

_ROOT = Path(__file__).resolve().parents[1]
_SECONDS = 7200
_LONGEST = 160

Work = tuple[Task, Case]


@dataclass(frozen=True, slots=True)
class Runs:
    """Child processes that fill rows.

    Attributes:
        rows: Where finished rows are.
        jobs: How many at the same time.
    """

    rows: Rows
    jobs: int

    def forget(self, task: Task, cases: Sequence[Case]) -> None:
        """Drop rows, for example because the code that made their files changed."""
        for case in cases:
            self.rows.found.get(task.model, {}).pop(case.name, None)

    def complete(self, tasks: Sequence[Task], cases: Sequence[Case]) -> None:
        """Measure what is missing: first the sources, whose rows prepare the images, then everything else."""
        missing = [(task, case) for task in tasks for case in cases if self._get(task, case) is None]
        self._prepare([task for task in tasks if any(found is task for found, _ in missing)])
        self._measure([(task, case) for task, case in missing if case is not SOURCE and has_inputs(task)])

    def time(self, tasks: Sequence[Task]) -> None:
        """Time the TFLite files of each network whose times are not known, one network after the other."""
        for task in tasks:
            files = self._files(task)
            if FLOAT_FILE not in files or all(row.speed is not None for row in files.values()):
                continue
            gone = [(task, case) for case in files if not task.path(case).exists()]
            self._prepare([task] if gone else [])
            self._measure(gone)
            print(f"timing {task.model} ...", file=sys.stderr, flush=True)
            speeds = _answer("benchmarks.quantization_speed", *(f"{case.name}={task.path(case)}" for case in files))
            for case, row in self._files(task).items():
                self._put(task, case, replace(row, speed=speeds[case.name]))

    def _files(self, task: Task) -> dict[Case, Figures]:
        """Return the TFLite files that run, the one in float32 first."""
        cases = (FLOAT_FILE, *(case for case in CASES.values() if case.form == FLOAT_FILE.form))
        found = {case: self._get(task, case) for case in cases}
        return {case: row for case, row in found.items() if row is not None and not row.note}

    def _prepare(self, tasks: Sequence[Task]) -> None:
        self._measure([(task, SOURCE) for task in tasks if not has_inputs(task)])

    def _measure(self, work: Sequence[Work]) -> None:
        """Measure rows, and keep each as soon as it is finished."""
        with ThreadPoolExecutor(self.jobs) as executor:
            futures: dict[Future[Figures], Work] = {executor.submit(_in_child, *each): each for each in work}
            try:
                for future in as_completed(futures):
                    self._put(*futures[future], future.result())
            finally:
                executor.shutdown(cancel_futures=True)

    def _get(self, task: Task, case: Case) -> Figures | None:
        return self.rows.get(task.model, case.name, case_digest(task, case))

    def _put(self, task: Task, case: Case, figures: Figures) -> None:
        self.rows.put(task.model, case.name, case_digest(task, case), figures)
        print(f"{task.model}, {case.name}: {figures.note or f'{figures.sqnr_db:.1f} dB'}", file=sys.stderr, flush=True)


def _in_child(task: Task, case: Case) -> Figures:
    """Return the figures of a case, or a note on how the process ended without any."""
    try:
        return Figures(**_answer("benchmarks.quantization_row", json.dumps(asdict(task)), case.name))
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return Figures(note=str(error))


def _answer(module: str, *arguments: str) -> dict[str, Any]:
    """Return the JSON in the last line that a module of ours prints.

    Raises:
        RuntimeError: It fails.
    """
    command = [sys.executable, "-m", module, *arguments]
    child = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False, cwd=_ROOT)
    if child.returncode:
        last = child.stderr.strip().splitlines()[-1:] or [""]
        raise RuntimeError(f"status {child.returncode}: {last[0][:_LONGEST]}")
    answer: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    return answer
