"""Train one of the three networks on Fashion-MNIST, from the unfused form.

    python examples/fashion/train.py fastvit_t8 --data DATA --state STATE.pt --cpu-minutes 35
    python examples/fashion/train.py sepvit_lite --teacher examples/fashion/efficientvit_m0.safetensors ...

Progress is saved in STATE.pt every minute; the same command continues it. ``export.py`` makes the checkpoint. The
schedule follows whichever is furthest: the recipe's epochs, ``--cpu-minutes`` or ``--wall-minutes``. Without the two
limits a run is determined by its seed.
"""

from __future__ import annotations

import argparse
import copy
import math
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from batches import augmented, centred
from get_data import LABELS, load_split
from networks import make_network, resized, set_layer_scales
from recipes import RECIPES, Phase, Recipe
from torch import Tensor, nn
from torch.nn import functional as F

import edgevit
from edgevit.models.registry import get_spec

_HELD_OUT = 500
"""Training images that are only looked at to see how it goes; the test images are not touched here."""

_WARM_UP = 0.05
_SAVE_SECONDS = 60.0
_TELL_SECONDS = 300.0


@dataclass(slots=True)
class Clock:
    """How much of the training is done, and what it took, across interruptions.

    Attributes:
        total: Training images of the whole recipe.
        cpu_limit: CPU seconds, or infinity.
        wall_limit: Seconds, or infinity.
        seen: Training images so far.
        cpu_before: CPU seconds of the runs before this one.
        wall_before: Seconds of the runs before this one.
    """

    total: float
    cpu_limit: float
    wall_limit: float
    seen: int = 0
    cpu_before: float = 0.0
    wall_before: float = 0.0
    _cpu_start: float = field(default_factory=time.process_time)
    _wall_start: float = field(default_factory=time.monotonic)

    @property
    def cpu(self) -> float:
        """CPU seconds so far."""
        return self.cpu_before + time.process_time() - self._cpu_start

    @property
    def wall(self) -> float:
        """Seconds so far."""
        return self.wall_before + time.monotonic() - self._wall_start

    @property
    def share(self) -> float:
        """How much of the training is done, 0..1."""
        return min(1.0, max(self.seen / self.total, self.cpu / self.cpu_limit, self.wall / self.wall_limit))


class Teacher:
    """A trained network whose answers a student learns to give (Hinton et al., arXiv:1503.02531).

    Args:
        path: A checkpoint that ``export.py`` wrote.
        device: ``cpu`` or ``cuda``.
    """

    share = 0.7
    """Of the loss; the labels have the rest."""

    def __init__(self, path: Path, device: str) -> None:
        model = edgevit.load_model(path.stem, path)
        self.size = model.spec.input_size
        self.network = model.module.to(device)

    @torch.no_grad()
    def answers(self, batch: Tensor) -> Tensor:
        """Return class probabilities for a normalized batch of any size; all three networks normalize alike."""
        resized_batch = F.interpolate(batch, self.size, mode="bilinear", antialias=True)
        answers: Tensor = self.network(resized_batch).softmax(dim=1)
        return answers


class Trainer:
    """One training run.

    Args:
        name: Registry name.
        recipe: Its row of :data:`recipes.RECIPES`.
        clock: Of this run.
        seed: Of the initial weights, the order of images and their augmentation.
        device: ``cpu`` or ``cuda``.
        teacher: Of a distillation, or None.
    """

    def __init__(
        self, name: str, recipe: Recipe, clock: Clock, *, seed: int, device: str, teacher: Teacher | None = None
    ) -> None:
        self.name, self.recipe, self.clock, self.device, self.teacher = name, recipe, clock, device, teacher
        self.preprocessing = get_spec(name).preprocessing
        self.generator = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)
        self.phase = recipe.phases[0]
        self.network: nn.Module = make_network(name, self.phase.size, len(LABELS))
        if recipe.layer_scale is not None:
            set_layer_scales(self.network, recipe.layer_scale)
        self._take_over(self.network, copy.deepcopy(self.network))

    def _take_over(self, network: nn.Module, average: nn.Module) -> None:
        # Depthwise convolutions learn up to twice as fast so, on a CPU; torch's stubs do not know the argument.
        for module in (network, average):
            module.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network, self.average = network.train(), average.eval()
        matrices = [p for p in network.parameters() if p.ndim >= 2 and min(p.shape[:2]) > 1]
        chosen = {id(p) for p in matrices}
        others = [p for p in network.parameters() if id(p) not in chosen]
        groups = [
            {"params": matrices, "weight_decay": self.recipe.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=self.recipe.learning_rate, betas=(0.9, 0.98))

    def enter(self, phase: Phase) -> None:
        """Go on at the input size of ``phase``, with fresh moments of the optimizer."""
        if phase.size != self.phase.size:
            classes = len(LABELS)
            self._take_over(
                resized(self.network, self.name, phase.size, classes),
                resized(self.average, self.name, phase.size, classes),
            )
        self.phase = phase

    def step(self, images: Tensor, labels: Tensor) -> float:
        """Learn from one batch, images (B, H, W) uint8 and labels (B,), and return its loss."""
        rate = _learning_rate(self.recipe.learning_rate, self.clock.share)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        batch = augmented(images, self.phase.size, self.preprocessing, self.generator)
        loss = self._loss(batch, labels)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self._average()
        self.clock.seen += len(images)
        return float(loss.detach())

    def _loss(self, batch: Tensor, labels: Tensor) -> Tensor:
        with torch.autocast(self.device, torch.bfloat16, enabled=self.recipe.bfloat16):
            logits = self.network(batch).float()
        loss = F.cross_entropy(logits, labels, label_smoothing=self.recipe.smoothing)
        if self.teacher is None:
            return loss
        taught = F.cross_entropy(logits, self.teacher.answers(batch))
        return torch.lerp(loss, taught, self.teacher.share)

    @torch.no_grad()
    def _average(self) -> None:
        mine, theirs = self.average.state_dict(), self.network.state_dict()
        for key, value in mine.items():
            if value.is_floating_point():
                value.lerp_(theirs[key], 1 - self.recipe.ema)
            else:
                value.copy_(theirs[key])

    @torch.no_grad()
    def accuracy(self, images: Tensor, labels: Tensor) -> float:
        """Return the share of images (N, H, W) uint8 that the averaged weights classify as labelled."""
        right = 0
        for start in range(0, len(images), 100):
            batch = centred(images[start : start + 100], self.phase.size, self.preprocessing)
            right += int((self.average(batch).argmax(1) == labels[start : start + 100]).sum())
        return right / len(images)

    def state(self) -> dict[str, Any]:
        """Return everything that a later run needs to go on, and the averaged weights."""
        return {
            "name": self.name,
            "size": self.phase.size,
            "seen": self.clock.seen,
            "cpu": self.clock.cpu,
            "wall": self.clock.wall,
            "share": self.clock.share,
            "device": self.device,
            "generator": self.generator.get_state(),
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`."""
        self.clock.seen = state["seen"]
        self.clock.cpu_before, self.clock.wall_before = state["cpu"], state["wall"]
        self.enter(next(phase for phase in self.recipe.phases if phase.size == state["size"]))
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"])


def train(trainer: Trainer, images: Tensor, labels: Tensor, state: Path) -> None:
    """Train until the recipe or a limit ends it, saving to ``state`` on the way."""
    held, held_labels = images[:_HELD_OUT], labels[:_HELD_OUT]
    images, labels = images[_HELD_OUT:], labels[_HELD_OUT:]
    order = torch.empty(0, dtype=torch.int64)
    losses: list[float] = []
    saved = told = time.monotonic()
    while trainer.clock.share < 1:
        trainer.enter(next(p for p in trainer.recipe.phases if trainer.clock.share < p.until or p.until == 1))
        if len(order) < trainer.phase.batch:
            order = torch.randperm(len(images), generator=trainer.generator)
        chosen, order = order[: trainer.phase.batch], order[trainer.phase.batch :]
        losses.append(trainer.step(images[chosen], labels[chosen]))
        now = time.monotonic()
        if now - saved > _SAVE_SECONDS:
            _save(trainer, state)
            saved = now
        if now - told > _TELL_SECONDS:
            _tell(trainer, losses, trainer.accuracy(held, held_labels))
            losses, told = [], now
    _save(trainer, state)
    _tell(trainer, losses, trainer.accuracy(held, held_labels))


def _learning_rate(peak: float, share: float) -> float:
    """Return the rate of the schedule: a linear warm-up, then half a cosine."""
    if share < _WARM_UP:
        return peak * max(share / _WARM_UP, 0.01)
    return peak * (1 + math.cos(math.pi * (share - _WARM_UP) / (1 - _WARM_UP))) / 2


def _save(trainer: Trainer, path: Path) -> None:
    scratch = path.with_suffix(".tmp")
    torch.save(trainer.state(), scratch)
    os.replace(scratch, path)  # noqa: PTH105 - the word says that it is atomic


def _tell(trainer: Trainer, losses: list[float], accuracy: float) -> None:
    clock = trainer.clock
    mean = sum(losses) / max(len(losses), 1)
    print(
        f"{clock.share:6.1%}  {trainer.phase.size:3d} px  {clock.seen:7d} images  {clock.cpu / 60:5.1f} CPU min  "
        f"loss {mean:.3f}  held-out {accuracy:.1%}",
        flush=True,
    )


def main() -> None:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", choices=sorted(RECIPES))
    parser.add_argument("--data", type=Path, required=True, help="folder that get_data.py made")
    parser.add_argument("--state", type=Path, required=True, help="file that the run is saved in")
    parser.add_argument("--teacher", type=Path, help="checkpoint to distil from, named after its model")
    parser.add_argument("--cpu-minutes", type=float, default=math.inf)
    parser.add_argument("--wall-minutes", type=float, default=math.inf)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    recipe = RECIPES[asked.model]
    images, labels = (torch.from_numpy(values).to(device) for values in load_split(asked.data, "train"))
    clock = Clock(recipe.epochs * (len(images) - _HELD_OUT), 60 * asked.cpu_minutes, 60 * asked.wall_minutes)
    teacher = None if asked.teacher is None else Teacher(asked.teacher, device)
    trainer = Trainer(asked.model, recipe, clock, seed=asked.seed, device=device, teacher=teacher)
    if asked.state.is_file():
        trainer.resume(torch.load(asked.state, map_location=device, weights_only=True))
    train(trainer, images, labels, asked.state)


if __name__ == "__main__":
    main()
