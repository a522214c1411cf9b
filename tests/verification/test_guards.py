"""Guards against defects of converters and compressors, and against fp16's limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from edgevit.backends.coreml.toolchain import conversion
from edgevit.verification.compression import WeightComparison, compare_weights
from edgevit.verification.constants import load_constants
from edgevit.verification.defects import find_defects
from edgevit.verification.evaluator import Evaluator, Observation, Rounding
from edgevit.verification.package import Package, read_package
from edgevit.verification.range_guard import PHOTOGRAPHS, STRESS, RangeGuard, count_subnormals, subnormal_epsilons
from tests.support.mil import Array, save_program

RNG = np.random.default_rng(2)
SHAPE = {"x": (1, 4, 6, 6)}


def write(path: Path, build: Any, ios: int = 16) -> Package:
    return read_package(save_program(path / "a.mlpackage", lambda mb, v: build(mb, v["x"]), SHAPE, ios=ios))


@pytest.mark.parametrize(("epsilon", "found"), [(1e-5, 1), (None, 1), (1e-12, 0)])
def test_a_product_disguised_as_batch_norm_is_found(tmp_path: Path, epsilon: float | None, found: int) -> None:
    def build(mb: Any, x: Any) -> Any:
        options = {} if epsilon is None else {"epsilon": epsilon}
        zeros, ones = np.zeros(4, np.float32), np.ones(4, np.float32)
        return mb.batch_norm(x=x, mean=zeros, variance=ones, gamma=ones * 3, beta=zeros, **options)

    package = write(tmp_path, build)
    assert len(find_defects(load_constants(package, package.main))) == found


def test_a_real_batch_norm_is_no_defect(tmp_path: Path) -> None:
    def build(mb: Any, x: Any) -> Any:
        return mb.batch_norm(x=x, mean=np.float32([0, 0, 0, 0]), variance=np.float32([1, 1, 1, 2]))  # type: ignore[arg-type]

    package = write(tmp_path, build)
    assert find_defects(load_constants(package, package.main)) == ()


def half_program(mb: Any, x: Any) -> Any:
    y = mb.cast(x=x, dtype="fp16")
    weight = np.repeat(np.array([1e-6, 3e-5, 0.0, 1.0], np.float16), 4).reshape(4, 4, 1, 1)
    y = mb.conv(x=y, weight=weight)
    y = mb.layer_norm(x=y, axes=[1], epsilon=np.float16(1e-6))
    y = mb.mul(x=y, y=np.float16(5e4), name="hot")
    y = mb.mul(x=y, y=np.float16(1e-5))
    return mb.cast(x=y, dtype="fp32")


def test_subnormal_weights_and_epsilons_are_counted(tmp_path: Path) -> None:
    package = write(tmp_path, half_program)
    constants = load_constants(package, package.main)
    counts = count_subnormals(constants)
    assert counts.subnormal == 4 + 4 + 2  # two of four weights, the epsilon and the factor 1e-5
    assert counts.not_finite == 0
    ((name, epsilon),) = subnormal_epsilons(constants).items()
    assert "layer_norm" in name
    assert epsilon == pytest.approx(1e-6, rel=0.05)


def test_the_operation_that_overflows_is_named(tmp_path: Path) -> None:
    evaluator = Evaluator(write(tmp_path, half_program), rounding=Rounding.HALF)
    guard = RangeGuard()
    x = torch.from_numpy(RNG.standard_normal((1, 4, 6, 6)).astype(np.float32))
    evaluator.run({"x": 0 * x}, observer=guard.watch(PHOTOGRAPHS))
    assert guard.overflows(PHOTOGRAPHS) == []
    evaluator.run({"x": 1e3 * x}, observer=guard.watch(STRESS))
    assert guard.overflows(STRESS)[0] == "hot"
    (sentence,) = guard.sentences(STRESS)
    assert "'hot' (mul" in sentence
    assert guard.sentences(PHOTOGRAPHS) == []
    assert guard.largest(STRESS) is None


def test_values_near_the_limit_are_a_warning() -> None:
    guard = RangeGuard()
    for value in (20.0, 30_000.0, 10.0):
        guard.watch(STRESS)(Observation("a", "conv", "fp16", value))
        guard.watch(STRESS)(Observation("b", "conv", "fp32", 1e9))
    assert guard.overflows(STRESS) == []
    assert "come near" in guard.sentences(STRESS)[0]
    row = {"name": "a", "op": "conv", "dtype": "fp16", "photographs": None, "stress": 30_000.0, "sums": None}
    assert guard.rows()[0] == row


WEIGHT = (0.05 * RNG.standard_normal((8, 4, 3, 3))).astype(np.float32)


def compared(tmp_path: Path, compressed: Any, ios: int = 16) -> tuple[WeightComparison, ...]:
    def plain(mb: Any, v: Any) -> Any:
        return mb.conv(x=v["x"], weight=WEIGHT, name="layer")

    def small(mb: Any, v: Any) -> Any:
        return mb.conv(x=v["x"], weight=compressed(mb), name="layer")

    packages = [
        read_package(save_program(tmp_path / f"{name}.mlpackage", build, SHAPE, ios=ios))
        for name, build in (("plain", plain), ("small", small))
    ]
    return compare_weights(packages[1], packages[0])


def palettized(mb: Any, table: Array) -> Any:
    with conversion():
        from coremltools.converters.mil.mil import types
        from coremltools.converters.mil.mil.types.type_mapping import nptype_from_builtin

        dtype = nptype_from_builtin(types.uint4)
    nearest = np.abs(WEIGHT[..., None] - np.sort(table)).argmin(-1)
    order = np.argsort(table)
    return mb.constexpr_lut_to_dense(indices=order[nearest].astype(dtype), lut=table.reshape(1, 1, 1, 1, 16, 1))


def test_a_good_compression_is_measured_without_suspicion(tmp_path: Path) -> None:
    table = np.quantile(WEIGHT, np.linspace(0, 1, 16)).astype(np.float32)
    (row,) = compared(tmp_path, lambda mb: palettized(mb, table), ios=18)
    assert (row.operation, row.parameter, row.elements) == ("layer", "weight", WEIGHT.size)
    assert 0.01 < row.relative_rms < 0.2
    assert row.psnr_db > 25
    assert row.suspicion == ""


def test_centroids_outside_the_sources_range_are_suspicious(tmp_path: Path) -> None:
    def wild(mb: Any) -> Any:
        table = np.linspace(WEIGHT.min(), WEIGHT.max(), 16).astype(np.float32)
        table[-1] *= 20  # as k-means with more clusters than distinct values
        indices = np.abs(WEIGHT[..., None] - np.linspace(WEIGHT.min(), WEIGHT.max(), 16)).argmin(-1)
        with conversion():
            from coremltools.converters.mil.mil import types
            from coremltools.converters.mil.mil.types.type_mapping import nptype_from_builtin

            dtype = nptype_from_builtin(types.uint4)
        return mb.constexpr_lut_to_dense(indices=indices.astype(dtype), lut=table.reshape(1, 1, 1, 1, 16, 1))

    (row,) = compared(tmp_path, wild, ios=18)
    assert row.outside_range > 1
    assert "leave the source's range" in row.suspicion


def test_a_layer_written_normalised_is_suspicious(tmp_path: Path) -> None:
    def normalised(mb: Any) -> Any:
        return mb.constexpr_affine_dequantize(
            quantized_data=np.clip(np.round(WEIGHT / np.abs(WEIGHT).max() * 127), -128, 127).astype(np.int8),
            scale=np.float32(1 / 127),
            zero_point=np.int8(0),
            axis=0,
        )

    (row,) = compared(tmp_path, normalised)
    assert row.suspicion
    assert row.relative_rms > 1


def test_a_layer_shrunk_inside_its_range_is_suspicious(tmp_path: Path) -> None:
    def shrunk(mb: Any) -> Any:
        return mb.constexpr_affine_dequantize(
            quantized_data=np.zeros(WEIGHT.shape, np.int8), scale=np.float32(1), zero_point=np.int8(0), axis=0
        )

    (row,) = compared(tmp_path, shrunk)
    assert "of its RMS" in row.suspicion


def test_equal_weights_are_not_listed(tmp_path: Path) -> None:
    assert compared(tmp_path, lambda mb: WEIGHT) == ()  # noqa: ARG005
