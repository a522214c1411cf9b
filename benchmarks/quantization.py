"""What each TFLite scheme costs and buys, variant by variant; printed as Markdown.

    python -m benchmarks.quantization [--only fastvit_t8 ...] [--schemes w8 ...] [--json build/quantization.json]

Seeded weights of realistic statistics stand in for trained ones unless ``--weights`` names a file, so that figures rank
schemes and layers and promise no accuracy. Images are variations of the shipped photographs, others for calibration
than for the figures. Times are thread CPU times on one thread, the files in turns in one process; only their ratios
mean something elsewhere. With ``--json`` finished rows are kept in that file, so that a long run can go on.
``--peer-python`` names a Python with ai-edge-quantizer, whose default recipes are then measured in the same run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from benchmarks.quantization_tflite import PEER, SCHEMES, Figures, Task
from edgevit.models.registry import get_spec, list_models

_ROOT = Path(__file__).resolve().parents[1]
_SECONDS = 7200

Rows = dict[str, dict[str, Figures]]
"""Variant -> scheme -> figures."""

_COLUMNS: Mapping[str, Callable[[Figures], str]] = {
    "MB": lambda row: f"{row.megabytes:.2f}",
    "SQNR (dB)": lambda row: f"{row.sqnr_db:.1f}",
    "same top-1": lambda row: f"{row.agreement:.3f}",
    "top-1 (%)": lambda row: "-" if row.top1 is None else f"{100 * row.top1:.2f}",
    "file against PyTorch with its codes (dB)": lambda row: "-" if row.written_db is None else f"{row.written_db:.0f}",
    "partitions": lambda row: str(row.partitions),
    "speed / fp32": lambda row: f"{row.speed:.2f}",
}
"""Heading -> cell."""


def measured(task: Task) -> dict[str, Figures]:
    """Measure one variant in a process of its own, so that models do not share memory and caches."""
    command = [sys.executable, "-m", "benchmarks.quantization_tflite", json.dumps(asdict(task))]
    child = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False, cwd=_ROOT)
    if child.returncode:
        raise SystemExit(f"{task.model} failed:\n{child.stderr[-2000:]}")
    return {name: Figures(**figures) for name, figures in json.loads(child.stdout.splitlines()[-1]).items()}


def markdown(rows: Mapping[str, Mapping[str, Figures]]) -> str:
    """Return one table for all variants."""
    heads = ("model", "scheme", *_COLUMNS)
    lines = [f"| {' | '.join(heads)} |", "|---|---|" + "--:|" * len(_COLUMNS)]
    for model, schemes in rows.items():
        for name, figures in schemes.items():
            cells = [figures.note, *[""] * (len(_COLUMNS) - 1)] if figures.note else _cells(figures)
            lines.append(f"| {' | '.join((get_spec(model).title, name, *cells))} |")
    return "\n".join(lines)


def _cells(figures: Figures) -> list[str]:
    return [cell(figures) for cell in _COLUMNS.values()]


def main() -> None:
    """Measure what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [spec.name for spec in list_models()]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="MODEL")
    parser.add_argument("--schemes", nargs="+", choices=SCHEMES, default=SCHEMES, metavar="SCHEME")
    parser.add_argument("--weights", default="random", metavar="FILE", help="trained weights of the one variant")
    parser.add_argument("--calib", default="", metavar="DIR", help="calibration images")
    parser.add_argument("--data", default="", metavar="DIR", help="labelled images, a folder a class")
    parser.add_argument("--labels", default="", metavar="FILE", help="names of the classes, for --data")
    parser.add_argument("--limit", type=int, default=2000, metavar="N", help="labelled images to take")
    parser.add_argument("--peer-python", default="", metavar="PATH", help="Python that has ai-edge-quantizer")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep finished rows here and go on from them")
    options = parser.parse_args()
    rows = _read(options.json)
    for model in options.only:
        _complete(rows, model, options)
        _write(options.json, rows)
    print(markdown({model: rows[model] for model in options.only}))


def _complete(rows: Rows, model: str, options: argparse.Namespace) -> None:
    """Measure a variant's schemes that are not there yet, and the peer's if it is asked for."""
    done = rows.setdefault(model, {})
    missing = [name for name in options.schemes if name not in done]
    peer = options.peer_python if not any(name.startswith(PEER) for name in done) else ""
    if missing or peer:
        print(f"measuring {model}: {', '.join(missing)} ...", file=sys.stderr)
        labelled = {"data": options.data, "labels": options.labels, "limit": options.limit}
        done |= measured(Task(model, options.weights, tuple(missing), peer, options.calib, **labelled))


def _read(path: Path | None) -> Rows:
    if path is None or not path.exists():
        return {}
    saved = json.loads(path.read_text())
    return {model: {name: Figures(**row) for name, row in rows.items()} for model, rows in saved.items()}


def _write(path: Path | None, rows: Rows) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        plain = {model: {name: asdict(row) for name, row in found.items()} for model, found in rows.items()}
        path.write_text(json.dumps(plain, indent=2) + "\n")


if __name__ == "__main__":
    main()
