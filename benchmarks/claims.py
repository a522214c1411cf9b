"""The papers' headline claims as ratios on this CPU, with honest reasons where they do not hold; printed as Markdown.

    python -m benchmarks.claims [--only efficientvit repmixer ...] [--seconds 6]

Every file is written by edgevit's own emitter, the baselines' as well; batch normalizations are folded in all of them.
Weights are random: only time is measured, in thread CPU time on one thread, in turns within one process. The ONNX rows
need onnxruntime (extra ``bench``).
"""

from __future__ import annotations

import argparse
import copy
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.baselines.layers import fused
from benchmarks.baselines.mobilenetv3 import MobileNetV3Large
from benchmarks.baselines.mobilevit import MobileViTXXS
from benchmarks.baselines.pooling import PoolingMixer
from benchmarks.baselines.windows import GlobalSubsampledBlock, WindowBlock
from benchmarks.rates import macs
from benchmarks.runners import TimedModule, medians, onnx, write_tflite
from benchmarks.tflite_time import Timed, TimedFile
from edgevit.mobile.adapt import adapt
from edgevit.mobile.rewrite import Target, rewrite
from edgevit.mobile.sepvit_xnnpack import HeadMajorBlock
from edgevit.models.fastvit.folded import FoldedRepMixerBlock
from edgevit.models.outputs import select_output
from edgevit.models.sepvit.blocks import Block
from edgevit.models.sepvit.windows import WindowGrid
from edgevit.reparam.fold import fold, with_children
from edgevit.reparam.proof import reparameterize
from edgevit.types import FoldedModel, Head, LoadedModel
from edgevit.verification.tflite.model import read_tflite
from edgevit.weights import load_model

_BATCH = 16
_HOLDS = 0.9
"""Share of the paper's factor from which on a claim counts as holding; 1 is where both are equally fast."""


@dataclass(frozen=True, slots=True)
class Result:
    """One row: what the paper says, what was measured, and why they differ.

    Attributes:
        paper: How many times faster the paper says the first is, as text and as a number.
        factor: How many times faster it is here.
    """

    claim: str
    paper: str
    expected: float
    factor: float
    because: str

    @property
    def verdict(self) -> str:
        """In words."""
        if self.factor >= 1 + _HOLDS * (self.expected - 1):
            return "holds"
        direction = "holds in direction only" if self.factor > 1 and self.expected > 1 else "does not hold here"
        return f"{direction}, because {self.because}"


@dataclass(frozen=True, slots=True)
class Bench:
    """Where files go, and how long to measure."""

    folder: Path
    seconds: float

    def file(self, name: str, module: nn.Module, example: Tensor) -> Path:
        """Write a network as a TFLite file."""
        return write_tflite(module, example, self.folder / f"{name}.tflite")

    def faster(self, first: Timed, second: Timed) -> float:
        """Return how many times faster the first is than the second."""
        times = medians({"first": first, "second": second}, self.seconds)
        return times["second"] / times["first"]

    def faster_file(self, first: Path, second: Path) -> float:
        """Return how many times faster the first file is than the second, one image on one thread."""
        return self.faster(TimedFile(first, 1), TimedFile(second, 1))


def _loaded(name: str) -> LoadedModel:
    return select_output(load_model(name, "random"), Head.LOGITS)


def _adapted(folded: FoldedModel) -> nn.Module:
    return adapt(folded, head=Head.LOGITS, target=Target.TFLITE, skip=["image-input"]).module


def _image(size: int, batch: int = 1) -> Tensor:
    return torch.randn(batch, 3, size, size, generator=torch.Generator().manual_seed(0))


_COMPILED = (
    "compiled kernels run the baseline's layers near their best rate, which eager PyTorch, the paper's, does not"
)
_DISPATCH = "with one image PyTorch spends more on calling EfficientViT's many small operators than on their arithmetic"
_BATCHED = "this core gains less from fewer memory-bound operators than the paper's processor"
_ONNX = "onnxruntime fuses more of MobileViT's operators than when the paper was written"


def efficientvit(bench: Bench) -> Iterator[Result]:
    """EfficientViT-M5 against MobileNetV3-Large."""
    title, paper, factor = "EfficientViT-M5 vs MobileNetV3-Large", "1.45x on a CPU", 1.45
    theirs, ours = fused(MobileNetV3Large()), reparameterize(_loaded("efficientvit_m5"))
    files = bench.file("m5", _adapted(ours), _image(224)), bench.file("mobilenet", theirs, _image(224))
    yield Result(f"{title}, TFLite", paper, factor, bench.faster_file(*files), _COMPILED)
    for batch, because in ((1, _DISPATCH), (_BATCH, _BATCHED)):
        image = _image(224, batch)
        eager = TimedModule(ours.module.eval(), image), TimedModule(theirs, image)
        yield Result(f"{title}, eager, batch {batch}", paper, factor, bench.faster(*eager), because)


def mobilevit(bench: Bench) -> Iterator[Result]:
    """EfficientViT-M2 against MobileViT-XXS, which is for 256 pixels and, here, for one image."""
    title, paper, factor = "EfficientViT-M2 vs MobileViT-XXS", "3.7x on a CPU", 3.7
    theirs, ours = fused(MobileViTXXS()), reparameterize(_loaded("efficientvit_m2"))
    small, large = _image(224), _image(256)
    files = bench.file("m2", _adapted(ours), small), bench.file("mobilevit", theirs, large)
    yield Result(f"{title}, TFLite", paper, factor, bench.faster_file(*files), _COMPILED)
    module = ours.module.eval()
    eager = TimedModule(module, small), TimedModule(theirs, large)
    yield Result(f"{title}, eager, batch 1", paper, factor, bench.faster(*eager), _DISPATCH)
    first, second = onnx(module, small), onnx(theirs, large)
    if first is not None and second is not None:
        sessions = TimedModule(first, small), TimedModule(second, large)
        yield Result(f"{title}, onnxruntime", "7.4x in ONNX", 7.4, bench.faster(*sessions), _ONNX)


_SMALL_PART = "the mixers are a small part of the network's time on a CPU, most of which is its 1x1 convolutions"

_MIXER_SIZES = {256: None, 384: 0.251, 512: None, 1024: 0.439}
"""Input side -> latency that the paper saves over pooling, where it says so."""


def repmixer(bench: Bench) -> Iterator[Result]:
    """FastViT-S12 with RepMixer, with pooling in its place, and with its training-time branches."""
    loaded = _loaded("fastvit_s12")
    mixing = _adapted(reparameterize(loaded))
    # The branches get the same split of large kernels; the other rewrites are for folded blocks.
    kept = ["depthwise-multiplier-split"]
    branches, _ = rewrite(loaded.module.eval(), _image(256), skip=kept, target=Target.TFLITE)
    variants = {"pooling": _with_pooling(mixing), "its training-time branches": branches}
    for size, saved in _MIXER_SIZES.items():
        image = _image(size)
        ours = bench.file(f"repmixer-{size}", mixing, image)
        for name, module in variants.items():
            pooled = name == "pooling"
            other = bench.file(f"{'pooling' if pooled else 'branches'}-{size}", module, image)
            expected = 1 / (1 - saved) if saved is not None and pooled else 1.0
            paper = f"{saved:.1%} less time" if saved is not None and pooled else "faster"
            because = (
                "the mixers are a small part of the network's time on a CPU, most of which is its 1x1 convolutions"
            )
            claim = f"FastViT-S12 at {size} px, RepMixer vs {name}"
            yield Result(claim, paper, expected, bench.faster_file(ours, other), because)


def _with_pooling(module: nn.Module) -> nn.Module:
    """Return a copy of a folded FastViT whose RepMixers are pooling mixers."""
    children = {name: _with_pooling(child) for name, child in module.named_children()}
    if isinstance(module, FoldedRepMixerBlock):
        mixer = module.token_mixer
        widths = [layer.out_channels for layer in mixer.modules() if isinstance(layer, nn.Conv2d)]
        children["token_mixer"] = PoolingMixer(widths[-1])
    return with_children(module, children) if children else copy.deepcopy(module)


_STAGES = (("stage 2, 28x28x192", 28, 192, 4), ("stage 3, 14x14x384", 14, 384, 2))


def windows(bench: Bench) -> Iterator[Result]:
    """A pair of SepViT's blocks against a pair of Swin's and of Twins-SVT's, in time and multiply-accumulates."""
    torch.manual_seed(0)
    for title, side, channels, ratio in _STAGES:
        small, large = (WindowGrid.of((side, side), window, channels) for window in (7, 14))
        pairs: dict[str, list[nn.Module]] = {
            "SepViT": [HeadMajorBlock(_folded(Block(grid))) for grid in (small, large)],
            "Swin": [WindowBlock(small, biased=True, shift=shift) for shift in (0, 3)],
            "Twins-SVT": [WindowBlock(small, biased=False), GlobalSubsampledBlock(small, ratio=ratio)],
        }
        image = torch.randn(1, side, side, channels)
        paths = {}
        for name, blocks in pairs.items():
            path = bench.folder / f"{name}-{side}.tflite"
            paths[name] = write_tflite(nn.Sequential(*blocks).eval(), image, path, channels_last=False)
        counts = {name: macs(read_tflite(path)) for name, path in paths.items()}
        for name in ("Swin", "Twins-SVT"):
            share = counts["SepViT"] / counts[name]
            because = f"its pair has {share:.2f} times the multiply-accumulates, and kernels' time follows those"
            claim = f"Two SepViT blocks vs {name}'s, {title}"
            factor = bench.faster_file(paths["SepViT"], paths[name])
            yield Result(f"{claim} ({share:.2f} of its MACs)", "faster", 1.0, factor, because)


def _folded(block: Block) -> Block:
    folded = fold(block.eval())
    assert isinstance(folded, Block)  # noqa: S101 - folding keeps the class
    return folded


def nextvit(bench: Bench) -> Iterator[Result]:
    """Next-ViT S, B and L in the order of their latency."""
    names = ("nextvit_small", "nextvit_base", "nextvit_large")
    files = [bench.file(name, _adapted(reparameterize(_loaded(name))), _image(224)) for name in names]
    for title, first, second in (("S vs B", files[0], files[1]), ("B vs L", files[1], files[2])):
        factor = bench.faster_file(first, second)
        yield Result(f"Next-ViT-{title}", "faster", 1.0, factor, "the smaller one is not faster")


_CLAIMS: dict[str, Callable[[Bench], Iterator[Result]]] = {
    "efficientvit": efficientvit,
    "mobilevit": mobilevit,
    "repmixer": repmixer,
    "windows": windows,
    "nextvit": nextvit,
}


def main() -> None:
    """Measure the claims that were asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(_CLAIMS), default=list(_CLAIMS), metavar="NAME")
    parser.add_argument("--seconds", type=float, default=6, metavar="S", help="CPU time of each comparison")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| claim | paper | here | verdict |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="edgevit-bench-") as folder:
        for name in options.only:
            for row in _CLAIMS[name](Bench(Path(folder), options.seconds)):
                print(f"| {row.claim} | {row.paper} | {row.factor:.2f}x | {row.verdict} |", flush=True)


if __name__ == "__main__":
    main()
