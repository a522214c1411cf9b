"""ai-edge-quantizer on a file of ours: a script for the Python that has it, for :mod:`benchmarks.quantization_tflite`.

    PYTHON benchmarks/quantization_peer.py FLOAT.tflite OUT.tflite RECIPE IMAGES.npy

``RECIPE`` is the name of a function in ``ai_edge_quantizer.recipe``; static ones calibrate on the images, uint8
(N, H, W, 3). It imports nothing of edgevit's, whose dependencies are not there.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from ai_edge_quantizer import quantizer, recipe

_SIGNATURE = "serving_default"


def main(source: str, target: str, name: str, images: str) -> None:
    """Quantize one file by one recipe."""
    work = quantizer.Quantizer(source)
    work.load_quantization_recipe(getattr(recipe, name)())
    seen = None
    if work.need_calibration:
        pixels = np.load(images, allow_pickle=False)
        seen = work.calibrate({_SIGNATURE: [{"image": image[np.newaxis]} for image in pixels]})
    Path(target).write_bytes(work.quantize(seen).quantized_model)


if __name__ == "__main__":
    main(*sys.argv[1:])
