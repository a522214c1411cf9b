"""All rules on one file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from edgevit.lint.cpu_rules import CPU_RULES
from edgevit.lint.findings import Finding, Graph, Level, Processor, Rule
from edgevit.lint.gpu_rules import GPU_RULES
from edgevit.lint.partitions import Plan, execution_plan
from edgevit.lint.runtimes import NEWEST, runtime_rule
from edgevit.verification.tflite.model import Operator, TFLiteModel, read_tflite

__all__ = ["LintReport", "lint"]

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class LintReport:
    """What was found in a file.

    Attributes:
        runtime: The runtime whose operators were asked for.
        operators: Builtin -> number of calls.
        partitions: Pieces that XNNPACK runs as a whole; None where it was not asked or does not take the file.
        findings: In the order of rules; errors are those with which the file does not load.
    """

    runtime: str
    operators: Mapping[str, int]
    partitions: int | None
    findings: tuple[Finding, ...]

    @property
    def loads(self) -> bool:
        """Whether the runtime takes the file, as far as can be told."""
        return all(finding.level is not Level.ERROR for finding in self.findings)


def lint(
    path: Path, *, runtime: str = NEWEST, processors: Collection[Processor] = (Processor.CPU, Processor.GPU)
) -> LintReport:
    """Return what a runtime will make of a ``.tflite`` file, whoever wrote it.

    Args:
        path: The file; it is read, and loaded by LiteRT in a child process, but not run.
        runtime: One of :func:`~edgevit.lint.runtimes.runtime_names`.
        processors: Where the file is to run.

    Raises:
        ArtifactCorruptError: It is no TFLite file, or damaged.
        InputError: It cannot be read.
        UsageError: The runtime is unknown.
        ToolMissingError: ai-edge-litert is not installed.
    """
    rules = [runtime_rule(runtime), *(rule for rule in (*CPU_RULES, *GPU_RULES) if rule.processor in processors)]
    model = read_tflite(path)
    findings = [finding for rule in rules if (finding := _find(rule, model)) is not None]
    plan = execution_plan(path) if Processor.CPU in processors and runtime == NEWEST else Plan(None)
    findings += _plan_findings(plan)
    return LintReport(runtime, model.count_ops(), plan.partitions, tuple(findings))


def _find(rule: Rule, model: TFLiteModel) -> Finding | None:
    broken = list(_broken(rule, model))
    if not broken:
        return None
    return Finding(rule.name, rule.level, rule.processor, len(broken), tuple(broken[:_SHOWN]), rule.why, rule.source)


def _broken(rule: Rule, model: TFLiteModel) -> Iterator[str]:
    """Yield the place of every operator that breaks a rule, and how."""
    for subgraph in model.subgraphs:
        graph = Graph(subgraph)
        for operator in subgraph.operators:
            trouble = rule.broken_by(operator, graph)
            if trouble is not None:
                yield f"{_place(operator)}: {trouble}"


def _place(operator: Operator) -> str:
    name = operator.outputs[0].name if operator.outputs else ""
    return f"#{operator.place} {operator.kind} '{name}'"


def _plan_findings(plan: Plan) -> Iterable[Finding]:
    if plan.problem:
        why, level = f"LiteRT does not take the file: {plan.problem}.", Level.ERROR
        return [Finding("not-loaded", level, Processor.CPU, 1, (), why, "LiteRT on this machine")]
    if plan.partitions is None or plan.partitions == 1:
        return []
    why = "XNNPACK runs nothing of it." if not plan.partitions else "Each piece is copied in and out, the rest is slow."
    text = f"{plan.partitions} pieces"
    return [Finding("partitions", Level.WARNING, Processor.CPU, 1, (text,), why, "LiteRT on this machine")]
