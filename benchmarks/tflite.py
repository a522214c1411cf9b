"""Our TFLite files against litert-torch's, variant by variant; printed as Markdown.

    python -m benchmarks.tflite --litert-torch-python PATH [--files build/tflite] [--only fastvit_t8 ...]
        [--threads 2] [--seconds 20]

litert-torch and its tree of packages live in an environment of their own, whose Python is named; edgevit's own
dependencies must be importable there. It converts the official structure as a user would, with its training-time
branches and folded, both channels-last and with the image normalized already; our file normalizes it inside. Only
ratios mean something elsewhere. With ``--files`` the converted files and finished rows stay in that folder, and a later
call goes on from them.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgevit.models.registry import get_spec, list_models

_ROOT = Path(__file__).resolve().parents[1]
_LIMIT_SECONDS = 3600
_THEIRS = ("training", "folded")
_FORMS = ("ours", *_THEIRS)


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one variant; mappings go from a form (``ours`` or one of litert-torch's) to its figure.

    Attributes:
        rewrite_seconds: CPU seconds of our rewriting with its float64 proofs.
        convert_seconds: CPU seconds of the conversions.
        milliseconds: Time of one image, median.
        speedups: litert-torch's time divided by ours, median of the rounds' ratios.
        ops: Operators.
        partitions: XNNPACK partitions.
        bytes: Size of the file.
        macs: Multiply-accumulates of one image.
    """

    model: str
    rewrite_seconds: float
    convert_seconds: Mapping[str, float]
    milliseconds: Mapping[str, float]
    speedups: Mapping[str, float]
    ops: Mapping[str, int]
    partitions: Mapping[str, int]
    bytes: Mapping[str, int]
    macs: Mapping[str, int]

    @property
    def gflops(self) -> float:
        """Rate of our file in 10^9 operations a second; a multiply-accumulate counts two."""
        return 2e-6 * self.macs["ours"] / self.milliseconds["ours"]


@dataclass(frozen=True, slots=True)
class Setting:
    """How to measure: on how many threads, and for about how many CPU seconds a variant."""

    peer_python: str
    threads: int
    seconds: float


def measure(name: str, setting: Setting, folder: Path) -> Row:
    """Convert one variant three times, unless the files are there, and time them against each other."""
    folder.mkdir(parents=True, exist_ok=True)
    costs = {form: _converted(form, name, setting, folder) for form in _FORMS}
    pairs = [f"{form}={folder / form}.tflite" for form in _FORMS]
    timed = _run(sys.executable, "tflite_time", str(setting.threads), str(setting.seconds), *pairs)
    return Row(
        model=name,
        rewrite_seconds=costs["ours"]["rewrite_seconds"],
        convert_seconds={form: cost["cpu_seconds"] for form, cost in costs.items()},
        **timed,
    )


def _converted(form: str, name: str, setting: Setting, folder: Path) -> Any:
    """Return what a conversion cost; its file lies in ``folder`` then."""
    record = folder / f"{form}.json"
    if not record.exists() or not record.read_text().strip():
        (folder / f"{form}.tflite").unlink(missing_ok=True)
        python = sys.executable if form == "ours" else setting.peer_python
        record.write_text(json.dumps(_run(python, "tflite_convert", form, name, str(folder))))
    return json.loads(record.read_text())


def _run(python: str, module: str, *arguments: str) -> Any:
    """Run a module of this folder and return the JSON of its last line."""
    command = [python, "-m", f"benchmarks.{module}", *arguments]
    child = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_SECONDS, check=False, cwd=_ROOT)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{child.stderr[-2000:]}")
    return json.loads(child.stdout.splitlines()[-1])


_COLUMNS: tuple[tuple[str, Callable[[Row], str]], ...] = (
    ("model", lambda row: get_spec(row.model).title),
    ("ms", lambda row: f"{row.milliseconds['ours']:.2f}"),
    ("vs training form", lambda row: f"{row.speedups['training']:.2f}x"),
    ("vs folded", lambda row: f"{row.speedups['folded']:.2f}x"),
    ("GFLOP/s", lambda row: f"{row.gflops:.0f}"),
    ("ops (theirs)", lambda row: _beside(row.ops)),
    ("partitions (theirs)", lambda row: _beside(row.partitions)),
    ("MB (theirs)", lambda row: _beside({form: size / 1e6 for form, size in row.bytes.items()}, ".1f")),
    ("convert, CPU s (theirs)", lambda row: _beside(row.convert_seconds, ".1f")),
    ("ratio", lambda row: f"{_conversion_ratio(row):.2f}"),
    ("rewrite + proofs, CPU s", lambda row: f"{row.rewrite_seconds:.1f}"),
)


def _beside(figures: Mapping[str, float], form: str = "d") -> str:
    ours, *theirs = (format(figures[name], form) for name in _FORMS)
    return f"{ours} ({' / '.join(theirs)})"


def _conversion_ratio(row: Row) -> float:
    return row.convert_seconds["ours"] / row.convert_seconds["folded"]


def markdown(rows: Sequence[Row], best: float | None) -> str:
    """Return the table, its means, and what they are measured against."""
    lines = [_cells(title for title, _ in _COLUMNS), "|" + "---|" * len(_COLUMNS)]
    lines += [_cells(cell(row) for _, cell in _COLUMNS) for row in rows]
    means = {form: _geometric_mean([row.speedups[form] for row in rows]) for form in _THEIRS}
    lines += ["", f"Geometric mean: {means['training']:.2f}x the training form, {means['folded']:.2f}x the folded one."]
    lines.append(f"Conversion: {_geometric_mean([_conversion_ratio(row) for row in rows]):.2f} of litert-torch's time.")
    if best is not None:
        fastest = max(rows, key=lambda row: row.gflops)
        name, share = get_spec(fastest.model).title, f"{fastest.gflops / best:.0%}"
        lines.append(f"Best 1x1 convolution: {best:.0f} GFLOP/s; {name} reaches {share} of it.")
    return "\n".join(lines)


def _cells(texts: Any) -> str:
    return f"| {' | '.join(texts)} |"


def _geometric_mean(values: Sequence[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def main() -> None:
    """Measure the variants that were asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [spec.name for spec in list_models()]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--litert-torch-python", required=True, metavar="PATH", help="Python that has litert-torch")
    parser.add_argument("--files", type=Path, metavar="DIR", help="keep files and finished rows here")
    parser.add_argument("--threads", type=int, default=1, metavar="N")
    parser.add_argument("--seconds", type=float, default=20, metavar="S", help="CPU time of each variant's timing")
    options = parser.parse_args()
    setting = Setting(options.litert_torch_python, options.threads, options.seconds)
    with ExitStack() as stack:
        folder = options.files or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edgevit-bench-")))
        rows = [_row(name, setting, folder / name) for name in options.only]
        best = _run(sys.executable, "rates")["gflops"] if setting.threads == 1 else None
    print(markdown(rows, best))


def _row(name: str, setting: Setting, folder: Path) -> Row:
    """Measure one variant, or read what was measured."""
    record = folder / f"row-{setting.threads}.json"
    if not record.exists():
        row = measure(name, setting, folder)
        record.write_text(json.dumps(asdict(row), indent=2) + "\n")
    return Row(**json.loads(record.read_text()))


if __name__ == "__main__":
    main()
