"""What each TFLite scheme costs and buys on one variant, for :mod:`benchmarks.quantization`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from benchmarks.tflite_time import TimedFile, take_turns
from edgevit.backends.base import ConversionRequest
from edgevit.backends.tflite import convert
from edgevit.datasets.calibration import calibration_images
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
from edgevit.types import AdaptedModel, Head, Precision
from edgevit.verification.litert import run_tflite
from edgevit.weights import load_model

__all__ = ["PEER", "SCHEMES", "Figures", "measure"]

SCHEMES = ("fp32", *(scheme.name for scheme in list_schemes() if "tflite" in scheme.formats))
"""What is measured: float32 weights first, to which times compare, then every scheme of the format."""

PEER = "ai-edge-quantizer: "
"""Prefix of the peer's recipes."""

_RECIPES = ("weight_only_wi8_afp32", "dynamic_wi8_afp32", "dynamic_wi4_afp32", "static_wi8_ai8")
_PEER_SCRIPT = Path(__file__).with_name("quantization_peer.py")
_CALIBRATION, _HELD_OUT = 32, 20
_PHOTOGRAPHS = 4
_SECONDS_A_FILE = 2.0
_LONGEST_CHILD = 1200

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Figures:
    """One file.

    Attributes:
        megabytes: Of the file.
        sqnr_db: Centred logits of the file against the source's on held-out images.
        agreement: Share of these images with the same best class.
        written_db: The same figure against PyTorch computing as the file does; None for peers.
        partitions: XNNPACK partitions.
        speed: Thread CPU time of the float32 file divided by this one's, median over rounds of turns.
        note: Why there are no figures.
    """

    megabytes: float = 0.0
    sqnr_db: float = 0.0
    agreement: float = 0.0
    written_db: float | None = None
    partitions: int = 0
    speed: float = 0.0
    note: str = ""


def measure(model: str, weights: str, schemes: Sequence[str], peer_python: str | None) -> dict[str, Figures]:
    """Write a variant under each scheme, run the files on held-out images, and time them in turns."""
    with one_thread(), tempfile.TemporaryDirectory(prefix="edgevit-bench-") as folder:
        bench = _Bench(_adapted(model, weights), Path(folder))
        notes = {name: bench.write(name) for name in dict.fromkeys(("fp32", *schemes))}
        if peer_python is not None:
            notes |= {f"{PEER}{recipe}": bench.write_peer(recipe, peer_python) for recipe in _RECIPES}
        paths = {name: bench.path(name) for name, note in notes.items() if not note}
        speeds = _speeds(paths)
        found = {name: bench.figures(name, speeds[name]) for name in paths}
    return {name: found.get(name, Figures(note=note)) for name, note in notes.items()}


def _adapted(model: str, weights: str) -> AdaptedModel:
    return adapt(reparameterize(load_model(model, weights)), head=Head.LOGITS, target=ANDROID.target())


def _speeds(paths: Mapping[str, Path]) -> dict[str, float]:
    files = {name: TimedFile(path, 1) for name, path in paths.items()}
    rounds = take_turns(files, _SECONDS_A_FILE * len(files))
    return {name: statistics.median(row["fp32"] / row[name] for row in rounds) for name in files}


class _Bench:
    """One network, its images, and its files."""

    def __init__(self, adapted: AdaptedModel, folder: Path) -> None:
        self._adapted, self._folder = adapted, folder
        self._calibration = calibration_images(None, _CALIBRATION, 0, adapted.spec).images
        self._images = calibration_images(None, _PHOTOGRAPHS + _HELD_OUT, 1, adapted.spec).images[_PHOTOGRAPHS:]
        self._source = answer(adapted.module, Head.LOGITS, network_inputs(adapted, self._images))
        self._simulated: dict[str, NDArray[np.float64]] = {}
        np.save(folder / "images.npy", self._calibration)

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
        network = simulated(quantized)
        self._simulated[name] = answer(network, Head.LOGITS, network_inputs(self._adapted, self._images))
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
        cost = compare_answers(self._source, answers, Head.LOGITS)
        simulation = self._simulated.get(name)
        return Figures(
            megabytes=path.stat().st_size / 1e6,
            sqnr_db=cost.sqnr_db,
            agreement=cost.agreement,
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


def main(model: str, weights: str, peer_python: str, *schemes: str) -> None:
    """Measure in this process, and print the figures as JSON."""
    import json
    from dataclasses import asdict

    found = measure(model, weights, schemes, peer_python or None)
    print(json.dumps({name: asdict(figures) for name, figures in found.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
