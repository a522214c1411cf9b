"""Runs a file on the older runtime generation, for ``test_other_tools.py``: a script, not imported.

Arguments: the file, a ``.npy`` with its input, where to write its output.
"""

import sys

import numpy as np
from tflite_runtime.interpreter import Interpreter  # type: ignore[import-not-found]  # in its own environment

path, source, target = sys.argv[1:]
interpreter = Interpreter(model_path=path, num_threads=1)
interpreter.allocate_tensors()
(image,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
interpreter.set_tensor(image["index"], np.load(source))
interpreter.invoke()
np.save(target, interpreter.get_tensor(result["index"]))
