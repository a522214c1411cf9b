"""Reading a file: what it says, compared with the runtime's own reader, and damage of every kind."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from ai_edge_litert import schema_py_generated as schema

from edgevit.errors import ArtifactCorruptError, InputError
from edgevit.types import Precision
from edgevit.verification.tflite.model import TFLiteModel, read_tflite
from tests.verification.tflite.files import Built, build_file


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build_file(tmp_path_factory.mktemp("tflite"), precision=Precision.FP16)


@pytest.fixture(scope="module")
def model(built: Built) -> TFLiteModel:
    return read_tflite(built.artifact.path)


def test_operators_and_interface(built: Built, model: TFLiteModel) -> None:
    assert model.count_ops() == built.artifact.ops
    assert {name: tensor.shape for name, tensor in model.main.inputs.items()} == {"image": (1, 48, 64, 3)}
    assert model.main.inputs["image"].dtype == "UINT8"
    assert list(model.main.outputs) == ["probabilities"]


def test_everything_is_as_the_runtimes_own_reader_sees_it(built: Built, model: TFLiteModel) -> None:
    other = schema.ModelT.InitFromPackedBuf(built.artifact.path.read_bytes())
    graph = other.subgraphs[0]
    assert [t.name for t in model.main.tensors] == [t.name.decode() for t in graph.tensors]
    assert [t.shape for t in model.main.tensors] == [tuple(int(side) for side in t.shape) for t in graph.tensors]
    assert [t.is_constant for t in model.main.tensors] == [
        other.buffers[t.buffer].data is not None and len(other.buffers[t.buffer].data) > 0 for t in graph.tensors
    ]
    for ours, theirs in zip(model.main.operators, graph.operators, strict=True):
        code = other.operatorCodes[theirs.opcodeIndex]
        assert getattr(schema.BuiltinOperator, ours.kind) == code.builtinCode
        assert ours.version == code.version
        assert [model.main.tensors.index(t) for t in ours.inputs if t is not None] == list(theirs.inputs)
    types = Counter(t.dtype for t in model.main.tensors)
    assert types["FLOAT16"] == sum(t.type == schema.TensorType.FLOAT16 for t in graph.tensors) > 0
    assert set(model.buffers) == {entry.name.decode() for entry in other.metadata}


def test_metadata_is_text(model: TFLiteModel) -> None:
    assert model.metadata["com.edgevit.model"].startswith("{")
    assert model.metadata["com.edgevit.golden"].endswith("}")


@pytest.mark.parametrize("seed", range(20))
def test_damage_is_one_error_or_another_file(built: Built, tmp_path: Path, seed: int) -> None:
    generator = random.Random(seed)  # noqa: S311 - seeded damage, no secret
    content = built.artifact.path.read_bytes()
    path = tmp_path / "model.tflite"
    for _ in range(10):
        damaged = bytearray(content)
        for _ in range(generator.randrange(1, 40)):
            place = generator.randrange(8, len(damaged))
            damaged[place] = generator.choice((0, 1, 0x7F, 0x80, 0xFF, generator.randrange(256)))
        path.write_bytes(damaged[: generator.randrange(8, len(damaged))] if generator.random() < 0.3 else damaged)
        with suppress(ArtifactCorruptError):  # any other exception fails
            assert read_tflite(path).subgraphs


def test_lists_that_overlap_are_not_read_for_hours(tmp_path: Path) -> None:
    """A list of tables that all are the same large table must not be multiplied out."""
    import flatbuffers

    builder = flatbuffers.Builder(1 << 20)
    builder.StartVector(4, 20_000, 4)
    for _ in range(20_000):
        builder.PrependInt32(0)
    numbers = builder.EndVector()
    schema.TensorStart(builder)
    schema.TensorAddShape(builder, numbers)
    tensor = schema.TensorEnd(builder)
    builder.StartVector(4, 20_000, 4)
    for _ in range(20_000):
        builder.PrependUOffsetTRelative(tensor)
    tensors = builder.EndVector()
    schema.SubGraphStart(builder)
    schema.SubGraphAddTensors(builder, tensors)
    graph = schema.SubGraphEnd(builder)
    schema.ModelStartSubgraphsVector(builder, 1)
    builder.PrependUOffsetTRelative(graph)
    graphs = builder.EndVector()
    schema.BufferStart(builder)
    buffer = schema.BufferEnd(builder)
    schema.ModelStartBuffersVector(builder, 1)
    builder.PrependUOffsetTRelative(buffer)
    buffers = builder.EndVector()
    schema.ModelStart(builder)
    schema.ModelAddSubgraphs(builder, graphs)
    schema.ModelAddBuffers(builder, buffers)
    builder.Finish(schema.ModelEnd(builder), b"TFL3")
    path = tmp_path / "bomb.tflite"
    path.write_bytes(bytes(builder.Output()))
    with pytest.raises(ArtifactCorruptError) as caught:
        read_tflite(path)
    assert "overlap" in caught.value.why


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_tflite(tmp_path / "none.tflite")
