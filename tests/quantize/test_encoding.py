"""Codes decode to the values that they stand for."""

from __future__ import annotations

import numpy as np

from edgevit.quantize.encoding import LinearEncoding, PaletteEncoding


def test_one_scale_a_channel() -> None:
    codes = np.array([[0, 255], [10, 20]], np.uint8)
    scale = np.array([[0.5], [2.0]], np.float32)
    encoding = LinearEncoding(codes, scale, np.array([[1], [10]], np.int32), bits=8)
    assert encoding.decode().tolist() == [[-0.5, 127.0], [0.0, 20.0]]
    assert encoding.size_bits == 4 * 8 + 2 * 16 + 2 * 8


def test_one_scale_a_block_of_inputs() -> None:
    codes = np.array([[1, 2, 3, 4]], np.int8)
    scale = np.array([[1.0, 10.0]], np.float32)
    encoding = LinearEncoding(codes, scale, np.zeros((1, 2), np.int32), bits=4)
    assert encoding.decode().tolist() == [[1.0, 2.0, 30.0, 40.0]]
    assert encoding.size_bits == 4 * 4 + 2 * 16


def test_a_palette_a_group_of_output_channels() -> None:
    codes = np.array([[[0], [1]], [[1], [1]], [[0], [0]], [[1], [0]]], np.uint8)
    encoding = PaletteEncoding(codes, np.array([[1.0, 2.0], [-3.0, -4.0]], np.float32), bits=1)
    assert encoding.decode()[..., 0].tolist() == [[1.0, 2.0], [2.0, 2.0], [-3.0, -3.0], [-4.0, -3.0]]
    assert encoding.size_bits == 8 + 4 * 16
