"""Folding: training-time branches, norms and scales into single convolutions, exactly."""
