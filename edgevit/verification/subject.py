"""What is under test, as a function from pixels to comparable outputs: a package in the evaluator, or in Core ML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edgevit.errors import UnsupportedError
from edgevit.images.preprocess import normalize
from edgevit.types import Head, Preprocessing
from edgevit.verification.evaluator import Evaluator, Observer, Rounding
from edgevit.verification.ops.registry import Value
from edgevit.verification.outputs import Outputs
from edgevit.verification.package import Package
from edgevit.verification.plan import Name, Plan

__all__ = ["EvaluatedPackage", "Subject", "input_tensor", "softmax_input"]

Pixels = NDArray[np.uint8]

_TRANSPARENT = ("cast", "identity", "classify", "reshape", "squeeze", "expand_dims")
"""Operators between the softmax and an output that do not change values."""


_PROBABILITIES = "probabilities"


class Subject(Protocol):
    """Runs a file on pixels (H, W, 3) uint8."""

    @property
    def runtime(self) -> str:
        """Return what runs the file, for reports."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the file's labels in the order of its classes; empty where it has none or they are not known."""

    def run(self, pixels: Pixels, observer: Observer | None = None) -> Outputs:
        """Return the outputs; an observer sees every operation where the runtime lets it."""


class EvaluatedPackage:
    """A package that the evaluator runs."""

    def __init__(self, evaluator: Evaluator, head: Head, preprocessing: Preprocessing) -> None:
        """Find the softmax's input for classifiers.

        Raises:
            UnsupportedError: The package does not take one image (or one normalized array).
        """
        self.evaluator = evaluator
        self._head = head
        self._preprocessing = preprocessing
        self._tap = softmax_input(evaluator.plan) if head is Head.PROBABILITIES else None
        if len(evaluator.inputs) != 1:
            raise UnsupportedError(f"The model has {len(evaluator.inputs)} inputs instead of one image.")

    @property
    def runtime(self) -> str:
        """Return what runs the file."""
        return f"edgevit evaluator ({_ROUNDING_TEXTS[self.evaluator.rounding]})"

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels of a classifier in the order of its classes; empty when the file has none."""
        for step in self.evaluator.plan.steps:
            if step.type == "classify":
                labels = step.arguments.get("classes")
                return tuple(str(label) for label in labels) if isinstance(labels, list) else ()
        return ()

    @property
    def output_names(self) -> tuple[str, ...]:
        """Return the names under which outputs are compared, in the order of the network's outputs."""
        return (_PROBABILITIES,) if self._head is Head.PROBABILITIES else self.evaluator.outputs

    def with_rounding(self, rounding: Rounding) -> EvaluatedPackage:
        """Return the same package with other rounding."""
        return EvaluatedPackage(self.evaluator.with_rounding(rounding), self._head, self._preprocessing)

    def run(self, pixels: Pixels, observer: Observer | None = None) -> Outputs:
        """Return the outputs on one image; for classifiers the softmax's input and the probabilities."""
        image = input_tensor(self.evaluator.package, pixels, self._preprocessing)
        keep = () if self._tap is None else (self._tap,)
        values = self.evaluator.run({self.evaluator.inputs[0].name: image}, observer=observer, keep=keep)
        if self._head is not Head.PROBABILITIES:
            tensors = {name: values[name] for name in self.evaluator.outputs}
            return Outputs({name: _array(value) for name, value in tensors.items() if isinstance(value, Tensor)})
        return _classified({name: values[name] for name in self.evaluator.outputs}, values.get(self._tap or ""))

    def run_batch(self, images: Pixels) -> list[Outputs]:
        """Return the outputs on each of several images (N, H, W, 3); labels are left out."""
        _, height, width, _ = images.shape
        size = max(1, _PIXELS_AT_ONCE // (height * width))
        batches = (images[start : start + size] for start in range(0, len(images), size))
        return [outputs for batch in batches for outputs in self._run_together(batch)]

    def _run_together(self, images: Pixels) -> list[Outputs]:
        package = self.evaluator.package
        tensors = torch.stack([input_tensor(package, pixels, self._preprocessing) for pixels in images])
        probabilities = _class_probabilities(self.evaluator) if self._head is Head.PROBABILITIES else None
        names = self.evaluator.outputs if probabilities is None else {probabilities, self._tap or probabilities}
        values = self.evaluator.run_batch({self.evaluator.inputs[0].name: tensors}, tuple(names))
        rows = [{name: value[place] for name, value in values.items()} for place in range(len(images))]
        if probabilities is None:
            return [Outputs({name: _array(value) for name, value in row.items()}) for row in rows]
        return [_classified({probabilities: row[probabilities]}, row.get(self._tap or "")) for row in rows]


_PIXELS_AT_ONCE = 1 << 17
"""Pixels of a batch: above 224 x 224 images run one by one, as nothing is won by more and memory is lost."""

_ROUNDING_TEXTS: Mapping[Rounding, str] = {Rounding.NONE: "float32", Rounding.HALF: "fp16 rounding"}


def input_tensor(package: Package, pixels: Pixels, preprocessing: Preprocessing) -> Tensor:
    """Return pixels as the package's input takes them: 0..255 for an image, normalized for an array.

    Raises:
        UnsupportedError: The input is neither.
    """
    feature = package.inputs[0] if len(package.inputs) == 1 else None
    if feature is not None and feature.kind == "multi_array":
        return torch.from_numpy(normalize(pixels, preprocessing))
    if feature is not None and feature.kind == "image" and feature.colour_space in ("rgb", "bgr"):
        channels = pixels if feature.colour_space == "rgb" else pixels[..., ::-1]
        return torch.from_numpy(np.ascontiguousarray(channels.transpose(2, 0, 1)[np.newaxis], np.float32))
    raise UnsupportedError(
        f"{package.path.name} does not take one colour image.",
        help="Only packages that edgevit build writes can be verified against PyTorch.",
    )


def softmax_input(plan: Plan) -> str | None:
    """Return the name of the value that the last softmax before the outputs reads, or None where there is none."""
    producers = {output.name: step for step in plan.steps for output in step.outputs}
    for output in plan.outputs:
        step = producers.get(output)
        while step is not None and step.type in _TRANSPARENT:
            step = next((producers[name] for name in step.reads() if name in producers), None)
        if step is not None and step.type == "softmax":
            source = step.arguments.get("x")
            return str(source) if isinstance(source, Name) else None
    return None


def _class_probabilities(evaluator: Evaluator) -> str:
    """Return the name of the tensor of class probabilities: what makes the dictionary of a classifier, or an output."""
    for step in evaluator.plan.steps:
        source = step.arguments.get("probabilities")
        if step.type == "classify" and isinstance(source, Name):
            return source
    return evaluator.outputs[0]


def _classified(outputs: Mapping[str, Value], tap: Value | None) -> Outputs:
    """Return probabilities from the dictionary or the tensor among the outputs, and logits from the softmax's input."""
    probabilities, label = None, None
    for value in outputs.values():
        if isinstance(value, dict):
            probabilities = np.array(list(value.values()), np.float64)
        elif isinstance(value, Tensor):
            probabilities = _array(value).ravel()
        else:
            label = str(value)
    if probabilities is None:
        raise UnsupportedError("The model returns no probabilities.", help="Verify it as what it is: logits.")
    if isinstance(tap, Tensor):
        logits = _array(tap).ravel()
    else:
        with np.errstate(divide="ignore"):
            logits = np.log(probabilities)
    return Outputs({_PROBABILITIES: logits}, probabilities, label)


def _array(value: Tensor) -> NDArray[np.float64]:
    return np.asarray(value.detach().double().numpy())
