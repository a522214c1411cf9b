"""Whole files: edgevit's own, those that break rules, and damaged ones."""

from __future__ import annotations

from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from edgevit.backends.tflite.builtins import Builtin
from edgevit.backends.tflite.graph import Graph, Operator, Tensor
from edgevit.backends.tflite.writer import write
from edgevit.errors import ArtifactCorruptError, UsageError
from edgevit.lint.findings import Processor
from edgevit.lint.lint import lint
from edgevit.lint.runtimes import NEWEST, runtime_names, versions
from edgevit.types import Precision
from tests.verification.tflite.files import build_file

from tests.cli.conftest import Run, edgevit  # noqa: F401  # isort: skip - the fixture


def _matmul(folder: Path) -> Path:
    """Write a product of two computed matrices, the second one transposed."""
    first, second, result = Tensor("a", (2, 3, 4)), Tensor("b", (2, 5, 4)), Tensor("c", (2, 3, 5))
    operator = Operator(Builtin.BATCH_MATMUL, [first, second], [result], {"adjX": False, "adjY": True})
    path = folder / "matmul.tflite"
    path.write_bytes(write(Graph({"a": first, "b": second}, {"c": result}, [operator])))
    return path


@pytest.mark.parametrize("precision", list(Precision))
def test_our_files_have_nothing_against_the_cpu(tmp_path: Path, precision: Precision) -> None:
    path = build_file(tmp_path, precision=precision).artifact.path
    for runtime in runtime_names():
        report = lint(path, runtime=runtime, processors=[Processor.CPU])
        assert report.findings == ()
        assert report.loads
        assert report.partitions == (1 if runtime == NEWEST else None)


def test_the_gpu_leaves_bytes_to_the_cpu(tmp_path: Path) -> None:
    report = lint(build_file(tmp_path).artifact.path, processors=[Processor.GPU])
    assert [(finding.rule, finding.count) for finding in report.findings] == [("gpu-cast", 1)]
    assert "CAST" in report.findings[0].places[0]
    assert report.loads


def test_transposed_products_are_found(tmp_path: Path) -> None:
    report = lint(_matmul(tmp_path), processors=[Processor.GPU])
    assert [finding.rule for finding in report.findings] == ["gpu-matmul-transposed"]


def test_a_graph_that_falls_apart(tmp_path: Path) -> None:
    """XNNPACK has no kernel for a remainder, and takes what lies before and behind."""
    one = Tensor("one", (4, 4), data=np.ones((4, 4), np.float32))
    tensors = [Tensor(f"t{i}", (4, 4)) for i in range(4)]
    kinds = [Builtin.ADD, Builtin.POW, Builtin.MUL]
    operators = [Operator(kind, [a, one], [b]) for kind, a, b in zip(kinds, tensors, tensors[1:], strict=False)]
    path = tmp_path / "apart.tflite"
    path.write_bytes(write(Graph({"x": tensors[0]}, {"y": tensors[-1]}, operators)))
    report = lint(path, processors=[Processor.CPU])
    assert report.partitions == 2
    assert [finding.rule for finding in report.findings] == ["partitions"]


def test_an_older_runtime_refuses_newer_versions(tmp_path: Path) -> None:
    model = schema.ModelT.InitFromPackedBuf(_matmul(tmp_path).read_bytes())
    model.operatorCodes[0].version = versions("tflite-2.14")["BATCH_MATMUL"] + 1
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path = tmp_path / "newer.tflite"
    path.write_bytes(bytes(builder.Output()))
    report = lint(path, runtime="tflite-2.14", processors=[])
    assert not report.loads
    assert report.findings[0].rule == "runtime-version"


def test_the_table_is_the_installed_runtimes() -> None:
    """Each builtin of the table loads at its version and not at the next: a file without operators asks for it."""
    codes = {name: number for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)}
    for name, version in versions(NEWEST).items():
        assert _takes(codes[name], version), name
        assert not _takes(codes[name], version + 1), name


def _takes(code: int, version: int) -> bool:
    model = schema.ModelT()
    entry = schema.OperatorCodeT()
    entry.builtinCode, entry.deprecatedBuiltinCode, entry.version = code, min(code, 127), version
    graph = schema.SubGraphT()
    graph.tensors, graph.inputs, graph.outputs, graph.operators = [], [], [], []
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [entry], [graph], [schema.BufferT()]
    builder = flatbuffers.Builder(256)
    builder.Finish(model.Pack(builder), b"TFL3")
    try:
        Interpreter(model_content=bytes(builder.Output()))
    except ValueError:
        return False
    return True


def test_unknown_runtimes_and_damaged_files(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(b"\x00" * 64)
    with pytest.raises(ArtifactCorruptError):
        lint(path)
    with pytest.raises(UsageError, match="no runtime"):
        lint(path, runtime="tflite-9")


def test_a_file_that_the_runtime_refuses_is_a_finding(tmp_path: Path) -> None:
    """The shapes of a product do not fit: the file can be read, but not loaded."""
    first, second, result = Tensor("a", (2, 3, 4)), Tensor("b", (2, 7, 5)), Tensor("c", (2, 3, 5))
    operator = Operator(Builtin.BATCH_MATMUL, [first, second], [result], {"adjX": False, "adjY": False})
    path = tmp_path / "wrong.tflite"
    path.write_bytes(write(Graph({"a": first, "b": second}, {"c": result}, [operator])))
    report = lint(path)
    assert not report.loads
    assert report.findings[-1].rule == "not-loaded"


def test_the_command(edgevit: Run, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    path = build_file(tmp_path).artifact.path
    result = edgevit("lint", path, "--json")
    assert result.status == 0
    assert result.data["schema"] == "edgevit-lint/1"
    assert result.data["partitions"] == 1
    assert [finding["rule"] for finding in result.data["findings"]] == ["gpu-cast"]
    people = edgevit("lint", path).out
    assert "gpu-cast" in people
    assert "model_builder.cc" in people
    assert edgevit("lint", path, "--processor", "cpu").out.rstrip().endswith("Nothing was found.")
    assert edgevit("lint", path, "--runtime", "nothing").status == 2
