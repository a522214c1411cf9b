"""Our TFLite files against litert-torch's, variant by variant; printed as Markdown.

    python -m benchmarks.tflite --litert-torch-python PATH [--only fastvit_t8 ...] [--json build/tflite.json]

litert-torch and its tree of packages live in an environment of their own, whose Python is named; edgevit's own
dependencies must be importable there. It converts the official structure as a user would, with its training-time
branches and folded, both channels-last. Times are thread CPU times of one image on one thread, the files interleaved
in one process, and only their ratios mean something elsewhere. With ``--json`` finished rows are kept in that file.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgevit.models.registry import get_spec, list_models

_ROOT = Path(__file__).resolve().parents[1]
_SECONDS = 1800
_THEIRS = ("training", "folded")


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one variant.

    Attributes:
        convert_seconds: CPU seconds of our conversion: adapting with its proofs, exporting, writing.
        their_convert_seconds: CPU seconds of ``litert_torch.convert`` on the folded network.
        milliseconds: Thread CPU time of one image in our file, median.
        speedups: Form -> litert-torch's time divided by ours, median of the rounds' ratios.
        ops: Operators of our file and of litert-torch's, both forms.
        partitions: XNNPACK partitions, likewise.
    """

    model: str
    convert_seconds: float
    their_convert_seconds: float
    milliseconds: float
    speedups: Mapping[str, float]
    ops: Mapping[str, int]
    partitions: Mapping[str, int]


def measure(name: str, litert_torch_python: str) -> Row:
    """Convert one variant three times and time the files against each other."""
    with tempfile.TemporaryDirectory(prefix="edgevit-bench-") as folder:
        ours = _run(sys.executable, "tflite_convert", "ours", name, folder)
        theirs = {form: _run(litert_torch_python, "tflite_convert", form, name, folder) for form in _THEIRS}
        files = {form: f"{folder}/{form}.tflite" for form in ("ours", *_THEIRS)}
        timed = _run(sys.executable, "tflite_time", *(f"{form}={path}" for form, path in files.items()))
    return Row(
        model=name,
        convert_seconds=ours["cpu_seconds"],
        their_convert_seconds=theirs["folded"]["cpu_seconds"],
        milliseconds=timed["milliseconds"]["ours"],
        speedups=timed["speedups"],
        ops=timed["ops"],
        partitions=timed["partitions"],
    )


def _run(python: str, module: str, *arguments: str) -> Any:
    """Run a module of this folder and return the JSON of its last line."""
    command = [python, "-m", f"benchmarks.{module}", *arguments]
    child = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False, cwd=_ROOT)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{child.stderr[-2000:]}")
    return json.loads(child.stdout.splitlines()[-1])


def markdown(rows: Mapping[str, Row]) -> str:
    """Return the table and the geometric means."""
    lines = [
        "| model | ms | vs training form | vs folded | ops | their ops | partitions | theirs | convert s | ratio |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_line(row) for row in rows.values()]
    means = {form: _geometric_mean([row.speedups[form] for row in rows.values()]) for form in _THEIRS}
    lines += ["", f"Geometric mean: {means['training']:.2f}x the training form, {means['folded']:.2f}x the folded one."]
    return "\n".join(lines)


def _line(row: Row) -> str:
    theirs, partitions = (f"{counts['training']} / {counts['folded']}" for counts in (row.ops, row.partitions))
    cells = (
        get_spec(row.model).title,
        f"{row.milliseconds:.2f}",
        *(f"{row.speedups[form]:.2f}x" for form in _THEIRS),
        str(row.ops["ours"]),
        theirs,
        str(row.partitions["ours"]),
        partitions,
        f"{row.convert_seconds:.1f}",
        f"{row.convert_seconds / row.their_convert_seconds:.2f}",
    )
    return f"| {' | '.join(cells)} |"


def _geometric_mean(values: Sequence[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def main() -> None:
    """Measure the variants that were asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [spec.name for spec in list_models()]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--litert-torch-python", required=True, metavar="PATH", help="Python that has litert-torch")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep finished rows here and go on from them")
    options = parser.parse_args()
    rows = _read(options.json)
    for name in options.only:
        if name not in rows:
            rows[name] = measure(name, options.litert_torch_python)
            _write(options.json, rows)
    print(markdown({name: rows[name] for name in options.only}))


def _read(path: Path | None) -> dict[str, Row]:
    if path is None or not path.exists():
        return {}
    return {name: Row(**row) for name, row in json.loads(path.read_text()).items()}


def _write(path: Path | None, rows: Mapping[str, Row]) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({name: asdict(row) for name, row in rows.items()}, indent=2) + "\n")


if __name__ == "__main__":
    main()
