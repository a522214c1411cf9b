"""What each Core ML scheme costs and buys, beside coremltools' defaults; printed as Markdown.

    python -m benchmarks.quantization_coreml MODEL [--weights FILE] [--data DIR] [--schemes w8 ...] [--peers ...]

Files are run by edgevit's evaluator, in float32 with the weights as stored. Seeded weights of realistic statistics
stand in for trained ones unless ``--weights`` names a file, so that figures then rank schemes and promise no accuracy.
Images are variations of the shipped photographs, others for calibration than for the figures. Seconds are CPU time on
one thread: quantizing and writing for ours, compressing and saving for coremltools', whose palettes need scikit-learn.
``--data`` adds labelled images, a folder for each class, and then calibrates on others of them. ``--json FILE`` keeps
finished rows, so that a long run can go on.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert
from edgevit.datasets.calibration import calibration_images
from edgevit.datasets.evaluation_set import EvaluationSet, evaluation_images
from edgevit.mobile.adapt import adapt
from edgevit.models.registry import get_spec, list_models
from edgevit.quantize.apply import quantize
from edgevit.quantize.fidelity import answer, compare_answers
from edgevit.quantize.layers import network_inputs
from edgevit.quantize.schemes import get_scheme, list_schemes
from edgevit.reparam.proof import reparameterize
from edgevit.store.digest import tree_size
from edgevit.threads import one_thread
from edgevit.types import AdaptedModel, Head
from edgevit.verification.evaluator import Evaluator
from edgevit.weights import load_model

SCHEMES = tuple(scheme.name for scheme in list_schemes() if "mlpackage" in scheme.formats)

_CALIBRATION, _HELD_OUT, _PHOTOGRAPHS = 32, 20, 4

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Figures:
    """One file.

    Attributes:
        megabytes: Of the package.
        sqnr_db: Centred logits of the file against the source's on held-out images.
        cosine: Mean cosine similarity of these.
        agreement: Share of these images with the same best class.
        seconds: CPU time to make the file.
        top1: Share of the labelled images with the right class; None without any.
        note: Why there are no figures.
    """

    megabytes: float = 0.0
    sqnr_db: float = 0.0
    cosine: float = 0.0
    agreement: float = 0.0
    seconds: float = 0.0
    top1: float | None = None
    note: str = ""


class _Bench:
    """One network, its images, and its files."""

    def __init__(self, adapted: AdaptedModel, folder: Path, labelled: EvaluationSet | None) -> None:
        self._adapted, self._folder = adapted, folder
        self._labels: Sequence[int] | None = None
        if labelled is None:
            self._calibration = calibration_images(None, _CALIBRATION, 0, adapted.spec).images
            self._images = calibration_images(None, _PHOTOGRAPHS + _HELD_OUT, 1, adapted.spec).images[_PHOTOGRAPHS:]
        else:
            self._calibration, self._images = np.split(labelled.images, [_CALIBRATION])
            self._labels = labelled.labels[_CALIBRATION:]
        self._source = answer(adapted.module, Head.LOGITS, network_inputs(adapted, self._images))

    def source(self) -> Figures:
        """Return the figures of the network in float32."""
        cost = compare_answers(self._source, self._source, Head.LOGITS, self._labels)
        return Figures(sqnr_db=cost.sqnr_db, cosine=1.0, agreement=1.0, top1=cost.accuracy)

    def scheme(self, name: str) -> Figures:
        """Write the package of a scheme, and measure it."""
        path = self._path()
        begin = time.process_time()
        quantized = quantize(self._adapted, get_scheme(name), "mlpackage", calibration=self._calibration)
        convert(self._adapted, ConversionRequest(quantized=quantized), path)
        return self._figures(path, time.process_time() - begin)

    def peer(self, name: str) -> Figures:
        """Let coremltools compress the plain package by one of its defaults, and measure the result."""
        needed_ios, compress = PEERS[name]
        plain, path = self._path("Plain"), self._path()
        convert(self._adapted, ConversionRequest(ios_min=needed_ios), plain)
        begin = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compress(plain).save(str(path))
        except Exception as error:
            return Figures(note=f"{type(error).__name__}: {str(error).splitlines()[0][:100]}")
        return self._figures(path, time.process_time() - begin)

    def _path(self, stem: str = "Codes") -> Path:
        path = self._folder / f"{stem}.mlpackage"
        shutil.rmtree(path, ignore_errors=True)
        return path

    def _figures(self, path: Path, seconds: float) -> Figures:
        evaluator = Evaluator(path)
        answers = np.stack([_answer(evaluator, pixels) for pixels in self._images])
        cost = compare_answers(self._source, answers, Head.LOGITS, self._labels)
        norms = np.linalg.norm(self._source, axis=1) * np.linalg.norm(answers, axis=1)
        cosine = float(np.mean((self._source * answers).sum(axis=1) / norms))
        return Figures(tree_size(path) / 1e6, cost.sqnr_db, cosine, cost.agreement, seconds, cost.accuracy)


def _answer(evaluator: Evaluator, pixels: Pixels) -> NDArray[np.float64]:
    image = torch.from_numpy(pixels.transpose(2, 0, 1)[np.newaxis].astype(np.float32))
    (logits,) = evaluator.run({"image": image}).values()
    values = np.asarray(logits, np.float64).ravel()
    return np.asarray(values - values.mean())


def _linear(path: Path, **options: object) -> Any:
    from coremltools import optimize

    config = optimize.coreml.OpLinearQuantizerConfig(mode="linear_symmetric", **options)
    return optimize.coreml.linear_quantize_weights(_opened(path), optimize.coreml.OptimizationConfig(config))


def _palette(path: Path, **options: object) -> Any:
    from coremltools import optimize

    config = optimize.coreml.OpPalettizerConfig(mode="kmeans", **options)
    return optimize.coreml.palettize_weights(_opened(path), optimize.coreml.OptimizationConfig(config))


def _opened(path: Path) -> Any:
    import coremltools

    return coremltools.models.MLModel(str(path), skip_model_load=True)


PEERS: Mapping[str, tuple[int, Callable[[Path], Any]]] = {
    "int8 per channel": (16, lambda path: _linear(path, dtype="int8")),
    "int8 blocks of 32": (18, lambda path: _linear(path, dtype="int8", granularity="per_block", block_size=32)),
    "int4 blocks of 32": (18, lambda path: _linear(path, dtype="int4", granularity="per_block", block_size=32)),
    "palette of 8 bits": (16, lambda path: _palette(path, nbits=8)),
    "palette of 6 bits": (16, lambda path: _palette(path, nbits=6)),
    "palette of 4 bits": (16, lambda path: _palette(path, nbits=4)),
    "palette of 4 bits, groups of 16": (
        18,
        lambda path: _palette(path, nbits=4, granularity="per_grouped_channel", group_size=16),
    ),
}
"""coremltools.optimize with its own defaults: name -> iOS that it needs, and the call."""

_PEER = "coremltools: "
_SOURCE = "PyTorch, float32"

Rows = dict[str, Figures]


def main() -> None:
    """Measure what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=[spec.name for spec in list_models()], metavar="MODEL")
    parser.add_argument("--weights", default="random", metavar="FILE")
    parser.add_argument("--data", type=Path, metavar="DIR", help="labelled images, a folder for each class")
    parser.add_argument("--data-count", type=int, default=1000, metavar="N")
    parser.add_argument("--schemes", nargs="+", choices=SCHEMES, default=SCHEMES, metavar="SCHEME")
    parser.add_argument("--peers", nargs="*", choices=tuple(PEERS), default=tuple(PEERS), metavar="NAME")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep finished rows here and go on from them")
    options = parser.parse_args()
    rows = _read(options.json)
    wanted = [*options.schemes, *(f"{_PEER}{name}" for name in options.peers)]
    with one_thread(), tempfile.TemporaryDirectory(prefix="edgevit-bench-") as folder:
        loaded = load_model(options.model, options.weights)
        labelled = None
        if options.data is not None:
            count = _CALIBRATION + options.data_count
            labelled = evaluation_images(options.data, loaded.labels, count, 0, loaded.spec)
        bench = _Bench(adapt(reparameterize(loaded), head=Head.LOGITS), Path(folder), labelled)
        rows.setdefault(_SOURCE, bench.source())
        for name in [name for name in wanted if name not in rows]:
            print(f"measuring {name} ...", file=sys.stderr)
            rows[name] = bench.peer(name.removeprefix(_PEER)) if name.startswith(_PEER) else bench.scheme(name)
            _write(options.json, rows)
    print(markdown(options.model, {name: rows[name] for name in (_SOURCE, *wanted)}))


def markdown(model: str, rows: Mapping[str, Figures]) -> str:
    """Return the table of one variant."""
    lines = [
        f"| {get_spec(model).title} | MB | SQNR (dB) | cosine | same top-1 | top-1 (%) | CPU s |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, row in rows.items():
        cells = [row.note, *[""] * 5] if row.note else _cells(row)
        lines.append(f"| {' | '.join((name, *cells))} |")
    return "\n".join(lines)


def _cells(row: Figures) -> list[str]:
    figures = f"{row.megabytes:.2f}", f"{row.sqnr_db:.1f}", f"{row.cosine:.5f}"
    top1 = "-" if row.top1 is None else f"{100 * row.top1:.1f}"
    return [*figures, f"{row.agreement:.3f}", top1, f"{row.seconds:.1f}"]


def _read(path: Path | None) -> Rows:
    if path is None or not path.exists():
        return {}
    return {name: Figures(**row) for name, row in json.loads(path.read_text()).items()}


def _write(path: Path | None, rows: Rows) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({name: asdict(row) for name, row in rows.items()}, indent=2) + "\n")


if __name__ == "__main__":
    main()
