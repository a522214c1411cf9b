"""Speed and fidelity, measured and printed; run one with ``python -m benchmarks.NAME --help``."""
