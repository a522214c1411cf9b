"""Proof that a written file computes what PyTorch computes: our own reader, evaluator, metrics and verdicts."""
