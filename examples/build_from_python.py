"""Build a Swift package from Python and read the figures of its proof.

    python examples/build_from_python.py OUT_FOLDER

Takes seeded random weights, so it works without a network; say ``weights="pretrained"`` for a model that classifies.
"""

from __future__ import annotations

import sys
from pathlib import Path

import edgevit


def main(out: Path) -> None:
    """Build EfficientViT-M0 into ``out`` and print what was proven."""
    request = edgevit.BuildSpec("efficientvit_m0", out=out, weights="random")
    report = edgevit.build(request, on_event=lambda event: print(event.stage, event.kind, event.message))
    verdict = report.verdict
    print(f"{report.artifact.path}: {report.artifact.size_bytes} bytes, {report.artifact.minimum_os}")
    print(f"fidelity {verdict.psnr_db:.1f} dB, top-1 agreement {verdict.top1_agreement:.0%}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
