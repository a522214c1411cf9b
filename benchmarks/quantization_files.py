"""Writing the file of a case and running it, for :mod:`benchmarks.quantization`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quantization_cases import Case, Kind
from benchmarks.quantization_task import Inputs, Pixels, Task
from edgevit.backends.base import ConversionRequest
from edgevit.mobile.adapt import adapt
from edgevit.platforms import ANDROID, IOS
from edgevit.quantize.apply import quantize
from edgevit.quantize.auto import auto
from edgevit.quantize.schemes import get_scheme
from edgevit.reparam.proof import reparameterize
from edgevit.types import AdaptedModel, Head, Precision, Preprocessing
from edgevit.weights import load_model

__all__ = ["PeerError", "adapted", "logits", "write"]

_PLATFORMS = {platform.form: platform for platform in (IOS, ANDROID)}
_PEER_SCRIPT = Path(__file__).with_name("quantization_peer.py")
_PEER_SECONDS = 1800
_LONGEST = 160

Answers = NDArray[np.float64]


class PeerError(Exception):
    """The peer made no file; the text is its own last line."""


def adapted(task: Task, form: str) -> AdaptedModel:
    """Return the network as it is written in a file format."""
    folded = reparameterize(load_model(task.model, task.weights))
    return adapt(folded, head=Head.LOGITS, target=_PLATFORMS[form].target())


def write(task: Task, case: Case, inputs: Inputs) -> Path:
    """Write the file of a case, and return its path.

    Raises:
        PeerError: The peer fails.
        EdgeVitError: We do, for example because no assignment keeps the budget.
    """
    model, path = adapted(task, case.form), task.path(case)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=task.home)) / path.name
    _WRITERS[case.kind](task, case, inputs, model, unfinished)
    if path.is_dir():
        shutil.rmtree(path)
    unfinished.replace(path)
    unfinished.parent.rmdir()
    return path


def _float(_task: Task, case: Case, _inputs: Inputs, model: AdaptedModel, path: Path) -> None:
    _PLATFORMS[case.form].convert(model, ConversionRequest(precision=Precision.FP32), path, None)


def _scheme(_task: Task, case: Case, inputs: Inputs, model: AdaptedModel, path: Path) -> None:
    quantized = quantize(model, get_scheme(case.label), case.form, calibration=inputs.calibration)
    _PLATFORMS[case.form].convert(model, ConversionRequest(quantized=quantized), path, None)


def _auto(task: Task, case: Case, inputs: Inputs, model: AdaptedModel, path: Path) -> None:
    labels = inputs.searched_labels.tolist()
    found = auto(
        model,
        case.form,
        inputs.searched,
        labels or None,
        max_drop=task.max_drop,
        schemes=[get_scheme(case.label)],
        calibration=inputs.calibration,
        cache=task.home,
    )
    _PLATFORMS[case.form].convert(model, ConversionRequest(quantized=found.quantized), path, None)


def _peer(task: Task, case: Case, inputs: Inputs, model: AdaptedModel, path: Path) -> None:
    """Let the peer quantize our file: Core ML in half precision, as iOS gets it, TFLite in float32."""
    precision = Precision.FP16 if case.form == "mlpackage" else Precision.FP32
    with tempfile.TemporaryDirectory(prefix="edgevit-bench-") as folder:
        plain, images = Path(folder) / f"Plain.{case.form}", Path(folder) / "images.npy"
        request = ConversionRequest(precision=precision, ios_min=case.minimum_ios)
        _PLATFORMS[case.form].convert(model, request, plain, None)
        np.save(images, inputs.calibration)
        told = [case.form, str(plain), str(path), json.dumps(case.recipe or {"recipe": case.label}), str(images)]
        command = [task.peer_python or sys.executable, str(_PEER_SCRIPT), *told]
        child = subprocess.run(command, capture_output=True, text=True, timeout=_PEER_SECONDS, check=False)
    if child.returncode:
        raise PeerError(_last_line(child.stderr) or f"it ended with status {child.returncode}")


_WRITERS: Mapping[Kind, Callable[[Task, Case, Inputs, AdaptedModel, Path], None]] = {
    Kind.FLOAT: _float,
    Kind.SCHEME: _scheme,
    Kind.AUTO: _auto,
    Kind.PEER: _peer,
}


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:_LONGEST] if lines else ""


def logits(path: Path, images: Pixels, preprocessing: Preprocessing) -> Answers:
    """Return the centred logits (N, classes) of a file: LiteRT's, or the evaluator's with every result as declared."""
    rows = _RUNNERS[path.suffix](path, images, preprocessing)
    return np.asarray(rows - rows.mean(axis=1, keepdims=True))


def _run_package(path: Path, images: Pixels, preprocessing: Preprocessing) -> Answers:
    from edgevit.verification.evaluator import Evaluator, Rounding
    from edgevit.verification.subject import EvaluatedPackage

    subject = EvaluatedPackage(Evaluator(path, rounding=Rounding.HALF), Head.LOGITS, preprocessing)
    return np.stack([next(iter(found.values.values())).ravel() for found in subject.run_batch(images)])


def _run_tflite(path: Path, images: Pixels, _preprocessing: Preprocessing) -> Answers:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path), num_threads=1)
    interpreter.allocate_tensors()
    (image,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
    rows = []
    for pixels in images:
        interpreter.set_tensor(image["index"], pixels[np.newaxis])
        interpreter.invoke()
        rows.append(interpreter.get_tensor(result["index"]).ravel().astype(np.float64))
    scale, zero_point = result["quantization"]  # the peer's static files return integers
    return np.stack(rows) if not scale else scale * (np.stack(rows) - zero_point)


_RUNNERS: Mapping[str, Callable[[Path, Pixels, Preprocessing], Answers]] = {
    ".mlpackage": _run_package,
    ".tflite": _run_tflite,
}
