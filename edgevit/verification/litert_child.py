"""The process that runs a ``.tflite`` file for :mod:`edgevit.verification.litert`: a script, not imported.

A damaged file can crash or hang the runtime, which reads it without checks; it must not take edgevit with it.
It reads ``inputs.npz`` in the folder given, with arrays named ``<run>/<input>``, and writes ``outputs.npz`` likewise.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

REFUSED, WRONG_INPUTS = 3, 4
"""Exit statuses: the runtime does not take the file; the file does not take the inputs."""

_MEMORY_LIMIT = 16 << 30
"""Bytes of address space: far more than any of edgevit's models needs, and an end for absurd tensor sizes."""


def main(arguments: list[str]) -> int:
    """Run ``MODEL FOLDER THREADS`` and return the exit status."""
    model, folder, threads = arguments[0], Path(arguments[1]), int(arguments[2])
    _limit_memory()
    try:
        interpreter = Interpreter(model_path=model, num_threads=threads)
        interpreter.allocate_tensors()
        runs = _runs(folder / "inputs.npz")
        problem = _mismatch(_expected(interpreter), runs)
        if problem:
            return _fail(problem, WRONG_INPUTS)
        outputs = [_run(interpreter, inputs) for inputs in runs]
    except (RuntimeError, ValueError, MemoryError) as error:
        return _fail(str(error) or type(error).__name__, REFUSED)
    named = {f"{i}/{name}": array for i, run in enumerate(outputs) for name, array in run.items()}
    np.savez(folder / "outputs.npz", allow_pickle=False, **named)
    return 0


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_LIMIT, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _fail(message: str, status: int) -> int:
    sys.stderr.write(message)
    return status


def _runs(path: Path) -> list[dict[str, NDArray[Any]]]:
    runs: dict[int, dict[str, NDArray[Any]]] = {}
    with np.load(path, allow_pickle=False) as archive:
        for key in archive.files:
            index, _, name = key.partition("/")
            runs.setdefault(int(index), {})[name] = archive[key]
    return [runs[index] for index in sorted(runs)]


def _expected(interpreter: Interpreter) -> dict[str, dict[str, Any]]:
    """Return the inputs by name: the signature's, or the tensors' where there is no signature."""
    if interpreter.get_signature_list():
        details: dict[str, dict[str, Any]] = interpreter.get_signature_runner().get_input_details()
        return details
    return {detail["name"]: detail for detail in interpreter.get_input_details()}


def _mismatch(expected: Mapping[str, Mapping[str, Any]], runs: list[dict[str, NDArray[Any]]]) -> str:
    """Return what is wrong with the inputs, or an empty string."""
    for inputs in runs:
        if set(inputs) != set(expected):
            return f"It takes {', '.join(sorted(expected))}, not {', '.join(sorted(inputs))}"
        for name, array in inputs.items():
            shape, dtype = tuple(expected[name]["shape"]), np.dtype(expected[name]["dtype"])
            if array.shape != shape or array.dtype != dtype:
                return f"{name} is {dtype} {shape}, not {array.dtype} {array.shape}"
    return ""


def _run(interpreter: Interpreter, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    if interpreter.get_signature_list():
        outputs: dict[str, NDArray[Any]] = interpreter.get_signature_runner()(**inputs)
        return outputs
    for detail in interpreter.get_input_details():
        interpreter.set_tensor(detail["index"], inputs[detail["name"]])
    interpreter.invoke()
    return {detail["name"]: interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
