"""Accuracy of anything that classifies: a written file, an SDK, or a network in PyTorch, on labelled images."""
