"""The verdict on a written TFLite file: LiteRT's outputs against PyTorch's, on the same images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edgevit.images.photos import Photo
from edgevit.types import Artifact, Head, ModelSpec, Precision, Verdict
from edgevit.verification.bench import Bench
from edgevit.verification.budgets import tflite_budget
from edgevit.verification.judgement import Judgement
from edgevit.verification.outputs import Network
from edgevit.verification.tflite.places import judge_places
from edgevit.verification.tflite.quantized import Written, judge_quantized_tflite
from edgevit.verification.tflite.subject import TFLiteFile

__all__ = ["judge_tflite"]


def judge_tflite(
    artifact: Artifact,
    *,
    spec: ModelSpec,
    head: Head,
    reference: Network,
    twin: Path | None = None,
    photos: Sequence[Photo] | None = None,
    labels: Sequence[str] | None = None,
    written: Written | None = None,
) -> Verdict:
    """Return whether a written file computes what PyTorch computes, with every figure.

    Args:
        artifact: The file on disk; one with fp32 weights is its own twin.
        spec: Variant, input size, class count, preprocessing.
        head: What the file returns.
        reference: The source network, unfolded; takes normalized input. Returns probabilities for PROBABILITIES.
        twin: The same graph with fp32 weights. None skips the proof of the graph for fp16 files.
        photos: Photographs to judge on; None takes those that ship with edgevit.
        labels: Labels in the order of the classes that the file must have; None does not check them.
        written: For quantized files: what they are to compute.

    Raises:
        ArtifactCorruptError: A file cannot be read, or the runtime refuses it.
        UnsupportedError: It takes no image.
    """
    file = TFLiteFile(artifact.path, head)
    bench = Bench(spec, head, file.output_names, reference, photos)
    if written is not None:
        return judge_quantized_tflite(artifact, bench, written, twin=twin, labels=labels)
    judgement = Judgement(tflite_budget(artifact.precision, head).allowing(bench.sensitivity()))
    graph = _prove_graph(bench, artifact.path if artifact.precision is Precision.FP32 else twin, judgement)
    judgement.check_labels(file.labels, labels)
    judge_places(judgement, file, bench.images, bench.expected)
    return judgement.verdict(artifact_sha256=artifact.sha256, runtime=file.runtime, graph_max_rel=graph)


def _prove_graph(bench: Bench, twin: Path | None, judgement: Judgement) -> float | None:
    """Return the largest relative difference between the fp32 graph and PyTorch, or None without a twin."""
    if twin is None:
        return None
    outputs = TFLiteFile(twin, bench.head).run({name: bench.images[name] for name in bench.few()})
    worst = max(judgement.difference(bench.expected(name), actual) for name, actual in outputs.items())
    judgement.require_graph(worst)
    return worst
