"""How much a proven build costs against a bare conversion, and what the rewrites save, printed as ratios.

    python benchmarks/coreml_build.py [--rounds 5] [--json]

The bare way is what a user would write: the official inference structure, ``torch.jit.trace``, ``coremltools.convert``
to half precision for iOS 16, ``save``. It proves, verifies and packages nothing. Both run as processes of their own,
in turns, so that whatever else the machine does falls on both. Both take seeded random weights, which cost nothing to
load. The operator counts compare the same two programs for one variant of each family; the bare ones come from
edgevit's own rendering of the official structures (SepViT's published code has a tensor of rank 6 and cannot be
converted at all), and the build's include image input, softmax and labels.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FAMILIES = ("fastvit_t8", "fastvit_sa12", "efficientvit_m0", "sepvit_lite", "nextvit_small")
"""Variants whose operators are counted: one a family, and a FastViT with attention."""

MOVES = ("transpose", "reshape", "expand_dims", "squeeze", "split", "concat", "slice_by_index")
"""Operators that compute nothing and only move data."""

BARE = """
import sys, warnings
import coremltools, torch
from edgevit.errors import UnsupportedError
from edgevit.models.registry import create, resolve
name, path = sys.argv[1:]
warnings.simplefilter("ignore")
spec = resolve(name)
torch.manual_seed(0)
try:
    network = create(spec, fused=True)
except UnsupportedError:
    network = create(spec)
with torch.no_grad():
    traced = torch.jit.trace(network, torch.zeros(1, 3, *spec.input_size), check_trace=False)
model = coremltools.convert(
    traced,
    inputs=[coremltools.TensorType(name="image", shape=(1, 3, *spec.input_size))],
    outputs=[coremltools.TensorType(name="logits")],
    minimum_deployment_target=coremltools.target.iOS16,
    compute_precision=coremltools.precision.FLOAT16,
)
model.save(path)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One process: seconds on the clock, and the peak of its resident memory in MiB."""

    seconds: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Medians over the rounds, and the median of the rounds' ratios of proven build to bare conversion."""

    model: str
    rounds: int
    bare: Run
    build: Run
    time_ratio: float
    memory_ratio: float
    stage_seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Operators:
    """Operator type -> how many, of the bare conversion (None where it fails, with the reason) and of the build."""

    model: str
    bare: Mapping[str, int] | None
    build: Mapping[str, int]
    failure: str = ""


def measure(command: Sequence[str]) -> tuple[Run, str, int]:
    """Run a process to its end and return what it cost, what it printed on stdout, and its exit status."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        output.seek(0)
        errors.seek(0)
        text = output.read() if process.returncode == 0 else errors.read() + output.read()
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Run(seconds, usage.ru_maxrss / unit), text, process.returncode


def bare(model: str, folder: Path) -> tuple[Run, str, int]:
    """Convert the official structure with coremltools alone, in a process of its own."""
    return measure([sys.executable, "-c", BARE, model, str(folder / "Bare.mlpackage")])


def build(model: str, folder: Path) -> tuple[Run, dict[str, object]]:
    """Run the whole of ``edgevit build MODEL --ios``."""
    command = [sys.executable, "-m", "edgevit", "build", model, "--ios", "--weights", "random", "--json"]
    run, text, status = measure([*command, "--out", str(folder / "sdk")])
    if status:
        sys.exit(f"edgevit build {model} failed:\n{text}")
    return run, json.loads(text)


def compare(model: str, rounds: int) -> Comparison:
    """Run both ways in turns."""
    pairs: list[tuple[Run, Run]] = []
    stages: list[dict[str, float]] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            theirs, text, status = bare(model, Path(name))
            if status:
                sys.exit(f"coremltools fails on {model}:\n{text}")
            ours, report = build(model, Path(name))
        pairs.append((theirs, ours))
        stages.append(report["stage_seconds"])  # type: ignore[arg-type]  # an object of numbers by contract
    return Comparison(
        model=model,
        rounds=rounds,
        bare=_median([theirs for theirs, _ in pairs]),
        build=_median([ours for _, ours in pairs]),
        time_ratio=statistics.median(ours.seconds / theirs.seconds for theirs, ours in pairs),
        memory_ratio=statistics.median(ours.peak_mib / theirs.peak_mib for theirs, ours in pairs),
        stage_seconds={stage: statistics.median(one[stage] for one in stages) for stage in stages[0]},
    )


def count(model: str) -> Operators:
    """Return the operators of both programs."""
    from edgevit.backends.coreml import count_ops

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _, text, status = bare(model, folder)
        _, report = build(model, folder)
        ours = count_ops(Path(str(report["artifact"]["path"])))  # type: ignore[index]  # an object by contract
        if status:
            return Operators(model, None, ours, text.strip().splitlines()[-1])
        return Operators(model, count_ops(folder / "Bare.mlpackage"), ours)


def _median(runs: Sequence[Run]) -> Run:
    return Run(statistics.median(r.seconds for r in runs), statistics.median(r.peak_mib for r in runs))


def print_comparison(result: Comparison) -> None:
    """Print the cost of a build as a small table."""
    print(f"{result.model}, medians of {result.rounds} rounds\n")
    print(f"{'':24}{'seconds':>9}{'peak MiB':>10}")
    print(f"{'trace + convert + save':24}{result.bare.seconds:9.2f}{result.bare.peak_mib:10.0f}")
    print(f"{'edgevit build --ios':24}{result.build.seconds:9.2f}{result.build.peak_mib:10.0f}")
    print(f"{'ratio':24}{result.time_ratio:9.2f}{result.memory_ratio:10.2f}\n")
    print("of which: " + ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in result.stage_seconds.items()) + "\n")


def print_operators(results: Sequence[Operators]) -> None:
    """Print the operator counts, bare -> build."""
    print(f"{'operators, bare -> build':26}{'all':>14}{'transposes':>14}{'reshapes':>14}{'data movement':>16}")
    for result in results:
        cells = [
            f"{_total(result.bare, ops)} -> {_total(result.build, ops)}" for ops in (None, MOVES[:1], MOVES[1:2], MOVES)
        ]
        print(f"{result.model:26}{cells[0]:>14}{cells[1]:>14}{cells[2]:>14}{cells[3]:>16}")
        if result.failure:
            print(f"  bare conversion fails: {result.failure[:110]}")


def _total(ops: Mapping[str, int] | None, kinds: Sequence[str] | None) -> str:
    if ops is None:
        return "fails"
    return str(sum(number for kind, number in ops.items() if kinds is None or kind in kinds))


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="fastvit_t8", help="variant whose build is timed")
    parser.add_argument("--rounds", type=int, default=5, help="how often both ways run; 0 skips the timing")
    parser.add_argument("--ops", nargs="*", default=FAMILIES, metavar="MODEL", help="variants to count operators of")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    options = parser.parse_args()
    timing = compare(options.model, options.rounds) if options.rounds else None
    operators = [count(model) for model in options.ops]
    if options.json:
        document = {"timing": timing and asdict(timing), "operators": [asdict(one) for one in operators]}
        print(json.dumps(document, indent=2))
        return
    if timing:
        print_comparison(timing)
    print_operators(operators)


if __name__ == "__main__":
    main()
