"""Verification without weights: a TFLite file against the golden outputs that travel with it."""

from __future__ import annotations

from pathlib import Path

from edgevit.errors import UnsupportedError
from edgevit.store.digest import file_digest
from edgevit.types import Verdict
from edgevit.verification.budgets import tflite_budget, tflite_quantized_budget
from edgevit.verification.judgement import Judgement
from edgevit.verification.record import read_golden_text
from edgevit.verification.recorded import expected_outputs, known_images, required_record
from edgevit.verification.tflite.model import read_tflite
from edgevit.verification.tflite.places import judge_places
from edgevit.verification.tflite.subject import TFLiteFile

__all__ = ["check_tflite"]


def check_tflite(path: Path) -> Verdict:
    """Return whether a file computes the golden outputs in its metadata, with LiteRT on the CPU.

    Raises:
        ArtifactCorruptError: The file or its golden outputs are damaged, or the runtime refuses it.
        UnsupportedError: It carries no reference outputs, or edgevit did not write it.
    """
    model = read_tflite(path)
    golden = read_golden_text(model)
    if golden is None:
        raise UnsupportedError(
            f"{path.name} carries no reference outputs.",
            why="It can be read, but it does not say what PyTorch computed.",
            help="Verify files that edgevit build wrote; 'edgevit lint' looks at others.",
        )
    record = required_record(model)
    file = TFLiteFile(path, record.head)
    expected = expected_outputs(model, record, golden, file.output_names)
    _ = file.labels  # damage in them is worth more to know than the figures
    tolerances = tflite_budget(record.precision, record.head)
    if record.is_quantized:
        tolerances = tflite_quantized_budget(record.head, rounds_activations=record.rounds_activations)
    judgement = Judgement(tolerances)
    images = known_images(record, expected, judgement)
    judge_places(judgement, file, images, lambda name: expected[name][1])
    return judgement.verdict(artifact_sha256=file_digest(path), runtime=file.runtime)
