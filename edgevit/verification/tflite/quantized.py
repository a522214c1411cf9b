"""The verdict on a quantized TFLite file, in two steps.

1. The float32 twin equals PyTorch with the decoded weights, and the file equals PyTorch computing as the file does.
   These prove what was written.
2. The cost: the file against the source network. It has figures but no floor: how much may be lost is the user's say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgevit.types import Artifact, Preprocessing, Verdict
from edgevit.verification.bench import Bench
from edgevit.verification.budgets import tflite_quantized_budget
from edgevit.verification.cost import CostMeter
from edgevit.verification.judgement import Judgement
from edgevit.verification.outputs import Network
from edgevit.verification.tflite.places import judge_places
from edgevit.verification.tflite.subject import TFLiteFile

__all__ = ["Written", "judge_quantized_tflite"]


@dataclass(frozen=True, slots=True)
class Written:
    """What a quantized file is to compute; both networks take what the adapted network takes.

    Attributes:
        decoded: The network with the values that its codes stand for, in floating point: the twin's reference.
        simulated: The same with activations through their integers: the file's reference.
        rounds_activations: Whether the two differ.
        prepare: Makes the networks' input of pixels (H, W, 3).
        weights: Parameter -> what its codes stand for; looked for in Core ML packages one by one.
    """

    decoded: Network
    simulated: Network
    rounds_activations: bool
    prepare: Callable[[NDArray[np.uint8], Preprocessing], NDArray[np.float32]]
    weights: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)


def judge_quantized_tflite(
    artifact: Artifact, bench: Bench, written: Written, *, twin: Path | None, labels: Sequence[str] | None
) -> Verdict:
    """Return whether a file computes what was meant, and what that costs.

    Args:
        artifact: The file on disk.
        bench: Images, and the source network.
        written: What the file is to compute.
        twin: The same graph with float32 weights; None skips the proof of the graph.
        labels: Labels in the order of the classes that the file must have; None does not check them.

    Raises:
        ArtifactCorruptError: A file cannot be read, or the runtime refuses it.
        UnsupportedError: It takes no image.
    """
    file = TFLiteFile(artifact.path, bench.head)
    decoded, simulated = (
        Bench(bench.spec, bench.head, file.output_names, network, prepare=written.prepare)
        for network in (written.decoded, written.simulated)
    )
    budget = tflite_quantized_budget(bench.head, rounds_activations=written.rounds_activations)
    noise = max(Judgement.difference(decoded.expected(name), simulated.expected(name)) for name in bench.few())
    judgement, cost = Judgement(budget.allowing(bench.sensitivity()).allowing_rounding(noise)), CostMeter(bench)
    graph = None if twin is None else _worst(decoded, TFLiteFile(twin, bench.head))
    if graph is not None:
        judgement.require_graph(graph)
    weights = _worst(simulated, file)
    judgement.require_written(weights)
    judgement.check_labels(file.labels, labels)
    judge_places(judgement, file, bench.images, simulated.expected, cost)
    return judgement.verdict(
        artifact_sha256=artifact.sha256,
        runtime=file.runtime,
        graph_max_rel=graph,
        rounding_max_rel=weights,
        cost=cost.cost(),
    )


def _worst(bench: Bench, file: TFLiteFile) -> float:
    """Return the largest relative difference between a file and a network, on a photograph and on noise."""
    outputs = file.run({name: bench.images[name] for name in bench.few()})
    return max(Judgement.difference(bench.expected(name), actual) for name, actual in outputs.items())
