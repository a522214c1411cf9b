"""Folders of images: labelled ones to measure accuracy with, any to calibrate with."""

from __future__ import annotations

from edgevit.datasets.calibration import CalibrationSet, calibration_images
from edgevit.datasets.evaluation_set import EvaluationSet, evaluation_images
from edgevit.datasets.labelled import LabelledImage, labelled_images

__all__ = [
    "CalibrationSet",
    "EvaluationSet",
    "LabelledImage",
    "calibration_images",
    "evaluation_images",
    "labelled_images",
]
