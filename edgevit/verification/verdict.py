"""The verdict on a written Core ML package: two steps from PyTorch to the bytes on disk.

1. The graph: the fp32 twin of the package against PyTorch's source network, equal up to the order of sums.
2. The weights and the rounding: the fp16 package, computed in fp32, against PyTorch with half-rounded weights; and
   with fp16 rounding after every operation against PyTorch, above a floor in dB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from edgevit.images.noise import structured_noise
from edgevit.images.photos import Photo
from edgevit.images.photos import photos as shipped_photos
from edgevit.images.preprocess import centre, normalize
from edgevit.types import Artifact, Head, ModelSpec, Precision, Verdict
from edgevit.verification.budgets import SENSITIVITY_FACTOR, Budget, budget
from edgevit.verification.device import judge_evaluated
from edgevit.verification.evaluator import Evaluator
from edgevit.verification.judgement import Judgement
from edgevit.verification.outputs import Network, Outputs, reference_outputs
from edgevit.verification.subject import EvaluatedPackage

__all__ = ["judge"]

Pixels = NDArray[np.uint8]


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
) -> Verdict:
    """Return whether a written package computes what PyTorch computes, with every figure.

    Low fidelity is no exception here: it comes back as ``passed=False`` with one sentence for each budget missed.

    Args:
        artifact: The package on disk; an fp32 one is its own twin.
        spec: Variant, input size, class count, preprocessing.
        head: What the package returns; PROBABILITIES are judged on the logits before the softmax as well.
        reference: The source network, unfolded; takes normalized input. Returns probabilities for PROBABILITIES.
        half_reference: The adapted network with half-rounded weights; takes what the package's first operation sees:
            centred pixels for image inputs, normalized values for arrays. None skips the proof of the weights.
        twin: fp32 package of the same graph. None skips the proof of the graph for fp16 packages.
        photos: Photographs to judge on; None takes those that ship with edgevit.
        labels: Labels in the order of the classes that the file must have; None does not check them.

    Raises:
        ArtifactCorruptError: A package cannot be read or contradicts itself.
        UnsupportedError: It uses operators that the evaluator does not know.
    """
    package = EvaluatedPackage(Evaluator(artifact.path), head, spec.preprocessing)
    images = _images(spec, shipped_photos() if photos is None else photos)
    bench = _Bench(spec, head, package, images, reference)
    tolerances = _allowing(budget(spec.family, artifact.precision, head), bench.sensitivity())
    judgement = Judgement(tolerances)
    graph = _prove_graph(bench, twin, artifact.precision, tolerances, judgement)
    weights = None if half_reference is None else _prove_weights(bench, half_reference, tolerances, judgement)
    judgement.check_labels(package.labels, labels)
    runtime, report = judge_evaluated(
        judgement,
        package,
        precision=artifact.precision,
        images=images,
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


def _allowing(tolerances: Budget, sensitivity: float) -> Budget:
    """Return the tolerances of the exact proofs widened for weights that amplify the last bits of their input."""
    floor = SENSITIVITY_FACTOR * sensitivity
    return replace(
        tolerances,
        graph_max_rel=max(tolerances.graph_max_rel, floor),
        rounding_max_rel=max(tolerances.rounding_max_rel, floor),
    )


class _Bench:
    """The package, the images, and PyTorch's outputs on them, each computed once."""

    def __init__(
        self, spec: ModelSpec, head: Head, package: EvaluatedPackage, images: dict[str, Pixels], reference: Network
    ) -> None:
        self.spec, self.head, self.package, self.images = spec, head, package, images
        self._reference = reference
        self._expected: dict[str, Outputs] = {}

    def expected(self, name: str) -> Outputs:
        """Return what the source network computes on one image."""
        if name not in self._expected:
            self._expected[name] = self.run(self._reference, normalize(self.images[name], self.spec.preprocessing))
        return self._expected[name]

    def sensitivity(self) -> float:
        """Return how far PyTorch's own outputs move when every input value moves to a neighbouring float32.

        No fp32 computation of the network can be expected to agree much better than that.
        """
        worst = 0.0
        for name in self.few():
            values = normalize(self.images[name], self.spec.preprocessing)
            signs = np.random.default_rng(0).choice(np.array([-np.inf, np.inf], np.float32), values.shape)
            moved = self.run(self._reference, np.nextafter(values, signs))
            worst = max(worst, Judgement.difference(self.expected(name), moved))
        return worst

    @torch.no_grad()
    def run(self, network: Network, values: NDArray[np.float32]) -> Outputs:
        """Return what a network computes, under the package's output names."""
        return reference_outputs(network(torch.from_numpy(values)), self.head, self.package.output_names)

    def few(self) -> list[str]:
        """Return one photograph and the noise: exact proofs need no more, every weight takes part in each."""
        names = list(self.images)
        return [names[0], names[-1]]


def _images(spec: ModelSpec, photographs: Sequence[Photo]) -> dict[str, Pixels]:
    images = {photo.name: photo.pixels(spec.input_size, spec.preprocessing) for photo in photographs}
    return {**images, "structured noise": structured_noise(spec.input_size)}


def _prove_graph(
    bench: _Bench, twin: Path | None, precision: Precision, tolerances: Budget, judgement: Judgement
) -> float | None:
    """Return the largest relative difference between the fp32 graph and PyTorch, or None without a twin."""
    if precision is Precision.FP32:
        subject = bench.package
    elif twin is not None:
        subject = EvaluatedPackage(Evaluator(twin), bench.head, bench.spec.preprocessing)
    else:
        return None
    worst = max(judgement.difference(bench.expected(name), subject.run(bench.images[name])) for name in bench.few())
    judgement.require(worst, tolerances.graph_max_rel, "The float32 graph differs from PyTorch by {value}")
    return worst


def _prove_weights(bench: _Bench, half_reference: Network, tolerances: Budget, judgement: Judgement) -> float:
    """Return the largest relative difference between the file's weights and half-rounded ones, in effect."""
    takes_image = bench.package.evaluator.package.inputs[0].kind == "image"
    prepare = centre if takes_image else normalize
    worst = 0.0
    for name in bench.few():
        pixels = bench.images[name]
        expected = bench.run(half_reference, prepare(pixels, bench.spec.preprocessing))
        worst = max(worst, judgement.difference(expected, bench.package.run(pixels)))
    judgement.require(worst, tolerances.rounding_max_rel, "The weights differ from PyTorch's, half-rounded, by {value}")
    return worst
