"""The process that runs litert-torch, for :mod:`edgevit.backends.tflite.litert_torch`: a script, not imported.

Arguments: a program that ``torch.export`` saved, the file to write.
"""

import sys

import litert_torch  # type: ignore[import-not-found]  # an extra
import torch

source, target = sys.argv[1:]
program = torch.export.load(source)
images, _ = program.example_inputs
litert_torch.convert(program.module(), images).export(target)
