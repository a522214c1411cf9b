"""One build from end to end, readable top to bottom; it moves values from room to room and knows no domain."""

from __future__ import annotations

import copy
import dataclasses
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from edgevit.errors import ParityError, UnsupportedError, UsageError
from edgevit.types import (
    AdaptedModel,
    Artifact,
    BuildReport,
    BuildSpec,
    Event,
    EventSink,
    FoldedModel,
    Head,
    LoadedModel,
    ModelSpec,
    Precision,
    Verdict,
)

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["build"]

_GOLDEN_KEY = "com.edgevit.golden"
_IOS = (15, 16, 17, 18)
_CLASSIFIERS = (Head.LOGITS, Head.PROBABILITIES)


def build(request: BuildSpec, *, on_event: EventSink | None = None) -> BuildReport:
    """Make a verified SDK, or leave nothing behind.

    Args:
        request: What to build.
        on_event: Receives progress and warnings, in this thread.

    Returns:
        Where everything is, and every figure that was measured.

    Raises:
        EdgeVitError: See :mod:`edgevit.errors`; the target folder is as it was before.
    """
    from edgevit.images.photos import photos
    from edgevit.sdk.config import SdkContent
    from edgevit.sdk.ios import MODEL_NAME, write_ios_package
    from edgevit.store.publish import scratch

    stages = _Stages(on_event)
    with stages("check", "Checking the request"):
        target, labels = _check(request)
    with _one_thread(), scratch(target, on_wait=lambda text: stages.emit(Event("check", "progress", text))) as work:
        with stages("weights", f"Loading {request.model}"):
            loaded = _load(request, labels, stages.emit)
        with stages("fold", "Folding training-time branches, proven in float64"):
            folded = _fold(loaded)
        with stages("adapt", "Rewriting for the phone, proven in float64"):
            adapted = _adapt(folded, request)
        with stages("golden", "Running PyTorch on the photographs"):
            golden = _golden(loaded, request.head)
        with stages("convert", "Writing the Core ML package"):
            names = _labels(labels, loaded.spec, request.head)
            artifact, twin = _convert(adapted, request, names, golden, work.path / MODEL_NAME)
        with stages("verify", "Running the written package against PyTorch"):
            verdict = _verify(artifact, twin, names, loaded, adapted)
        with stages("sdk", "Writing the Swift package"):
            content = SdkContent(
                spec=loaded.spec,
                head=request.head,
                weights=loaded.weights,
                artifact=artifact,
                verdict=verdict,
                labels=names,
                outputs=adapted.output_names,
                golden=golden,
                photos=tuple(photo.path for photo in photos()),
                input_kind=adapted.input_kind,
            )
            placed = write_ios_package(work.path, content)
        with stages("publish", "Moving the finished folder into place"):
            sdk = work.publish()
    return BuildReport(
        spec=loaded.spec,
        weights=loaded.weights,
        sdk=sdk,
        artifact=dataclasses.replace(placed, path=sdk / placed.path.relative_to(work.path)),
        verdict=verdict,
        fold_max_rel_error=folded.max_rel_error,
        rewrites=adapted.rewrites,
        stage_seconds=dict(stages.seconds),
        warnings=(*stages.warnings, *artifact.notes),
    )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Compute on one thread: the order of sums, and so the last bits, must not depend on the machine."""
    from edgevit.reparam.threads import one_thread

    with one_thread():
        yield


def _check(request: BuildSpec) -> tuple[Path, tuple[str, ...] | None]:
    """Refuse at once what cannot work, and return the target and the user's labels, if any."""
    from edgevit.mobile.adapt import check_rewrite_names
    from edgevit.models.registry import resolve
    from edgevit.store.target import check_target

    if not request.ios:
        raise UsageError("Nothing to build.", help="Choose a phone system: --ios.")
    if request.ios_min not in _IOS:
        raise UnsupportedError(f"iOS {request.ios_min} cannot be the minimum.", help="Use 15, 16, 17 or 18.")
    if request.labels is not None and request.head not in _CLASSIFIERS:
        raise UsageError(
            f"Labels make no sense for the head '{request.head.value}'.",
            help="Leave the labels out, or use --head probabilities or logits.",
        )
    spec = resolve(request.model, num_classes=request.num_classes, input_size=request.input_size)
    check_rewrite_names(spec, request.skip_rewrites)
    return check_target(request.out or Path(f"{spec.name}-ios")), _given_labels(request)


def _given_labels(request: BuildSpec) -> tuple[str, ...] | None:
    """Return the user's labels; their count is the number of classes where none is said."""
    from edgevit.labels.file import load_labels, read_labels

    if request.labels is None:
        return None
    if request.num_classes is None:
        return read_labels(request.labels)
    return load_labels(request.labels, request.num_classes)


def _labels(given: tuple[str, ...] | None, spec: ModelSpec, head: Head) -> tuple[str, ...]:
    from edgevit.labels.file import load_labels

    if head not in _CLASSIFIERS:
        return ()
    return given if given is not None else load_labels(None, spec.num_classes)


def _load(request: BuildSpec, labels: tuple[str, ...] | None, emit: EventSink) -> LoadedModel:
    from edgevit.models.outputs import select_output
    from edgevit.weights import load_model

    classes = len(labels) if labels is not None else request.num_classes
    loaded = load_model(request.model, request.weights, classes, request.input_size, seed=request.seed, on_event=emit)
    return select_output(loaded, request.head)


def _fold(model: LoadedModel) -> FoldedModel:
    import torch

    from edgevit.images.photos import photos
    from edgevit.images.preprocess import normalize
    from edgevit.reparam.proof import reparameterize

    preprocessing = model.spec.preprocessing
    pixels = photos()[0].pixels(model.spec.input_size, preprocessing)
    return reparameterize(model, inputs=[torch.from_numpy(normalize(pixels, preprocessing))])


def _adapt(model: FoldedModel, request: BuildSpec) -> AdaptedModel:
    from edgevit.mobile.adapt import adapt

    return adapt(model, head=request.head, skip=request.skip_rewrites)


def _golden(model: LoadedModel, head: Head) -> Mapping[str, object]:
    from edgevit.verification.golden import make_golden

    return make_golden(model.spec, head, _reference(model, head))


def _convert(
    model: AdaptedModel,
    request: BuildSpec,
    labels: tuple[str, ...],
    golden: Mapping[str, object],
    path: Path,
) -> tuple[Artifact, Path | None]:
    """Write the package, and for half precision the float32 twin that proves its graph."""
    from edgevit.backends.base import ConversionRequest
    from edgevit.backends.coreml import convert

    twin = path.with_name("Twin.mlpackage") if request.precision is Precision.FP16 else None
    conversion = ConversionRequest(
        precision=request.precision,
        labels=labels or None,
        ios_min=request.ios_min,
        metadata={_GOLDEN_KEY: json.dumps(golden, sort_keys=True, separators=(",", ":"))},
    )
    return convert(model, conversion, path, twin=twin), twin


def _verify(
    artifact: Artifact, twin: Path | None, labels: tuple[str, ...], loaded: LoadedModel, adapted: AdaptedModel
) -> Verdict:
    """Return the verdict on the written file; it must pass, since what fails is not published."""
    from edgevit.verification.verdict import judge

    verdict = judge(
        artifact,
        spec=adapted.spec,
        head=adapted.head,
        reference=_reference(loaded, adapted.head),
        half_reference=_half_weights(adapted.module) if artifact.precision is Precision.FP16 else None,
        twin=twin,
        labels=labels if adapted.head is Head.PROBABILITIES else None,
    )
    if twin is not None:
        shutil.rmtree(twin)
    if not verdict.passed:
        raise ParityError(
            f"The Core ML package of {adapted.spec.title} does not compute what PyTorch computes.",
            why="\n".join(verdict.failures),
            help="Nothing was published. --precision fp32 avoids half precision; report this if fp32 fails too.",
        )
    return verdict


def _reference(model: LoadedModel, head: Head) -> Callable[[Tensor], Tensor | tuple[Tensor, ...]]:
    """Return the source network, unfolded, as a function of normalized input (1, 3, H, W)."""
    if head is Head.PROBABILITIES:
        return lambda x: model.module(x).softmax(dim=-1)
    return model.module


def _half_weights(module: nn.Module) -> nn.Module:
    """Return a float32 copy of ``module`` whose weights went through half precision, as the package's did."""
    module = copy.deepcopy(module)
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            tensor.data = tensor.data.half().float()
    return module


@dataclass
class _Stages:
    """Times the stages of one build and tells the listener."""

    listener: EventSink | None
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @contextmanager
    def __call__(self, name: str, message: str) -> Iterator[None]:
        self.emit(Event(name, "start", message))
        begin = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begin
        self.emit(Event(name, "end", message, seconds=self.seconds[name]))

    def emit(self, event: Event) -> None:
        if event.kind == "warning":
            self.warnings.append(event.message)
        if self.listener is not None:
            self.listener(event)
