"""Running a ``.tflite`` file with LiteRT, in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgevit.errors import ArtifactCorruptError, ToolMissingError, UnsupportedError
from edgevit.store.diskerrors import reading

__all__ = ["Array", "run_tflite"]

Array = NDArray[np.float32 | np.uint8 | np.int32]
"""An input or output of a file."""

_CHILD = Path(__file__).with_name("litert_child.py")
_REFUSED, _WRONG_INPUTS = 3, 4
_MAX_MESSAGE = 300


def run_tflite(
    path: Path, runs: Sequence[Mapping[str, Array]], *, threads: int = 1, timeout: float = 300.0
) -> list[dict[str, Array]]:
    """Return the outputs of a file for each of several inputs.

    The file runs in a child process, because the runtime trusts what it reads: a damaged file may crash it.

    Args:
        path: A ``.tflite`` file.
        runs: For each run, input name -> array of exactly the file's shape and element type.
        threads: Of the runtime's CPU kernels.
        timeout: Seconds for all runs together.

    Returns:
        For each run, output name -> array. Names are the signature's, or the tensors' where the file has none.

    Raises:
        ArtifactCorruptError: The runtime refuses the file, crashes on it, or does not come to an end.
        UnsupportedError: The file takes other inputs.
        InputError: The file cannot be read.
        ToolMissingError: ai-edge-litert is not installed.
    """
    with reading(path), path.open("rb"):
        pass
    with tempfile.TemporaryDirectory(prefix="edgevit-") as name:
        folder = Path(name)
        named = {f"{i}/{key}": array for i, inputs in enumerate(runs) for key, array in inputs.items()}
        np.savez(folder / "inputs.npz", allow_pickle=False, **named)
        _run_child(path, folder, threads, timeout)
        return _outputs(folder / "outputs.npz", len(runs))


def _run_child(path: Path, folder: Path, threads: int, timeout: float) -> None:
    # -P: the folder of the script must not shadow packages.
    command = [sys.executable, "-P", str(_CHILD), str(path.absolute()), str(folder), str(threads)]
    try:
        child = subprocess.run(command, capture_output=True, timeout=timeout, check=False)  # noqa: S603 - our own script
    except subprocess.TimeoutExpired as error:
        raise _corrupt(path, f"The runtime did not come to an end within {timeout:.0f} s.") from error
    message = child.stderr.decode(errors="replace")
    if child.returncode == _WRONG_INPUTS:
        raise UnsupportedError(f"'{path}' does not take these inputs.", why=f"{message}.")
    if child.returncode < 0:
        raise _corrupt(path, f"The runtime crashed on it ({signal.Signals(-child.returncode).name}).")
    if child.returncode == _REFUSED:
        raise _corrupt(path, f"The runtime says: {' '.join(message.split())[-_MAX_MESSAGE:]}")
    if "ModuleNotFoundError" in message:
        raise ToolMissingError(
            "Running TFLite files needs ai-edge-litert.",
            why=message.splitlines()[-1],
            help="pip install ai-edge-litert",
        )
    if child.returncode:
        raise RuntimeError(f"{_CHILD.name} failed: {message}")


def _corrupt(path: Path, why: str) -> ArtifactCorruptError:
    return ArtifactCorruptError(f"'{path}' cannot be run.", why=why, help="Build it again, or copy it again.")


def _outputs(path: Path, count: int) -> list[dict[str, Array]]:
    outputs: list[dict[str, Array]] = [{} for _ in range(count)]
    with np.load(path, allow_pickle=False) as archive:
        for key in archive.files:
            index, _, name = key.partition("/")
            outputs[int(index)][name] = archive[key]
    return outputs
