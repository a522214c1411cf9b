"""Time per operator of a ``.tflite`` file, measured by LiteRT in a process of its own."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from edgevit.errors import ArtifactCorruptError, ToolMissingError, UnsupportedError
from edgevit.verification.tflite.model import Tensor, read_tflite

__all__ = ["OperatorTime", "Profile", "profile"]

_CHILD = Path(__file__).with_name("child.py")
_REFUSED = 3
_RELEASE = "2.3."
"""The C interface's layouts are those of this release; another one could read them as something else."""

_ELEMENTS: Mapping[str, int] = {
    "FLOAT32": 1,
    "INT32": 2,
    "UINT8": 3,
    "INT64": 4,
    "BOOL": 6,
    "INT16": 7,
    "INT8": 9,
    "FLOAT16": 10,
}
"""Element type -> LiteRT's number for it (``litert_model_types.h``)."""

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class OperatorTime:
    """One operator as the runtime ran it.

    Attributes:
        name: What the runtime calls it, for example ``Convolution (NHWC, F32)``.
        in_xnnpack: It ran inside of a partition.
        milliseconds: Median over the runs.
        share: Of all operators' time, 0..1.
    """

    name: str
    in_xnnpack: bool
    milliseconds: float
    share: float


@dataclass(frozen=True, slots=True)
class Profile:
    """Where the time went.

    Attributes:
        runtime: What ran the file.
        threads: Of the CPU's kernels.
        runs: How many were measured.
        milliseconds: Median wall time of a run, the profiler's own cost included.
        operators: In order of execution.
    """

    runtime: str
    threads: int
    runs: int
    milliseconds: float
    operators: tuple[OperatorTime, ...]


def profile(path: Path, *, threads: int = 1, runs: int = 10, timeout: float = 600.0) -> Profile:
    """Return the time of every operator of a file, those inside of XNNPACK's partitions included.

    The inputs are whatever the runtime's new buffers hold, mostly zeros: times of edgevit's networks do not depend on
    them.

    Args:
        path: The file, whoever wrote it; its shapes must be fixed.
        threads: Of the CPU's kernels, 1 or more.
        runs: How many to measure, after three that are not.
        timeout: Seconds for all of it.

    Raises:
        ArtifactCorruptError: It is no TFLite file, damaged, or the runtime refuses or crashes on it.
        InputError: It cannot be read.
        UnsupportedError: Another release of LiteRT is installed, or an input has an unknown element type.
        ToolMissingError: ai-edge-litert is not installed.
    """
    release = _release()
    main = read_tflite(path).main
    interface = {"inputs": _described(list(main.inputs.values())), "outputs": _described(list(main.outputs.values()))}
    answer = _ask(path, json.dumps(interface), threads, runs, timeout)
    return _summary(answer, f"LiteRT {release}, CPU", threads)


def _release() -> str:
    try:
        release = version("ai-edge-litert")
    except PackageNotFoundError as error:
        raise ToolMissingError("Profiling needs ai-edge-litert.", help="pip install ai-edge-litert") from error
    if not release.startswith(_RELEASE):
        raise UnsupportedError(
            f"ai-edge-litert {release} cannot be profiled.",
            why=f"Its C interface is not promised to stay; edgevit knows that of {_RELEASE}x.",
            help=f"Install it: pip install 'ai-edge-litert=={_RELEASE}*'",
        )
    return release


def _described(tensors: Sequence[Tensor]) -> list[dict[str, object]]:
    unknown = sorted({tensor.dtype for tensor in tensors} - set(_ELEMENTS))
    if unknown:
        raise UnsupportedError(f"Tensors of type {unknown[0]} cannot be profiled.", help="Profile another file.")
    return [{"element": _ELEMENTS[tensor.dtype], "shape": tensor.shape} for tensor in tensors]


def _ask(path: Path, interface: str, threads: int, runs: int, timeout: float) -> Mapping[str, object]:
    command = [sys.executable, "-P", str(_CHILD), str(path.absolute()), interface, str(threads), str(runs)]
    try:
        child = subprocess.run(command, capture_output=True, timeout=timeout, check=False)  # noqa: S603 - our own script
    except subprocess.TimeoutExpired as error:
        raise _refused(path, f"It did not come to an end within {timeout:.0f} s.") from error
    if child.returncode == 0:
        answer: Mapping[str, object] = json.loads(child.stdout)
        return answer
    said = " ".join(child.stderr.decode(errors="replace").split())[-_LONGEST:]
    raise _refused(path, f"{said}." if child.returncode == _REFUSED else f"It crashed (status {child.returncode}).")


def _refused(path: Path, why: str) -> ArtifactCorruptError:
    return ArtifactCorruptError(f"LiteRT cannot run '{path}'.", why=why, help="'edgevit lint' looks at it unrun.")


def _summary(answer: Mapping[str, object], runtime: str, threads: int) -> Profile:
    """Return medians; operators are matched between runs by name and by how often the name came before."""
    runs: list[tuple[float, list[tuple[str, int, int]]]] = answer["runs"]  # type: ignore[assignment] # our own JSON
    times: dict[tuple[str, int, int], list[float]] = {}
    for _, events in runs:
        seen: Counter[tuple[str, int]] = Counter()
        for name, kind, microseconds in events:
            times.setdefault((name, kind, seen[name, kind]), []).append(microseconds / 1e3)
            seen[name, kind] += 1
    medians = {key: statistics.median(values) for key, values in times.items() if not _is_partition(key[0])}
    total = sum(medians.values()) or 1.0
    inside = answer["xnnpack_type"]
    operators = tuple(OperatorTime(name, kind == inside, ms, ms / total) for (name, kind, _), ms in medians.items())
    wall = statistics.median(wall for wall, _ in runs) / 1e3
    return Profile(runtime, threads, len(runs), wall, operators)


def _is_partition(name: str) -> bool:
    """Return whether an event stands for a whole partition, whose operators are listed as well."""
    return name.startswith("TfLiteXNNPackDelegate")
