"""What each step of choosing codes buys is measured on the steps that builds take."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quantization_steps import steps
from benchmarks.trained import Subject
from edgevit.datasets.evaluation_set import EvaluationSet
from edgevit.quantize.apply import quantize
from edgevit.quantize.fidelity import answer
from edgevit.quantize.layers import network_inputs
from edgevit.quantize.schemes import get_scheme
from edgevit.quantize.statistics import layer_statistics
from tests.quantize.pictures import images, opinionated


@pytest.fixture(scope="module")
def subject() -> Subject:
    """A seeded network, labelled with its own answers."""
    adapted, held = opinionated(images(16)), images(8, seed=9)
    inputs = tuple(network_inputs(adapted, held))
    source = answer(adapted.module, adapted.head, inputs)
    labelled = EvaluationSet(held, tuple(int(row.argmax()) for row in source), "seeded")
    return Subject("fastvit_t8", adapted, images(16), labelled, inputs, source)


@pytest.mark.parametrize(("name", "count"), [("w8", 2), ("w4-block32", 2), ("pal4", 4), ("pal4-grouped", 4)])
def test_the_last_step_is_what_a_build_makes(subject: Subject, name: str, count: int) -> None:
    scheme = get_scheme(name)
    known = layer_statistics(subject.adapted, subject.calibration, [scheme.formats["mlpackage"]])
    found = list(steps(scheme, subject, known))
    built = quantize(subject.adapted, scheme, "mlpackage", calibration=subject.calibration)
    assert len(found) == count
    for parameter, encoding in built.encodings.items():
        assert np.array_equal(found[-1].encodings[parameter].codes, encoding.codes), parameter
    assert any(not np.array_equal(found[0].encodings[key].codes, each.codes) for key, each in built.encodings.items())


def test_a_cell_says_decibels_and_points(subject: Subject) -> None:
    assert subject.cell(subject.adapted.module) == "inf dB, 100.0 %"
