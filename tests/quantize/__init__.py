"""Tests of :mod:`edgevit.quantize`."""
