"""What each TFLite scheme costs and buys on one variant, for :mod:`benchmarks.quantization`."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from torch import nn

from benchmarks.tflite_time import TimedFile, take_turns
from edgevit.backends.base import ConversionRequest
from edgevit.backends.tflite import convert
from edgevit.datasets.calibration import calibration_images
from edgevit.datasets.evaluation_set import evaluation_images
from edgevit.labels.file import read_labels
from edgevit.lint.partitions import execution_plan
from edgevit.mobile.adapt import adapt
from edgevit.platforms import ANDROID
from edgevit.quantize.apply import quantize
from edgevit.quantize.fidelity import answer, compare_answers
from edgevit.quantize.layers import network_inputs
from edgevit.quantize.schemes import get_scheme, list_schemes
from edgevit.quantize.simulation import simulated
from edgevit.reparam.proof import reparameterize
from edgevit.threads import one_thread
from edgevit.types import Head, ModelSpec, Precision
from edgevit.verification.litert import run_tflite
from edgevit.weights import load_model

__all__ = ["PEER", "SCHEMES", "Figures", "Task", "measure"]

SCHEMES = ("fp32", *(scheme.name for scheme in list_schemes() if "tflite" in scheme.formats))
"""What is measured: float32 weights first, to which times compare, then every scheme of the format."""

PEER = "ai-edge-quantizer: "
"""Prefix of the peer's recipes."""

_RECIPES = ("weight_only_wi8_afp32", "dynamic_wi8_afp32", "dynamic_wi4_afp32", "static_wi8_ai8")
_PEER_SCRIPT = Path(__file__).with_name("quantization_peer.py")
_CALIBRATION, _HELD_OUT = 32, 20
_PHOTOGRAPHS = 4
_REFUSED = "LiteRT does not take the file"
_SECONDS_A_FILE = 2.0
_LONGEST_CHILD = 1200

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Task:
    """What to measure, all text so that it can go to a process of its own.

    Attributes:
        model: Name of a variant.
        weights: As ``edgevit build --weights`` takes them.
        schemes: Of :data:`SCHEMES`.
        peer_python: Python that has ai-edge-quantizer; empty leaves it out.
        calib: Folder of calibration images; empty takes the shipped photographs.
        data: Folder of labelled images, one folder a class, instead of the shipped photographs; may be empty.
        labels: File with the names of the classes, for ``data``.
        limit: How many of the labelled images.
    """

    model: str
    weights: str = "random"
    schemes: tuple[str, ...] = SCHEMES
    peer_python: str = ""
    calib: str = ""
    data: str = ""
    labels: str = ""
    limit: int = 2000


@dataclass(frozen=True, slots=True)
class Figures:
    """One file.

    Attributes:
        megabytes: Of the file.
        sqnr_db: Centred logits of the file against the source's on held-out images.
        agreement: Share of these images with the same best class.
        top1: Share of labelled images whose best class is the label; None without labels.
        written_db: The same figure against PyTorch computing as the file does; None for peers.
        partitions: XNNPACK partitions.
        speed: Thread CPU time of the float32 file divided by this one's, median over rounds of turns.
        note: Why there are no figures.
    """

    megabytes: float = 0.0
    sqnr_db: float = 0.0
    agreement: float = 0.0
    top1: float | None = None
    written_db: float | None = None
    partitions: int = 0
    speed: float = 0.0
    note: str = ""


def measure(task: Task) -> dict[str, Figures]:
    """Write a variant under each scheme, run the files on images that calibration did not see, time them in turns."""
    with one_thread(), tempfile.TemporaryDirectory(prefix="edgevit-bench-") as folder:
        bench = _Bench(task, Path(folder))
        notes = {name: bench.write(name) for name in dict.fromkeys(("fp32", *task.schemes))}
        if task.peer_python:
            notes |= {f"{PEER}{recipe}": bench.write_peer(recipe, task.peer_python) for recipe in _RECIPES}
        notes |= {name: _REFUSED for name, note in notes.items() if not note and not _runs(bench.path(name))}
        paths = {name: bench.path(name) for name, note in notes.items() if not note}
        speeds = _speeds(paths)
        found = {name: bench.figures(name, speeds[name]) for name in paths}
    return {name: found.get(name, Figures(note=note)) for name, note in notes.items()}


def _images(task: Task, spec: ModelSpec) -> tuple[Pixels, tuple[int, ...] | None]:
    """Return images and, where there are, their labels."""
    if not task.data:
        return calibration_images(None, _PHOTOGRAPHS + _HELD_OUT, 1, spec).images[_PHOTOGRAPHS:], None
    found = evaluation_images(Path(task.data), read_labels(Path(task.labels)), task.limit, 0, spec)
    return found.images, found.labels


def _runs(path: Path) -> bool:
    return execution_plan(path).partitions is not None


def _speeds(paths: Mapping[str, Path]) -> dict[str, float]:
    files = {name: TimedFile(path, 1) for name, path in paths.items()}
    rounds = take_turns(files, _SECONDS_A_FILE * len(files))
    return {name: statistics.median(row["fp32"] / row[name] for row in rounds) for name in files}


class _Bench:
    """One network, its images, and its files."""

    def __init__(self, task: Task, folder: Path) -> None:
        self._folder = folder
        folded = reparameterize(load_model(task.model, task.weights))
        self._adapted = adapt(folded, head=Head.LOGITS, target=ANDROID.target())
        spec = self._adapted.spec
        calib = Path(task.calib) if task.calib else None
        self._calibration = calibration_images(calib, _CALIBRATION, 0, spec).images
        self._images, self._labels = _images(task, spec)
        self._source = self._answer(self._adapted.module)
        self._simulated: dict[str, NDArray[np.float64]] = {}
        np.save(folder / "images.npy", self._calibration)

    def _answer(self, network: nn.Module) -> NDArray[np.float64]:
        return answer(network, Head.LOGITS, network_inputs(self._adapted, self._images))

    def path(self, name: str) -> Path:
        """Return where the file of a scheme or recipe lies."""
        return self._folder / f"{name.removeprefix(PEER)}.tflite"

    def write(self, name: str) -> str:
        """Write the file of a scheme, and return nothing: ours can all be written."""
        if name == "fp32":
            convert(self._adapted, ConversionRequest(precision=Precision.FP32), self.path(name))
            return ""
        quantized = quantize(self._adapted, get_scheme(name), "tflite", calibration=self._calibration)
        convert(quantized.model, ConversionRequest(quantized=quantized), self.path(name))
        self._simulated[name] = self._answer(simulated(quantized))
        return ""

    def write_peer(self, recipe: str, python: str) -> str:
        """Let the peer quantize the float32 file, and return why it could not, or nothing."""
        target, images = self.path(recipe), self._folder / "images.npy"
        command = [python, str(_PEER_SCRIPT), str(self.path("fp32")), str(target), recipe, str(images)]
        child = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_CHILD, check=False)
        return child.stderr.strip().splitlines()[-1][:120] if child.returncode else ""

    def figures(self, name: str, speed: float) -> Figures:
        """Return the figures of a written file."""
        path = self.path(name)
        answers = np.stack([*_answers(path, self._images)])
        cost = compare_answers(self._source, answers, Head.LOGITS, self._labels)
        simulation = self._simulated.get(name)
        return Figures(
            megabytes=path.stat().st_size / 1e6,
            sqnr_db=cost.sqnr_db,
            agreement=cost.agreement,
            top1=cost.accuracy,
            written_db=None if simulation is None else compare_answers(simulation, answers, Head.LOGITS).sqnr_db,
            partitions=execution_plan(path).partitions or 0,
            speed=speed,
        )


def _answers(path: Path, images: Pixels) -> Iterator[NDArray[np.float64]]:
    """Yield the centred logits on each image; the peer's static files return integers."""
    (result,) = Interpreter(model_path=str(path)).get_output_details()
    scale, zero_point = result["quantization"]
    for outputs in run_tflite(path, [{"image": pixels[np.newaxis]} for pixels in images]):
        (logits,) = outputs.values()
        values = logits.ravel().astype(np.float64)
        if scale:
            values = scale * (values - zero_point)
        yield values - values.mean()


def main(task: str) -> None:
    """Measure a task, given as JSON, in this process, and print the figures as JSON."""
    found = measure(Task(**json.loads(task)))
    print(json.dumps({name: asdict(figures) for name, figures in found.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
