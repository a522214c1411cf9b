"""Files that take several images at once: each place is proven, and none may see the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from edgevit.types import Head, Precision, Verdict
from edgevit.verification.tflite.batches import in_order, kept_places, rotations
from edgevit.verification.verdict import judge
from edgevit.verification.verify import verify
from tests.verification.tflite.files import SPEC, build_file


@pytest.mark.parametrize(("count", "batch"), [(1, 1), (5, 1), (5, 3), (2, 5), (3, 3)])
def test_every_image_comes_to_every_place(count: int, batch: int) -> None:
    runs = rotations(count, batch)
    assert {(place, image) for run in runs for place, image in enumerate(run)} == {
        (place, image) for place in range(batch) for image in range(count)
    }
    assert [image for run in in_order(count, batch) for image in run][:count] == list(range(count))
    assert all(len(run) == batch for run in (*runs, *in_order(count, batch)))


@pytest.mark.parametrize("batch", [2, 3, 4, 7, 8, 64])
def test_any_two_places_are_told_apart(batch: int) -> None:
    kept = [set(places) for places in kept_places(batch)]
    pairs = ((one, other) for one in range(batch) for other in range(batch) if one != other)
    assert all(any(one in places and other not in places for places in kept) for one, other in pairs)


def _verdict(folder: Path, mistake: Callable[[Tensor], Tensor] | None = None, head: Head = Head.LOGITS) -> Verdict:
    built = build_file(folder, head, Precision.FP32, batch=3, mistake=mistake)
    return judge(built.artifact, spec=SPEC, head=head, reference=built.reference)


@pytest.mark.parametrize("head", list(Head))
def test_a_batch_passes_in_every_place(tmp_path: Path, head: Head) -> None:
    verdict = _verdict(tmp_path, head=head)
    assert verdict.failures == ()
    assert verdict.passed
    assert verdict.psnr_db > 100
    outputs = 4 if head is Head.FEATURES else 1
    assert len(verdict.inputs) == 3 * 5 * outputs
    assert sum(metrics.name.startswith("astronaut in place 2 of 3") for metrics in verdict.inputs) == outputs
    again = verify(tmp_path / "toy.tflite")
    assert again.passed
    assert len(again.inputs) == 3 * 4 * outputs


def test_images_in_the_wrong_places_fail(tmp_path: Path) -> None:
    verdict = _verdict(tmp_path, lambda x: torch.cat([x[1:], x[:1]]))
    assert not verdict.passed
    assert any("in place 1 of 3, PSNR" in failure for failure in verdict.failures)


def test_a_trace_of_the_other_images_fails_though_the_figures_pass(tmp_path: Path) -> None:
    verdict = _verdict(tmp_path, lambda x: x + 1e-7 * (x.sum(0, keepdim=True) - x))
    assert not verdict.passed
    assert verdict.psnr_db > 100
    assert all("depend on the images in other places" in failure for failure in verdict.failures)
    assert len(verdict.failures) == 3
