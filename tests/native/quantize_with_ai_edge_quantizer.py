"""Quantizes a file by the tool's own recipe, for ``test_other_tools.py``: a script, not imported.

Arguments: the file, the recipe's name, a ``.npy`` with an image to calibrate on, where to write the result.
"""

import sys
from pathlib import Path

import numpy as np
from ai_edge_quantizer import quantizer, recipe

path, name, image, target = sys.argv[1:]
tool = quantizer.Quantizer(path, getattr(recipe, name)())
ranges = tool.calibrate({"serving_default": [{"image": np.load(image)}]}) if tool.need_calibration else None
Path(target).write_bytes(tool.quantize(ranges).quantized_model)
