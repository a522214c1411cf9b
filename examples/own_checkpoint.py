"""From a checkpoint of one's own, with one's own classes, to a verified Swift package.

    python examples/own_checkpoint.py OUT_FOLDER

Stands in for a fine-tuning run: a network for three classes is made and saved as training scripts do, then built with
its labels. The checkpoint is read without executing anything in it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import torch

import edgevit

LABELS = ("daisy", "rose", "tulip")


def main(out: Path) -> None:
    """Save a checkpoint and a label file, and build from them into ``out``."""
    with tempfile.TemporaryDirectory() as folder:
        checkpoint, labels = Path(folder, "flowers.pth"), Path(folder, "flowers.txt")
        trained = edgevit.load_model("efficientvit_m0", weights="random", num_classes=len(LABELS))
        torch.save({"model": trained.module.state_dict(), "epoch": 30}, checkpoint)
        labels.write_text("\n".join(LABELS), encoding="utf-8")
        request = edgevit.BuildSpec("efficientvit_m0", out=out, weights=str(checkpoint), labels=labels)
        report = edgevit.build(request)
    print(f"{report.sdk}: {report.spec.num_classes} classes, {report.verdict.psnr_db:.1f} dB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
