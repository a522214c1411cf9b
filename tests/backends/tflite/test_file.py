"""The bytes of a file: schema, versions, alignment, signature, names, determinism, half precision."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from torch import nn
from torch.nn import functional as F

from edgevit.backends.tflite.builtins import FUSABLE, OPTIONS, Builtin
from edgevit.backends.tflite.emission import emit, serialize
from edgevit.backends.tflite.inputs import InputSpec
from edgevit.errors import ToolMissingError
from edgevit.types import Precision
from tests.backends.tflite.harness import check, export, graph_of, images


class Small(nn.Module):
    """One layer of most kinds, deterministic."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, 2, 1)
        self.depthwise = nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=8)
        self.grouped = nn.Conv2d(8, 8, 3, padding=1, groups=2)
        self.wide = nn.Linear(8, 1024)
        self.head = nn.Linear(1024, 10)
        for i, parameter in enumerate(self.parameters()):
            parameter.data = images(*parameter.shape, seed=i) / 4

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        y = F.gelu(self.grouped(self.depthwise(self.conv(x))))
        tokens = y.flatten(2).transpose(1, 2)
        y = y + (tokens @ tokens.transpose(1, 2)).softmax(-1).mean()
        logits: torch.Tensor = self.head(F.relu(self.wide(y.mean((2, 3)))))
        return logits, y


def _small(precision: Precision = Precision.FP32) -> bytes:
    return emit(
        export(Small(), images(1, 3, 16, 16)),
        inputs=[InputSpec("image", channels_last=True)],
        outputs=["logits", "map"],
        precision=precision,
        channels_last_outputs=True,
        metadata={"note": b"hello", "another": b"\x00\x01"},
    )


def _unpacked(content: bytes) -> Any:
    return schema.ModelT.InitFromPackedBuf(content)


def test_builtins_and_options_are_the_schemas() -> None:
    for builtin in Builtin:
        assert hasattr(schema.BuiltinOperator, builtin.value)
    for options in OPTIONS.values():
        assert hasattr(schema.BuiltinOptions, options)
    for builtin in FUSABLE:
        assert hasattr(getattr(schema, f"{OPTIONS[builtin]}T")(), "fusedActivationFunction")


def test_signature_names_and_layouts() -> None:
    interpreter = Interpreter(model_content=_small())
    (runner,) = [interpreter.get_signature_runner(key) for key in interpreter.get_signature_list()]
    inputs, outputs = runner.get_input_details(), runner.get_output_details()
    assert interpreter.get_signature_list() == {"serving_default": {"inputs": ["image"], "outputs": ["logits", "map"]}}
    assert tuple(inputs["image"]["shape"]) == (1, 16, 16, 3)
    assert tuple(outputs["map"]["shape"]) == (1, 8, 8, 8)
    names = [tensor["name"] for tensor in interpreter.get_tensor_details()]
    assert len(set(names)) == len(names)
    assert {"image", "logits", "map", "conv/conv_2d"} <= set(names)


def test_builtin_versions_are_the_lowest() -> None:
    model = _unpacked(_small(Precision.FP16))
    names = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
    versions = {(names[code.builtinCode], code.version) for code in model.operatorCodes}
    assert {("CONV_2D", 1), ("CONV_2D", 6), ("DEPTHWISE_CONV_2D", 2), ("DEQUANTIZE", 3), ("GELU", 1)} <= versions
    assert {version for name, version in versions if name == "FULLY_CONNECTED"} <= {1, 5}
    assert all(code.deprecatedBuiltinCode == min(code.builtinCode, 127) for code in model.operatorCodes)


def test_constants_are_aligned_and_the_file_is_marked() -> None:
    content = _small()
    assert content[4:8] == b"TFL3"
    start = np.frombuffer(content, np.uint8).__array_interface__["data"][0]
    root = schema.Model.GetRootAs(content, 0)
    offsets = [
        root.Buffers(i).DataAsNumpy().__array_interface__["data"][0] - start
        for i in range(root.BuffersLength())
        if root.Buffers(i).DataLength()
    ]
    assert len(offsets) > 8
    assert all(offset % 16 == 0 for offset in offsets)
    assert not root.Buffers(0).DataLength()


def test_metadata_travels() -> None:
    model = _unpacked(_small())
    entries = {entry.name: bytes(model.buffers[entry.buffer].data) for entry in model.metadata}
    assert entries == {b"note": b"hello", b"another": b"\x00\x01"}


_SCRIPT = """
import hashlib, sys, warnings
warnings.simplefilter("ignore")
from tests.backends.tflite.test_file import _small
sys.stdout.write(hashlib.sha256(_small()).hexdigest())
"""


@pytest.mark.parametrize("seed", ["1", "2"])
def test_other_processes_write_the_same_bytes(seed: str) -> None:
    import hashlib

    environment = {**os.environ, "PYTHONHASHSEED": seed}
    other = subprocess.run(
        [sys.executable, "-c", _SCRIPT], env=environment, capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert other.stdout == hashlib.sha256(_small()).hexdigest()


def test_half_precision_stores_large_weights_in_half_the_bytes(tmp_path: Path) -> None:
    half, full = _small(Precision.FP16), _small()
    model = _unpacked(half)
    types = [tensor.type for tensor in model.subgraphs[0].tensors]
    assert types.count(schema.TensorType.FLOAT16) == 2  # the two linear layers
    assert len(full) - len(half) > (8 + 10) * 1024 * 2 - 1000

    def network(x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = small(x)[0]
        return out

    small = Small()
    for layer in (small.wide, small.head):
        layer.weight.data = layer.weight.data.half().float()
    check(tmp_path, network, images(1, 3, 16, 16), precision=Precision.FP16)


def test_half_precision_leaves_what_would_overflow(tmp_path: Path) -> None:
    linear = nn.Linear(64, 64, bias=False)
    linear.weight.data[0, 0] = 1e6
    graph = graph_of(linear, images(1, 64), precision=Precision.FP16)
    assert "DEQUANTIZE" not in graph.count_ops()
    check(tmp_path, linear, images(1, 64), precision=Precision.FP16)


def test_the_wrong_number_of_inputs_or_outputs() -> None:
    program = export(lambda x, y: x + y, images(2), images(2))
    spec = InputSpec("x")
    with pytest.raises(ValueError, match="more inputs than the 1"):
        emit(program, inputs=[spec], outputs=["y"])
    with pytest.raises(ValueError, match="longer"):
        emit(program, inputs=[spec, InputSpec("y")], outputs=[])


def test_without_the_schema_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of(lambda x: x + 1.0, images(2))
    monkeypatch.setitem(sys.modules, "edgevit.backends.tflite.writer", None)
    with pytest.raises(ToolMissingError) as caught:
        serialize(graph)
    assert "edgevit-slim[android]" in caught.value.help


def test_unused_operators_are_dropped() -> None:
    gelu = nn.GELU()

    def network(x: torch.Tensor) -> torch.Tensor:
        gelu(x * 3.0)
        return x + 1.0

    assert graph_of(network, images(2, 3)).count_ops() == {"ADD": 1}


def test_outputs_are_tensors_of_their_own(tmp_path: Path) -> None:
    constant = images(2, 3)

    def network(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        y = x + 1.0
        return y, y, x, constant

    check(tmp_path, network, images(2, 3), tolerance=0)


def test_equal_constants_are_stored_once() -> None:
    graph = graph_of(lambda x: (x * 3.0 + 3.0).reshape(3, 2).t().reshape(6, 1) - 3.0, images(2, 3))
    constants = [tensor for tensor in graph.tensors() if tensor.data is not None and tensor.dtype == "FLOAT32"]
    assert len(constants) == 1
