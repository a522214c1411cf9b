"""Peers on files of ours: a script for the Python that has them, for :mod:`benchmarks.quantization_files`.

    PYTHON benchmarks/quantization_peer.py FORM PLAIN OUT RECIPE IMAGES.npy

``FORM`` is ``mlpackage`` (coremltools.optimize; its palettes need scikit-learn) or ``tflite`` (ai-edge-quantizer).
``RECIPE`` is JSON: for coremltools the method, ``linear`` or ``palette``, with the arguments of its configuration; for
ai-edge-quantizer the name of a function in ``ai_edge_quantizer.recipe``, static ones calibrate on the images, uint8
(N, H, W, 3). It imports nothing of edgevit's, whose dependencies need not be there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

_SIGNATURE = "serving_default"

Recipe = Mapping[str, str | int]


def core_ml(source: str, target: str, recipe: Recipe, _images: str) -> None:
    """Compress a package by coremltools."""
    import coremltools
    from coremltools.optimize import coreml

    configs = {
        "linear": (coreml.OpLinearQuantizerConfig, coreml.linear_quantize_weights),
        "palette": (coreml.OpPalettizerConfig, coreml.palettize_weights),
    }
    arguments = dict(recipe)
    config, compress = configs[str(arguments.pop("method"))]
    package = coremltools.models.MLModel(source, skip_model_load=True)
    compress(package, coreml.OptimizationConfig(config(**arguments))).save(target)


def tflite(source: str, target: str, recipe: Recipe, images: str) -> None:
    """Quantize a file by ai-edge-quantizer."""
    import numpy as np
    from ai_edge_quantizer import quantizer
    from ai_edge_quantizer import recipe as recipes

    work = quantizer.Quantizer(source)
    work.load_quantization_recipe(getattr(recipes, str(recipe["recipe"]))())
    seen = None
    if work.need_calibration:
        pixels = np.load(images, allow_pickle=False)
        seen = work.calibrate({_SIGNATURE: [{"image": image[np.newaxis]} for image in pixels]})
    Path(target).write_bytes(work.quantize(seen).quantized_model)


_TOOLS: Mapping[str, Callable[[str, str, Recipe, str], None]] = {"mlpackage": core_ml, "tflite": tflite}


if __name__ == "__main__":
    _TOOLS[sys.argv[1]](sys.argv[2], sys.argv[3], json.loads(sys.argv[4]), sys.argv[5])
