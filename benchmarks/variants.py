"""The README's table of all variants, measured by running the real stages; printed as Markdown.

    python -m benchmarks.variants [--only fastvit_t8 ...] [--json build/variants.json]

Each variant runs in a process of its own with seeded random weights and the logits head. With ``--json`` finished rows
are kept in that file, so that an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from edgevit.models.registry import create, get_spec, list_models, resolve
from edgevit.types import Head, LoadedModel


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one variant.

    Attributes:
        params: Parameters of the training form, 1000 classes.
        macs: Multiply-accumulates of the training form at its native size.
        parity: Largest distance of its logits from the recorded official ones, in units of their standard deviation;
            None where no official values are recorded.
        fold_error: Relative error of folding, float64.
        convert_seconds: Writing the package and its float32 twin.
        size_mb: Package, fp16, in 10^6 bytes.
        psnr_fp32: Lowest over the photographs of the float32 package against PyTorch, dB.
        psnr_fp16: The same of the fp16 package with every result rounded to half.
        peak_mib: Peak of the process' resident memory.
    """

    model: str
    params: int
    macs: int
    parity: float | None
    fold_error: float
    convert_seconds: float
    size_mb: float
    psnr_fp32: float
    psnr_fp16: float
    peak_mib: float


_COLUMNS: tuple[tuple[str, Callable[[Row], str]], ...] = (
    ("model", lambda row: get_spec(row.model).title),
    ("size", lambda row: "x".join(str(side) for side in get_spec(row.model).native_size)),
    ("params (M)", lambda row: f"{row.params / 1e6:.2f}"),
    ("MACs (M)", lambda row: f"{row.macs / 1e6:.0f}"),
    ("parity error", lambda row: "-" if row.parity is None else f"{row.parity:.0e}"),
    ("folding error", lambda row: f"{row.fold_error:.0e}"),
    ("convert (s)", lambda row: f"{row.convert_seconds:.1f}"),
    ("package (MB)", lambda row: f"{row.size_mb:.1f}"),
    ("PSNR fp32 (dB)", lambda row: f"{row.psnr_fp32:.0f}"),
    ("PSNR fp16 (dB)", lambda row: f"{row.psnr_fp16:.1f}"),
)
"""Heading -> cell."""


def measure(name: str) -> Row:
    """Run every stage for one variant in this process."""
    from edgevit.backends.base import ConversionRequest
    from edgevit.backends.coreml import convert, preload
    from edgevit.mobile.adapt import adapt
    from edgevit.reparam.proof import reparameterize
    from edgevit.weights import load_model

    preload()
    parity = _parity(name)
    loaded = load_model(name, "random")
    folded = reparameterize(loaded)
    adapted = adapt(folded, head=Head.LOGITS)
    with tempfile.TemporaryDirectory() as folder:
        path, twin = Path(folder) / "Model.mlpackage", Path(folder) / "Twin.mlpackage"
        start = time.perf_counter()
        artifact = convert(adapted, ConversionRequest(), path, twin=twin)
        seconds = time.perf_counter() - start
        psnr_fp32, psnr_fp16 = _fidelity(path, twin, loaded)
    return Row(
        model=name,
        params=sum(parameter.numel() for parameter in loaded.module.parameters()),
        macs=_macs(loaded),
        parity=parity,
        fold_error=folded.max_rel_error,
        convert_seconds=seconds,
        size_mb=artifact.size_bytes / 1e6,
        psnr_fp32=psnr_fp32,
        psnr_fp16=psnr_fp16,
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        / (1 << 20 if sys.platform == "darwin" else 1 << 10),
    )


def _parity(name: str) -> float | None:
    """Return the distance from the official logits under the recorded weights."""
    import torch

    from tests.support import golden

    errors: list[float] = []
    for row in golden.golden_values(name):
        network = create(resolve(name))
        golden.fill(network, row["rule"], row.get("gain", 1.0))
        with torch.no_grad():
            logits = network(golden.input_image(row["input_size"]))[0]
        if int(logits.argmax()) != row["argmax"]:
            return float("inf")
        official = [*row["first5"], row["min"], row["max"], row["mean"]]
        ours = [*logits[:5].tolist(), *(value.item() for value in (logits.min(), logits.max(), logits.mean()))]
        errors.append(max(abs(a - b) for a, b in zip(official, ours, strict=True)) / row["std"])
    return max(errors, default=None)


def _macs(loaded: LoadedModel) -> int:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        loaded.module(torch.zeros(1, 3, *loaded.spec.input_size))
    return int(counter.get_total_flops()) // 2


def _fidelity(path: Path, twin: Path, loaded: LoadedModel) -> tuple[float, float]:
    """Return the lowest PSNR over the photographs of the float32 and of the half-precision package."""
    import torch

    from edgevit.images.photos import photos
    from edgevit.images.preprocess import normalize
    from edgevit.verification.evaluator import Evaluator, Rounding
    from edgevit.verification.metrics import compare

    evaluators = (Evaluator(twin), Evaluator(path, rounding=Rounding.HALF))
    lowest = [math.inf, math.inf]
    for photo in photos():
        pixels = photo.pixels(loaded.spec.input_size, loaded.spec.preprocessing)
        with torch.no_grad():
            reference = loaded.module(torch.from_numpy(normalize(pixels, loaded.spec.preprocessing)))
        image = torch.tensor(pixels).permute(2, 0, 1)[None].float()
        for index, evaluator in enumerate(evaluators):
            logits = cast("torch.Tensor", evaluator.run({"image": image})["logits"])
            figures = compare(photo.name, reference.double().numpy(), logits.double().numpy())
            lowest[index] = min(lowest[index], figures.psnr_db)
    return lowest[0], lowest[1]


def in_process(name: str) -> Row:
    """Measure one variant in a process of its own, so that peaks and imports do not mix."""
    command = [sys.executable, "-m", "benchmarks.variants", "--worker", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stderr}")
    return Row(**json.loads(done.stdout))


def markdown(rows: Mapping[str, Row]) -> str:
    """Return the table in the registry's order."""
    ordered = [rows[spec.name] for spec in list_models() if spec.name in rows]
    lines = ["| " + " | ".join(heading for heading, _ in _COLUMNS) + " |"]
    lines.append("|---|" + "--:|" * (len(_COLUMNS) - 1))
    lines += ["| " + " | ".join(cell(row) for _, cell in _COLUMNS) + " |" for row in ordered]
    return "\n".join(lines)


def main() -> None:
    """Parse the command line, measure what is missing, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="MODEL", help="variants to measure; all by default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep finished rows here and go on from them")
    parser.add_argument("--worker", metavar="MODEL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(asdict(measure(options.worker))))
        return
    wanted = options.only or [spec.name for spec in list_models()]
    rows = _read(options.json)
    for name in wanted:
        if name not in rows:
            print(f"measuring {name} ...", file=sys.stderr)
            rows[name] = in_process(get_spec(name).name)
            _write(options.json, rows)
    print(markdown({name: rows[name] for name in wanted}))


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
