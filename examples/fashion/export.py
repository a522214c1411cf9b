"""Turn a training run into a checkpoint, and measure it on the 10,000 test images.

    python examples/fashion/export.py STATE.pt --data DATA --out examples/fashion

Writes ``<model>.safetensors`` (averaged weights, unfused, half precision) and ``labels.txt``. The accuracy is that of
the written file, loaded again, with the preprocessing of an app; it is stored in the file.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from get_data import LABELS, load_split
from PIL import Image

import edgevit
from edgevit.images.preprocess import normalize, to_pixels
from edgevit.models.registry import create, resolve
from edgevit.threads import one_thread
from edgevit.types import LoadedModel
from edgevit.weights import save_training

_LICENCE = "Apache-2.0 (trained by edgevit's authors on Fashion-MNIST, which is under the MIT licence)"


def export(state: dict[str, Any], path: Path, facts: dict[str, str]) -> None:
    """Write the averaged weights of ``train.py``'s ``state`` to ``path``."""
    spec = resolve(state["name"], num_classes=len(LABELS), input_size=state["size"])
    module = create(spec)
    module.load_state_dict(state["average"])
    save_training(module, spec, path, labels=LABELS, licence=_LICENCE, facts=facts)


@torch.no_grad()
def accuracy(model: LoadedModel, images: np.ndarray[Any, np.dtype[np.uint8]], labels: torch.Tensor) -> float:
    """Return the share of grey images (N, 32, 32) that a network classifies as labelled."""
    spec = model.spec
    right = 0
    for start in range(0, len(images), 50):
        pixels = [to_pixels(Image.fromarray(i), spec.input_size, spec.preprocessing) for i in images[start:][:50]]
        batch = torch.from_numpy(np.concatenate([normalize(p, spec.preprocessing) for p in pixels]))
        right += int((model.module(batch).argmax(1) == labels[start:][:50]).sum())
    return right / len(images)


def main() -> None:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("state", type=Path, help="file that train.py made")
    parser.add_argument("--data", type=Path, required=True, help="folder that get_data.py made")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--limit", type=int, help="measure on the first LIMIT test images only")
    asked = parser.parse_args()
    state = torch.load(asked.state, map_location="cpu", weights_only=True)
    path = asked.out / f"{state['name']}.safetensors"
    facts = {
        "trained_on": f"Fashion-MNIST (Debian dataset-fashion-mnist), {state['seen']} random crops of 59500 images",
        "trained_for": f"{state['cpu'] / 60:.0f} CPU minutes ({state['device']})",
    }
    export(state, path, facts)
    images, labels = load_split(asked.data, "test")
    with one_thread():
        model = edgevit.load_model(state["name"], path)
        top1 = accuracy(model, images[: asked.limit], torch.from_numpy(labels[: asked.limit]))
    facts["top1"] = f"{100 * top1:.2f} % of {len(images[: asked.limit])} test images"
    export(state, path, facts)
    (asked.out / "labels.txt").write_text("\n".join(LABELS) + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size} bytes, {facts['top1']}, {facts['trained_for']}")


if __name__ == "__main__":
    main()
