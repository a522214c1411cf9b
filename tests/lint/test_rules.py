"""Each rule alone: what it finds, and what lies just inside its limit."""

from __future__ import annotations

import pytest

from edgevit.lint.cpu_rules import CPU_RULES
from edgevit.lint.findings import Graph, Rule
from edgevit.lint.gpu_rules import GPU_RULES
from edgevit.lint.runtimes import runtime_rule
from edgevit.verification.tflite.model import Operator, Subgraph, Tensor

RULES = {rule.name: rule for rule in (*CPU_RULES, *GPU_RULES)}


def _tensor(*shape: int, dtype: str = "FLOAT32", constant: bool = False) -> Tensor:
    return Tensor("t", shape, dtype, is_constant=constant, is_quantized=False, bytes=0)


def _operator(kind: str, *inputs: Tensor, version: int = 1, output: Tensor | None = None) -> Operator:
    return Operator(0, kind, version, inputs, (output or _tensor(1, 4),), None)


def _trouble(rule: Rule, operator: Operator, *before: Operator) -> str | None:
    return rule.broken_by(operator, Graph(Subgraph({}, {}, (*before, operator), ())))


IMAGE, FILTER = _tensor(1, 8, 8, 6), _tensor(1, 5, 5, 6, constant=True)
CASES = [
    ("computed-weights", _operator("FULLY_CONNECTED", _tensor(1, 4), _tensor(4, 4))),
    ("many-concatenated", _operator("CONCATENATION", *[_tensor(1, 4)] * 6)),
    ("many-taps", _operator("DEPTHWISE_CONV_2D", IMAGE, _tensor(1, 7, 7, 6, constant=True))),
    ("depth-multiplier", _operator("DEPTHWISE_CONV_2D", IMAGE, _tensor(1, 3, 3, 12, constant=True))),
    ("int16-activations", _operator("ADD", _tensor(1, 4, dtype="INT16"), _tensor(1, 4, dtype="INT16"))),
    ("gpu-operator", _operator("STABLEHLO_REDUCE_WINDOW", IMAGE)),
    ("gpu-rank", _operator("ADD", _tensor(1, 2, 3, 4, 5), _tensor(1, 2, 3, 4, 5))),
    ("gpu-cast", _operator("CAST", _tensor(1, 4, dtype="UINT8"))),
    ("gpu-slice", _operator("SLICE", _tensor(4, 4))),
    ("gpu-matmul-constant", _operator("BATCH_MATMUL", _tensor(1, 2, 4, 4), _tensor(1, 2, 4, 4, constant=True))),
]
FINE = [
    ("computed-weights", _operator("FULLY_CONNECTED", _tensor(1, 4), _tensor(4, 4, constant=True))),
    ("many-concatenated", _operator("CONCATENATION", *[_tensor(1, 4)] * 5)),
    ("many-taps", _operator("DEPTHWISE_CONV_2D", IMAGE, FILTER)),
    ("depth-multiplier", _operator("DEPTHWISE_CONV_2D", IMAGE, FILTER)),
    ("int16-activations", _operator("ADD", _tensor(1, 4, dtype="INT8"), _tensor(1, 4, dtype="INT8"))),
    ("gpu-operator", _operator("CONV_2D", IMAGE)),
    ("gpu-rank", _operator("ADD", _tensor(2, 3, 4, 5), _tensor(1, 2, 3, 4, 5, constant=True))),
    ("gpu-cast", _operator("CAST", _tensor(1, 4, dtype="INT32"))),
    ("gpu-slice", _operator("SLICE", _tensor(1, 4, 4))),
    ("gpu-matmul-constant", _operator("BATCH_MATMUL", _tensor(1, 2, 4, 4), _tensor(4, 4, constant=True))),
    ("gpu-matmul-transposed", _operator("BATCH_MATMUL", IMAGE, IMAGE)),
]


@pytest.mark.parametrize(("name", "operator"), CASES, ids=[name for name, _ in CASES])
def test_what_breaks_a_rule(name: str, operator: Operator) -> None:
    assert _trouble(RULES[name], operator)


@pytest.mark.parametrize(("name", "operator"), FINE, ids=[name for name, _ in FINE])
def test_what_does_not(name: str, operator: Operator) -> None:
    assert _trouble(RULES[name], operator) is None


def test_every_rule_has_a_case_and_says_why_and_from_where() -> None:
    assert set(RULES) == {name for name, _ in CASES} | {"gpu-matmul-transposed"}
    assert all(rule.why and rule.source for rule in RULES.values())


def test_widened_half_precision_weights_are_no_computed_ones() -> None:
    half, wide = _tensor(4, 4, dtype="FLOAT16", constant=True), _tensor(4, 4)
    layer = _operator("FULLY_CONNECTED", _tensor(1, 4), wide)
    assert _trouble(RULES["computed-weights"], layer, _operator("DEQUANTIZE", half, output=wide)) is None
    computed = _operator("ADD", _tensor(4, 4), _tensor(4, 4), output=wide)
    assert _trouble(RULES["computed-weights"], layer, computed)


@pytest.mark.parametrize(
    ("runtime", "kind", "version", "known"),
    [
        ("tflite-2.14", "GELU", 2, True),
        ("tflite-2.14", "FULLY_CONNECTED", 11, False),
        ("tflite-2.14", "STABLEHLO_REDUCE_WINDOW", 1, False),
        ("litert-2.3", "STABLEHLO_REDUCE_WINDOW", 1, True),
        ("litert-2.3", "CUSTOM:Mine", 1, False),
    ],
)
def test_builtins_of_a_runtime(runtime: str, kind: str, version: int, known: bool) -> None:
    assert (_trouble(runtime_rule(runtime), _operator(kind, IMAGE, version=version)) is None) is known
