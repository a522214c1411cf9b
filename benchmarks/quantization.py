"""What quantization costs and buys, both formats, every scheme, beside the peers' defaults; printed as Markdown.

    python -m benchmarks.quantization --data TEST --calib TRAIN [--peer-python PATH] [--rows FILE] [--speed]

Measures the trained networks of ``examples/fashion`` on labelled images (a folder for each class); calibration and
searches within a budget see only those of ``--calib``. It prints a short table, the full one, and a verdict for each
pair of a scheme and a peer's default of its kind. Every row is measured in a process of its own: one that crashes
costs that row. With ``--rows`` finished rows are kept, and measured again where the checkpoint, the images, a scheme
or an option is another one (``--again`` where the code is). Core ML packages run in edgevit's evaluator, rounding as
the program declares, TFLite files in LiteRT on one thread. ``--peer-python`` names a Python that has coremltools,
scikit-learn and ai-edge-quantizer. Times need a machine of their own, so ``--speed`` takes them at the end, one network
after the other.

With ``--random`` any variant has seeded weights of realistic statistics and the built-in photographs in variations:
that ranks schemes and layers, and says nothing about accuracy.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.quantization_cases import CASES, SOURCE
from benchmarks.quantization_rows import Figures, Rows
from benchmarks.quantization_runs import Runs
from benchmarks.quantization_tables import compact, decibels, full
from benchmarks.quantization_task import Task, case_digest
from benchmarks.quantization_verdicts import verdicts
from edgevit.models.registry import get_spec, list_models

_TRAINED = Path(__file__).resolve().parents[1] / "examples" / "fashion"
_ALL = 10_000
_NETWORKS = ("fastvit_t8", "efficientvit_m0", "sepvit_lite")


def main() -> None:
    """Measure what is missing, and print the tables."""
    options = _arguments()
    with tempfile.TemporaryDirectory(prefix="edgevit-bench-") as scratch:
        tasks = [_task(model, options, options.files or Path(scratch)) for model in options.only]
        cases = [CASES[name] for name in (SOURCE.name, *options.cases)]
        rows = Rows.read(options.rows)
        runs = Runs(rows, options.jobs)
        for task in tasks:
            runs.forget(task, [CASES[name] for name in options.again])
        runs.complete(tasks, list(dict.fromkeys(cases)))
        if options.speed:
            runs.time(tasks)
    _print(rows, tasks)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [spec.name for spec in list_models()]
    parser.add_argument("--data", type=Path, metavar="DIR", help="labelled images to measure on")
    parser.add_argument("--calib", type=Path, metavar="DIR", help="other labelled images, for calibration and searches")
    parser.add_argument("--random", action="store_true", help="seeded weights and built-in photographs instead")
    parser.add_argument("--weights", nargs="+", default=[], metavar="MODEL=FILE", help="other trained weights")
    parser.add_argument("--only", nargs="+", choices=names, default=_NETWORKS, metavar="MODEL")
    parser.add_argument("--cases", nargs="+", choices=tuple(CASES), default=tuple(CASES), metavar="FILE")
    parser.add_argument("--limit", nargs="+", default=[], metavar="N or MODEL=N", help="images to measure on")
    parser.add_argument("--searched", type=int, default=1000, metavar="N", help="images that a search measures on")
    parser.add_argument("--peer-python", default=sys.executable, metavar="PATH", help="Python that has the peers")
    parser.add_argument("--rows", type=Path, metavar="FILE", help="keep finished rows here, and go on from them")
    parser.add_argument("--files", type=Path, metavar="DIR", help="keep images and written files here")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="rows at the same time")
    parser.add_argument(
        "--again", nargs="+", choices=tuple(CASES), default=(), metavar="FILE", help="forget these rows"
    )
    parser.add_argument("--speed", action="store_true", help="time the TFLite files at the end")
    options = parser.parse_args()
    if not options.random and (options.data is None or options.calib is None):
        parser.error("give --data and --calib, or --random")
    return options


def _task(model: str, options: argparse.Namespace, folder: Path) -> Task:
    limits = dict(_pair(text) for text in options.limit)
    weights = {name: str(_TRAINED / f"{name}.safetensors") for name in _NETWORKS}
    weights |= dict(_pair(text) for text in options.weights)
    if options.random:
        return Task(model, "random", str(folder.absolute()), peer_python=options.peer_python)
    if model not in weights:
        raise SystemExit(f"There are no trained weights of {model}: name some with --weights, or use --random.")
    return Task(
        model=model,
        weights=weights[model],
        folder=str(folder.absolute()),
        data=str(options.data),
        calib=str(options.calib),
        limit=int(limits.get(model, limits.get("", _ALL))),
        searched=options.searched,
        peer_python=options.peer_python,
    )


def _pair(text: str) -> tuple[str, str]:
    """Return model and value of ``MODEL=VALUE``; a value alone is for all models, whose name is empty."""
    model, _, value = text.rpartition("=")
    return model, value


def _print(rows: Rows, tasks: Sequence[Task]) -> None:
    """Print the tables of the rows that are up to date, and the verdicts."""
    networks = {task.model: _current(rows, task) for task in tasks}
    labelled = any(row.right for found in networks.values() for row in found.values())
    print(compact(networks) if labelled else decibels(networks))
    print(f"\n{full(networks)}\n")
    for model, found in networks.items():
        for verdict in verdicts(found):
            print(f"- {get_spec(model).title}: {verdict}")


def _current(rows: Rows, task: Task) -> dict[str, Figures]:
    found = {name: rows.get(task.model, name, case_digest(task, case)) for name, case in CASES.items()}
    return {name: figures for name, figures in found.items() if figures is not None}


if __name__ == "__main__":
    main()
