"""From what was asked for to a network with weights."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from edgevit.errors import UsageError, WeightsUnavailableError
from edgevit.models.registry import create, resolve
from edgevit.types import Event, EventSink, Form, LoadedModel, ModelSpec, PretrainedRelease, Size, WeightsInfo
from edgevit.weights.checkpoint import Checkpoint, read_checkpoint
from edgevit.weights.described_file import describe
from edgevit.weights.fit import load_into
from edgevit.weights.folded_file import is_folded, load_folded
from edgevit.weights.initialise import initialise
from edgevit.weights.recognize import recognize
from edgevit.weights.source import Kind, Source, parse_source
from edgevit.weights.state_digest import state_digest

__all__ = ["Request", "load"]

_AUTO_PATIENCE = 3.0
_PATIENCE = 10.0
"""Seconds to wait for the hub's first answer: when there is an alternative, and when there is none."""

_USUAL_NAMES = ("model.safetensors", "pytorch_model.bin")
_MEANINGLESS = "Random weights: predictions mean nothing."

_Adapt = Callable[[Mapping[str, Tensor], ModelSpec], Mapping[str, Tensor]]


@dataclass(frozen=True, slots=True)
class Request:
    """The arguments of :func:`edgevit.weights.load_model`."""

    name: str
    weights: str
    num_classes: int | None
    input_size: int | Size | None
    seed: int
    on_event: EventSink | None

    def spec(self) -> ModelSpec:
        """Return the resolved spec."""
        return resolve(self.name, num_classes=self.num_classes, input_size=self.input_size)

    def emit(self, event: Event) -> None:
        """Hand an event to whoever listens."""
        if self.on_event is not None:
            self.on_event(event)


def load(request: Request) -> LoadedModel:
    """Return the network that was asked for. See :func:`edgevit.weights.load_model`."""
    source = parse_source(request.weights)
    return _LOADERS[source.kind](request, source)


def _random(request: Request, _: Source, note: str = "") -> LoadedModel:
    spec = request.spec()
    with torch.random.fork_rng(devices=[]):
        module = create(spec)
    initialise(module, spec, request.seed)
    weights = WeightsInfo(
        kind="random",
        source=f"seed {request.seed}",
        sha256=state_digest(module.state_dict()),
        trained=False,
        note=f"{_MEANINGLESS} {note}".strip(),
    )
    return LoadedModel(spec, module, Form.TRAINING, weights)


def _auto(request: Request, source: Source) -> LoadedModel:
    """Take the public release if it can be had soon; damaged files are an error, not a reason for random weights."""
    spec = request.spec()
    try:
        return _pretrained(request, source, patience=_AUTO_PATIENCE)
    except (WeightsUnavailableError, UsageError) as error:
        reason = " ".join(f"{error.what} {error.why}".split())
    model = _random(request, source, f"{reason} Use --weights PATH, or --weights pretrained to insist.")
    request.emit(Event("weights", "warning", f"{spec.title}: {model.weights.note}"))
    return model


def _pretrained(request: Request, source: Source, patience: float = _PATIENCE) -> LoadedModel:
    from edgevit.weights.hub import cached_file, fetch_file

    spec = request.spec()
    release = _release(spec, source.tag)
    _check_classes(spec, release)
    found = cached_file(release.repo, release.filename, release.revision)
    if found is None:
        try:
            found = fetch_file(
                release.repo,
                [release.filename],
                revision=release.revision,
                patience=patience,
                on_event=request.emit,
            )
        except WeightsUnavailableError as error:
            raise WeightsUnavailableError(error.what, why=error.why, help=_ways_out(release)) from error
    checkpoint = read_checkpoint(found.path, sha256=release.sha256 or found.sha256)
    model = _fit(spec, checkpoint, "pretrained", f"{release.repo} {release.filename}", release.licence)
    request.emit(Event("weights", "progress", f"{release.repo}: licence {release.licence}", 1.0))
    return model


def _hub(request: Request, source: Source) -> LoadedModel:
    from edgevit.weights.hub import fetch_file

    names = [source.filename] if source.filename else list(_USUAL_NAMES)
    found = fetch_file(source.repo, names, revision=None, patience=_PATIENCE, on_event=request.emit)
    checkpoint = read_checkpoint(found.path, sha256=found.sha256)
    return _from_checkpoint(request, checkpoint, "hub", f"{source.repo} {found.path.name}")


def _file(request: Request, source: Source) -> LoadedModel:
    checkpoint = read_checkpoint(cast("Path", source.path))
    return _from_checkpoint(request, checkpoint, "file", checkpoint.name)


_LOADERS: dict[Kind, Callable[[Request, Source], LoadedModel]] = {
    Kind.AUTO: _auto,
    Kind.PRETRAINED: _pretrained,
    Kind.RANDOM: _random,
    Kind.HUB: _hub,
    Kind.FILE: _file,
}


def _from_checkpoint(request: Request, checkpoint: Checkpoint, kind: str, label: str) -> LoadedModel:
    if is_folded(checkpoint):
        model = load_folded(checkpoint, request.name, request.num_classes, request.input_size)
        return dataclasses.replace(model, weights=dataclasses.replace(model.weights, kind=kind))
    about = describe(checkpoint)
    if about is None:
        return _fit(request.spec(), checkpoint, kind, label, licence="")
    about.check_model(request.name, checkpoint.name)
    described = dataclasses.replace(
        request,
        num_classes=about.num_classes if request.num_classes is None else request.num_classes,
        input_size=about.input_size if request.input_size is None else request.input_size,
    )
    model = _fit(described.spec(), checkpoint, kind, label, about.licence)
    return dataclasses.replace(model, labels=about.labels)


def _fit(spec: ModelSpec, checkpoint: Checkpoint, kind: str, label: str, licence: str) -> LoadedModel:
    """Return the network of ``spec`` in the checkpoint's form, with its weights."""
    recognition = recognize(spec, checkpoint.tensors)
    tensors: dict[str, Tensor] = {}
    for name, tensor in checkpoint.tensors.items():
        official = recognition.renaming[name]
        tensors[name if official in tensors else official] = tensor
    with torch.random.fork_rng(devices=[]):
        module = create(spec, fused=recognition.form is Form.FUSED)
    load_into(module, _adapted(tensors, spec), spec, checkpoint.name)
    weights = WeightsInfo(kind, label, checkpoint.sha256, licence, note=checkpoint.note)
    return LoadedModel(spec, module, recognition.form, weights)


def _adapted(tensors: Mapping[str, Tensor], spec: ModelSpec) -> Mapping[str, Tensor]:
    """Apply what the family has to say about its official files, if anything."""
    name = f"edgevit.models.{spec.family}.adapt"
    if importlib.util.find_spec(name) is None:
        return tensors
    adapt = cast("_Adapt", importlib.import_module(name).adapt_state)
    return adapt(tensors, spec)


def _release(spec: ModelSpec, tag: str) -> PretrainedRelease:
    """Return the release of that tag, or the first one trained at the spec's size, or the first one."""
    if not spec.releases:
        raise WeightsUnavailableError(
            f"There are no public weights of {spec.title}.",
            why="Its authors released none.",
            help="Train it and pass the file: --weights PATH. Or try the chain with --weights random.",
        )
    if not tag:
        return next((item for item in spec.releases if item.input_size == spec.input_size), spec.releases[0])
    for release in spec.releases:
        if release.tag == tag:
            return release
    tags = ", ".join(release.tag for release in spec.releases)
    raise UsageError(f"{spec.title} has no release '{tag}'.", help=f"Its releases are: {tags}.")


def _check_classes(spec: ModelSpec, release: PretrainedRelease) -> None:
    if spec.num_classes != 1000:
        raise UsageError(
            f"{release.repo} has 1000 classes, but {spec.num_classes} were asked for.",
            help="Leave --num-classes out, or fine-tune the network for your classes first and pass the file: "
            "--weights PATH.",
        )


def _ways_out(release: PretrainedRelease) -> str:
    return (
        f"Fetch {release.filename} from the repository's page and pass it: --weights PATH. "
        f"Or fetch it where there is a connection, with 'hf download {release.repo}', and copy the cache (HF_HOME). "
        "Or try the chain without trained weights: --weights random."
    )
