"""Every operator of the evaluator, over its options, against numpy, torch or coremltools' own constant folding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from edgevit.verification.evaluator import Evaluator
from edgevit.verification.ops.registry import OPS
from tests.support.mil import Array, Case, case_inputs, folded_values, operator_types, save_cases
from tests.verification.op_cases import GROUPS


@pytest.mark.parametrize("group", GROUPS)
def test_operators_compute_what_is_documented(group: str, tmp_path: Path) -> None:
    ios, cases = GROUPS[group]
    folded = folded_values([case for case in cases if case.expected is None], ios=ios)
    evaluator = Evaluator(save_cases(tmp_path / "ops.mlpackage", cases, ios=ios))
    feeds = {name: torch.from_numpy(value) for case in cases for name, value in case_inputs(case).items()}
    results = evaluator.run(feeds)
    wrong = []
    for case in cases:
        actual = [np.asarray(value) for name, value in results.items() if name.rpartition("_out")[0] == case.name]
        expected = folded[case.name] if case.expected is None else listed(case.expected(*case.inputs))
        if not (len(actual) == len(expected) > 0 and all(map(close, actual, expected))):
            wrong.append(f"{case.name}: {actual} instead of {expected}")
    assert not wrong


def listed(value: Any) -> list[Array]:
    return [np.asarray(each) for each in (value if isinstance(value, (tuple, list)) else [value])]


def close(actual: Array, expected: Array) -> bool:
    return actual.shape == expected.shape and bool(np.allclose(actual, expected, rtol=2e-5, atol=2e-6))


@pytest.mark.parametrize("group", GROUPS)
def test_operators_compute_the_same_in_a_batch(group: str, tmp_path: Path) -> None:
    ios, cases = GROUPS[group]
    evaluator = Evaluator(save_cases(tmp_path / "ops.mlpackage", cases, ios=ios))
    feeds = {name: torch.from_numpy(value) for case in cases for name, value in case_inputs(case).items()}
    alone = [evaluator.run(feeds), evaluator.run({name: mirrored(value) for name, value in feeds.items()})]
    names = [name for name, value in alone[0].items() if isinstance(value, torch.Tensor)]
    batch = {name: torch.stack([value, mirrored(value)]) for name, value in feeds.items()}
    together = evaluator.run_batch(batch, names)
    wrong = [
        name
        for name in names
        for row, results in zip(together[name], alone, strict=True)
        if not same(np.asarray(row), np.asarray(results[name]))
    ]
    assert not wrong


def same(actual: Array, expected: Array) -> bool:
    return actual.dtype == expected.dtype and close(actual, expected)


def mirrored(value: torch.Tensor) -> torch.Tensor:
    """Return the same values in reverse order, which every operator takes whose options allow the first order."""
    return value.flatten().flip(0).reshape(value.shape)


def test_every_operator_has_a_case() -> None:
    covered = {
        "classify",
        "identity",
        *(kind for ios, cases in GROUPS.values() for kind in operator_types(cases, ios=ios)),
    }
    assert sorted(OPS.keys() - covered) == []


def test_cases_have_distinct_names() -> None:
    cases: list[Case] = [case for _, group in GROUPS.values() for case in group]
    assert len({case.name for case in cases}) == len(cases)
