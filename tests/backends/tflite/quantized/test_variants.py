"""Every encoded weight of every variant finds its place in the graph, and the file stays in one piece."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgevit.backends.base import ConversionRequest
from edgevit.backends.tflite import convert
from edgevit.lint.findings import Processor
from edgevit.lint.lint import lint
from edgevit.mobile.adapt import adapt
from edgevit.models.registry import list_models
from edgevit.platforms import ANDROID
from edgevit.quantize.apply import quantize
from edgevit.quantize.schemes import get_scheme
from edgevit.reparam.proof import reparameterize
from edgevit.types import Head
from edgevit.weights import load_model


@pytest.mark.slow
@pytest.mark.parametrize("name", [spec.name for spec in list_models()])
def test_no_weight_is_lost(tmp_path: Path, name: str) -> None:
    adapted = adapt(reparameterize(load_model(name, "random")), head=Head.LOGITS, target=ANDROID.target())
    model = quantize(adapted, get_scheme("dyn8"), "tflite")
    artifact = convert(model.model, ConversionRequest(quantized=model), tmp_path / "model.tflite")
    assert artifact.size_bytes < 1.3 * sum(encoding.codes.size for encoding in model.encodings.values())
    report = lint(artifact.path, processors=[Processor.CPU])
    assert report.findings == ()
    assert report.partitions == 1
