"""Packages compressed by coremltools' own post-training methods: they run, and each weight is near its source."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import torch

from edgevit.backends.coreml.toolchain import conversion
from edgevit.types import Head
from edgevit.verification.compression import compare_weights
from edgevit.verification.evaluator import Evaluator
from edgevit.verification.package import read_package
from tests.verification.packages import CLASSES, SIZE, build_package

Compress = Callable[[Any, Any], Any]


def quantized(dtype: str, granularity: str = "per_channel", **options: Any) -> Compress:
    def compress(cto: Any, model: Any) -> Any:
        op = cto.OpLinearQuantizerConfig(dtype=dtype, granularity=granularity, weight_threshold=64, **options)
        return cto.linear_quantize_weights(model, cto.OptimizationConfig(global_config=op))

    return compress


def palettized(bits: int, **options: Any) -> Compress:
    def compress(cto: Any, model: Any) -> Any:
        op = cto.OpPalettizerConfig(mode="uniform", nbits=bits, weight_threshold=64, **options)
        return cto.palettize_weights(model, cto.OptimizationConfig(global_config=op))

    return compress


def pruned(then: Compress | None = None) -> Compress:
    def compress(cto: Any, model: Any) -> Any:
        op = cto.OpMagnitudePrunerConfig(target_sparsity=0.3, weight_threshold=64)
        small = cto.prune_weights(model, cto.OptimizationConfig(global_config=op))
        return small if then is None else then(cto, small)

    return compress


def pruned_and_quantized(cto: Any, model: Any) -> Any:
    op = cto.OpLinearQuantizerConfig(mode="linear_symmetric", dtype="int8", weight_threshold=64)
    small = pruned()(cto, model)
    return cto.linear_quantize_weights(small, cto.OptimizationConfig(global_config=op), joint_compression=True)


METHODS: dict[str, tuple[int, Compress, str, float]] = {
    "int8": (16, quantized("int8"), "constexpr_affine_dequantize", 0.02),
    "uint8": (16, quantized("uint8", mode="linear"), "constexpr_affine_dequantize", 0.02),
    "int8_ios18": (18, quantized("int8"), "constexpr_blockwise_shift_scale", 0.02),
    "int4_blocks": (18, quantized("int4", "per_block", block_size=8), "constexpr_blockwise_shift_scale", 0.3),
    "palette": (16, palettized(6), "constexpr_lut_to_dense", 0.1),
    "palette_groups": (
        18,
        palettized(4, granularity="per_grouped_channel", group_size=8),
        "constexpr_lut_to_dense",
        0.4,
    ),
    "sparse": (16, pruned(), "constexpr_sparse_to_dense", 0.4),
    "sparse_ios18": (18, pruned(), "constexpr_sparse_to_dense", 0.4),
    "joint": (18, pruned_and_quantized, "constexpr_sparse_blockwise_shift_scale", 0.4),
}


@pytest.mark.parametrize("method", METHODS)
def test_compressed_package(method: str, tmp_path: Path) -> None:
    ios, compress, operator, worst = METHODS[method]
    built = build_package(tmp_path, Head.LOGITS, labels=None, ios=ios)
    target = tmp_path / "Small.mlpackage"
    with conversion(), redirect_stderr(StringIO()):
        import coremltools
        import coremltools.optimize.coreml as cto

        model = coremltools.models.MLModel(str(built.artifact.path), skip_model_load=True)
        compress(cto, model).save(str(target))
    small, source = read_package(target), read_package(built.artifact.path)
    assert operator in small.main.count_ops()

    rows = compare_weights(small, source)
    assert rows
    assert [row.suspicion for row in rows if row.suspicion] == []
    assert all(0 < row.relative_rms < worst for row in rows)

    image = torch.full((1, 3, *SIZE), 90.0)
    expected, actual = (Evaluator(package).run({"image": image})["logits"] for package in (source, small))
    assert isinstance(expected, torch.Tensor)
    assert isinstance(actual, torch.Tensor)
    assert 0 < float((actual - expected).abs().max() / expected.abs().max()) < 1.0


def test_a_real_defect_of_the_compressor_is_seen(tmp_path: Path) -> None:
    """coremltools 9.0 writes layers that it skips normalised when scales are per channel (12 rows, groups of 8)."""
    built = build_package(tmp_path, Head.LOGITS, labels=None, ios=18)
    target = tmp_path / "Small.mlpackage"
    compress = palettized(4, granularity="per_grouped_channel", group_size=8, enable_per_channel_scale=True)
    with conversion(), redirect_stderr(StringIO()):
        import coremltools
        import coremltools.optimize.coreml as cto

        model = coremltools.models.MLModel(str(built.artifact.path), skip_model_load=True)
        compress(cto, model).save(str(target))
    rows = compare_weights(read_package(target), read_package(built.artifact.path))
    (linear,) = [row for row in rows if row.elements == CLASSES * 24]
    assert linear.relative_rms > 1
    assert linear.suspicion
