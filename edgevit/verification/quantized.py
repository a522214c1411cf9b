"""The verdict on a quantized Core ML package: what was written, and what it costs.

1. The float32 twin equals the source network, as for plain packages.
2. The package, computed in float32, equals PyTorch with the same codes; and with its own rounding it stays close to
   that. These prove what was written.
3. The cost: the same outputs against the source network. How much may be lost is the user's say, so there is no floor.
"""

from __future__ import annotations

from collections.abc import Sequence

from edgevit.types import Artifact, Verdict
from edgevit.verification.bench import Bench
from edgevit.verification.budgets import quantized_budget
from edgevit.verification.compression import missing_weights
from edgevit.verification.cost import CostMeter
from edgevit.verification.device import judge_evaluated
from edgevit.verification.judgement import Judgement
from edgevit.verification.outputs import Outputs
from edgevit.verification.subject import EvaluatedPackage
from edgevit.verification.tflite.quantized import Written

__all__ = ["judge_quantized_package"]


def judge_quantized_package(
    artifact: Artifact,
    bench: Bench,
    package: EvaluatedPackage,
    written: Written,
    *,
    graph: float | None,
    labels: Sequence[str] | None,
) -> Verdict:
    """Return whether a package computes what was meant, and what that costs.

    Args:
        artifact: The package on disk.
        bench: Images, and the source network.
        package: The same, opened.
        written: What it is to compute.
        graph: Largest relative difference between its float32 twin and the source network; None without a twin.
        labels: Labels in the order of the classes that it must have; None does not check them.
    """
    simulation = Bench(bench.spec, bench.head, package.output_names, written.simulated, prepare=written.prepare)
    budget = quantized_budget(
        bench.spec.family, artifact.precision, bench.head, rounds_activations=written.rounds_activations
    )
    budget = budget.allowing(bench.sensitivity())
    if written.rounds_activations:
        decoded = Bench(bench.spec, bench.head, package.output_names, written.decoded, prepare=written.prepare)
        noise = (Judgement.difference(decoded.expected(name), simulation.expected(name)) for name in bench.few())
        budget = budget.allowing_rounding(max(noise))
    judgement, cost = Judgement(budget), CostMeter(bench)
    if graph is not None:
        judgement.require_graph(graph)
    weights = max(_difference(simulation, package, name) for name in simulation.few())
    judgement.require_written(weights)
    judgement.fail(*missing_weights(package.evaluator.plan.constants, written.weights))
    judgement.check_labels(package.labels, labels)
    runtime, report = judge_evaluated(
        judgement,
        package,
        precision=artifact.precision,
        images=simulation.images,
        expected=simulation.expected,
        size=bench.spec.input_size,
        cost=cost,
    )
    return judgement.verdict(
        artifact_sha256=artifact.sha256,
        runtime=runtime,
        graph_max_rel=graph,
        rounding_max_rel=weights,
        range_report=report,
        cost=cost.cost(),
    )


def _difference(simulation: Bench, package: EvaluatedPackage, name: str) -> float:
    actual: Outputs = package.run(simulation.images[name])
    return Judgement.difference(simulation.expected(name), actual)
