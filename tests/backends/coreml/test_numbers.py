"""The written files, run from disk, compute what PyTorch computes."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from torch import Tensor

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert
from edgevit.types import AdaptedModel, Head, Precision
from edgevit.verification.evaluator import Evaluator
from tests.backends.coreml.toy import LABELS, SIDE, toy


def pixels() -> Tensor:
    """Return seeded noise (1, 3, H, W) of whole numbers 0..255, float32."""
    generator = torch.Generator().manual_seed(3)
    return torch.randint(0, 256, (1, 3, SIDE, SIDE), generator=generator).float()


def normalized(model: AdaptedModel) -> Tensor:
    """Return what a network of the papers would be given for :func:`pixels`."""
    mean, std = (
        torch.tensor(v).reshape(1, 3, 1, 1) for v in (model.spec.preprocessing.mean, model.spec.preprocessing.std)
    )
    return (pixels() / 255 - mean) / std


def expected(head: Head, *, half_weights: bool = False) -> tuple[Tensor, ...]:
    """Return the outputs of the network that reads normalized values, with the seed of the converted one."""
    model = toy(head) if half_weights else toy(head, input_kind="normalized")
    module = copy.deepcopy(model.module)
    centred = pixels() - 255 * torch.tensor(model.spec.preprocessing.mean).reshape(1, 3, 1, 1)
    with torch.no_grad():
        result = module.half().float()(centred) if half_weights else module(normalized(model))
    return result if isinstance(result, tuple) else (result,)


def relative(actual: object, reference: Tensor) -> float:
    assert isinstance(actual, Tensor)
    return float((actual - reference).abs().max() / reference.abs().max())


@pytest.mark.parametrize("head", list(Head))
def test_the_twin_takes_pixels_and_equals_the_network_that_takes_normalized_values(tmp_path: Path, head: Head) -> None:
    model = toy(head)
    convert(model, ConversionRequest(), tmp_path / "M.mlpackage", twin=tmp_path / "T.mlpackage")
    outputs = Evaluator(tmp_path / "T.mlpackage").run({"image": pixels()})
    for name, reference in zip(model.output_names, expected(head), strict=True):
        assert relative(outputs[name], reference) < 1e-6


@pytest.mark.parametrize("head", list(Head))
def test_the_half_precision_package_is_the_network_with_rounded_weights(tmp_path: Path, head: Head) -> None:
    model = toy(head)
    convert(model, ConversionRequest(), tmp_path / "M.mlpackage")
    outputs = Evaluator(tmp_path / "M.mlpackage").run({"image": pixels()})
    for name, reference in zip(model.output_names, expected(head, half_weights=True), strict=True):
        assert relative(outputs[name], reference) < 1e-3


def test_normalized_input_is_taken_as_it_is(tmp_path: Path) -> None:
    model = toy(Head.LOGITS, input_kind="normalized")
    path = convert(model, ConversionRequest(precision=Precision.FP32), tmp_path / "M.mlpackage").path
    outputs = Evaluator(path).run({"image": normalized(model)})
    assert relative(outputs["logits"], expected(Head.LOGITS)[0]) < 1e-6


def test_labels_stand_for_the_outputs_in_their_order(tmp_path: Path) -> None:
    request = ConversionRequest(labels=LABELS, precision=Precision.FP32)
    outputs = Evaluator(convert(toy(), request, tmp_path / "M.mlpackage").path).run({"image": pixels()})
    probabilities = expected(Head.PROBABILITIES)[0][0]
    assert outputs["classLabel"] == LABELS[int(probabilities.argmax())]
    dictionary = outputs["classLabel_probs"]
    assert isinstance(dictionary, dict)
    assert list(dictionary) == list(LABELS)
    assert list(dictionary.values()) == pytest.approx(probabilities.tolist(), rel=1e-5)
