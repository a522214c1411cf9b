"""The verdict on a written file; for Core ML packages, two steps from PyTorch to the bytes on disk.

1. The graph: the fp32 twin of the package against PyTorch's source network, equal up to the order of sums.
2. The weights and the rounding: the fp16 package, computed in fp32, against PyTorch with half-rounded weights; and
   with fp16 rounding after every operation against PyTorch, above a floor in dB.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edgevit.images.photos import Photo
from edgevit.images.preprocess import centre, normalize
from edgevit.types import Artifact, Head, ModelSpec, Precision, Verdict
from edgevit.verification.bench import Bench
from edgevit.verification.budgets import budget
from edgevit.verification.device import judge_evaluated
from edgevit.verification.evaluator import Evaluator
from edgevit.verification.judgement import Judgement
from edgevit.verification.outputs import Network
from edgevit.verification.quantized import judge_quantized_package
from edgevit.verification.subject import EvaluatedPackage
from edgevit.verification.tflite.quantized import Written
from edgevit.verification.tflite.verdict import judge_tflite

__all__ = ["judge"]


def judge(
    artifact: Artifact,
    *,
    spec: ModelSpec,
    head: Head,
    reference: Network,
    half_reference: Network | None = None,
    twin: Path | None = None,
    photos: Sequence[Photo] | None = None,
    labels: Sequence[str] | None = None,
    written: Written | None = None,
) -> Verdict:
    """Return whether a written package or TFLite file computes what PyTorch computes, with every figure.

    Low fidelity is no exception here: it comes back as ``passed=False`` with one sentence for each budget missed.

    Args:
        artifact: The package or file on disk; an fp32 one is its own twin.
        spec: Variant, input size, class count, preprocessing.
        head: What the package returns; PROBABILITIES are judged on the logits before the softmax as well.
        reference: The source network, unfolded; takes normalized input. Returns probabilities for PROBABILITIES.
        half_reference: The adapted network with half-rounded weights; takes what the package's first operation sees:
            centred pixels for image inputs, normalized values for arrays. None skips the proof of the weights.
            TFLite files have no such proof: their computation is float32, so the floor in dB says it all.
        twin: fp32 package of the same graph. None skips the proof of the graph for fp16 packages.
        photos: Photographs to judge on; None takes those that ship with edgevit.
        labels: Labels in the order of the classes that the file must have; None does not check them.
        written: For quantized files: what they are to compute.

    Raises:
        ArtifactCorruptError: A package cannot be read or contradicts itself.
        UnsupportedError: It uses operators that the evaluator does not know.
    """
    if artifact.format == "tflite":
        return judge_tflite(
            artifact,
            spec=spec,
            head=head,
            reference=reference,
            twin=twin,
            photos=photos,
            labels=labels,
            written=written,
        )
    package = EvaluatedPackage(Evaluator(artifact.path), head, spec.preprocessing)
    bench = Bench(spec, head, package.output_names, reference, photos)
    tolerances = budget(spec.family, artifact.precision, head).allowing(bench.sensitivity())
    graph = _graph_difference(bench, package, twin, artifact.precision)
    if written is not None:
        return judge_quantized_package(artifact, bench, package, written, graph=graph, labels=labels)
    judgement = Judgement(tolerances)
    if graph is not None:
        judgement.require_graph(graph)
    weights = None if half_reference is None else _prove_weights(bench, package, half_reference, judgement)
    judgement.check_labels(package.labels, labels)
    runtime, report = judge_evaluated(
        judgement,
        package,
        precision=artifact.precision,
        images=bench.images,
        expected=bench.expected,
        size=spec.input_size,
    )
    return judgement.verdict(
        artifact_sha256=artifact.sha256,
        runtime=runtime,
        graph_max_rel=graph,
        rounding_max_rel=weights,
        range_report=report,
    )


def _graph_difference(bench: Bench, package: EvaluatedPackage, twin: Path | None, precision: Precision) -> float | None:
    """Return the largest relative difference between the fp32 graph and PyTorch, or None without a twin."""
    if precision is Precision.FP32 and twin is None:
        subject = package
    elif twin is not None:
        subject = EvaluatedPackage(Evaluator(twin), bench.head, bench.spec.preprocessing)
    else:
        return None
    return max(Judgement.difference(bench.expected(name), subject.run(bench.images[name])) for name in bench.few())


def _prove_weights(bench: Bench, package: EvaluatedPackage, half_reference: Network, judgement: Judgement) -> float:
    """Return the largest relative difference between the file's weights and half-rounded ones, in effect."""
    takes_image = package.evaluator.package.inputs[0].kind == "image"
    prepare = centre if takes_image else normalize
    worst = 0.0
    for name in bench.few():
        pixels = bench.images[name]
        expected = bench.run(half_reference, prepare(pixels, bench.spec.preprocessing))
        worst = max(worst, judgement.difference(expected, package.run(pixels)))
    judgement.require_weights(worst)
    return worst
