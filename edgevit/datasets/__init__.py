"""Folders of images: labelled ones to measure accuracy with, any to calibrate with."""

from __future__ import annotations

from edgevit.datasets.calibration import CalibrationSet, calibration_images
from edgevit.datasets.labelled import LabelledImage, labelled_images

__all__ = ["CalibrationSet", "LabelledImage", "calibration_images", "labelled_images"]
