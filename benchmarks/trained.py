"""The trained networks of ``examples/fashion``, with images to choose codes on and others to measure on."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from edgevit.datasets.calibration import calibration_images
from edgevit.datasets.evaluation_set import EvaluationSet, evaluation_images
from edgevit.mobile.adapt import adapt
from edgevit.platforms import Platform
from edgevit.quantize.fidelity import Answers, answer, compare_answers
from edgevit.quantize.layers import Pixels, network_inputs
from edgevit.reparam.proof import reparameterize
from edgevit.threads import one_thread
from edgevit.types import AdaptedModel, Head
from edgevit.weights import load_model

__all__ = ["NETWORKS", "Subject", "image_options", "print_rows"]

_FOLDER = Path(__file__).resolve().parents[1] / "examples" / "fashion"

NETWORKS = ("fastvit_t8", "efficientvit_m0", "sepvit_lite")


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A network for one file format.

    Attributes:
        name: Registry name.
        adapted: With logits.
        calibration: Images that codes and ranges are chosen on.
        held: Labelled images that figures are of.
        inputs: What the network reads of these.
        source: What it answers to them.
    """

    name: str
    adapted: AdaptedModel
    calibration: Pixels
    held: EvaluationSet
    inputs: Sequence[Tensor]
    source: Answers

    @classmethod
    def of(cls, name: str, platform: Platform, options: argparse.Namespace) -> Subject:
        """Return a network with images as :func:`image_options` asked for."""
        folded = reparameterize(load_model(name, _FOLDER / f"{name}.safetensors"))
        adapted = adapt(folded, head=Head.LOGITS, target=platform.target())
        labels = (_FOLDER / "labels.txt").read_text(encoding="utf-8").split("\n")[:-1]
        chosen = calibration_images(options.calib, options.calib_count, 0, adapted.spec).images
        held = evaluation_images(options.data, labels, options.count, 0, adapted.spec)
        inputs = tuple(network_inputs(adapted, held.images))
        return cls(name, adapted, chosen, held, inputs, answer(adapted.module, adapted.head, inputs))

    def cell(self, network: nn.Module) -> str:
        """Return what a network makes of the images that figures are of."""
        answers = answer(network, self.adapted.head, self.inputs)
        found = compare_answers(self.source, answers, self.adapted.head, self.held.labels)
        return f"{found.sqnr_db:.1f} dB, {100 * (found.accuracy or 0.0):.1f} %"


def image_options(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of the options that say which networks and which images."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="labelled images to measure on")
    parser.add_argument("--calib", type=Path, metavar="DIR", help="images to choose on; the built-in ones without it")
    parser.add_argument("--calib-count", type=int, default=64, metavar="N", help="how many of them")
    parser.add_argument("--only", nargs="+", choices=NETWORKS, default=NETWORKS[:2], metavar="MODEL")
    parser.add_argument("--count", type=int, default=1000, metavar="N", help="images to measure on")
    return parser


def print_rows(columns: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    """Print a Markdown table as its rows come; the first two columns are names."""
    print(f"| {' | '.join(columns)} |\n|---|---|{'--:|' * (len(columns) - 2)}")
    with one_thread():
        for row in rows:
            print(f"| {' | '.join(row)} |", flush=True)
